/** `jackfield audit`: what was changed by whom, and whether that record is as it was written. */

import type { Command } from 'commander';
import {
  type AuditEntry,
  type AuditQuery,
  type ChainReport,
  readAudit,
  readWholeAudit,
  verifyAudit,
} from '../../registry/audit.ts';
import type { Database } from '../../storage/database.ts';
import { CliError } from '../errors.ts';
import { composeTable, printResult, printText, wantsJson } from '../output.ts';
import { addStoreFlags, openStore } from '../store.ts';

/** Entries of all accounts together are sorted in memory. */
const MOST_OF_ALL = 10_000;

/** Entries that are there, or come page by page. */
type Entries = AsyncIterable<AuditEntry> | readonly AuditEntry[];

/** How an account is named that stands for the installation. */
const NO_ACCOUNT = '-';

export function defineAudit(audit: Command): void {
  defineList(audit.command('list').description('List changes, the newest last, without secrets.'));
  defineVerify(
    audit
      .command('verify')
      .description('Verify that nothing of the record was changed, moved or taken out of its midst.'),
  );
}

interface ListOptions {
  readonly account?: string;
  readonly since?: string;
  readonly limit: string;
}

function defineList(command: Command): void {
  addStoreFlags(command)
    .option('--account <key>', 'Only changes of this account, also when it is gone; - for those of none')
    .option('--since <time>', 'Only changes of this time or later, such as 2026-01-31 or 2026-01-31T10:00Z')
    .option('--limit <number>', 'The newest so many of those of the account, or of all', '100')
    .action(async ({ account, since, limit }: ListOptions) => {
      const query = { since: parseTime(since), limit: parseLimit(limit, account) };
      await using store = await openStore(command);
      const entries = await findEntries(store.database, account, query);
      await (wantsJson(command) ? printJson(entries) : printLines(entries));
    });
}

interface VerifyOptions {
  readonly account?: string;
  readonly expectHead: readonly string[];
}

function defineVerify(command: Command): void {
  addStoreFlags(command)
    .option('--account <key>', 'Only the record of this account, also when it is gone; - for that of none')
    .option(
      '--expect-head <hash...>',
      'Heads that were noted earlier and must still be there; only they tell of entries taken off the end',
      [],
    )
    .action(async ({ account, expectHead }: VerifyOptions) => {
      await using store = await openStore(command);
      const missing = new Set(expectHead.map((hash) => hash.toLowerCase()));
      const reports: ChainReport[] = [];
      for await (const report of verifyAudit(store.database, accountOf(account), (hash) =>
        missing.delete(hash),
      )) {
        reports.push(report);
      }
      await printResult(command, reports.map(presentReport), composeReports(reports));
      assertWhole(reports, missing);
    });
}

/** @throws `audit_broken` with the first entry that does not hold. */
function assertWhole(reports: readonly ChainReport[], missing: ReadonlySet<string>): void {
  const broken = reports.filter(({ brokenAt }) => brokenAt !== undefined);
  const [first] = broken;
  if (first !== undefined) {
    const more = broken.length > 1 ? `, and ${broken.length - 1} more accounts have such an entry` : '';
    throw new CliError(
      'audit_broken',
      `Entry ${first.brokenAt} of account ${first.account || NO_ACCOUNT} is not what was written there${more}`,
    );
  }
  const [lost] = missing;
  if (lost === undefined) return;
  throw new CliError(
    'audit_broken',
    `No entry has the hash ${lost}: entries were taken off the end, or it is of another account or database`,
  );
}

function findEntries(
  database: Database,
  account: string | undefined,
  query: AuditQuery,
): Entries | Promise<Entries> {
  if (account === undefined) return readWholeAudit(database, query);
  return readAudit(database, accountOf(account) ?? '', query);
}

function accountOf(text: string | undefined): string | undefined {
  return text === NO_ACCOUNT ? '' : text;
}

/** One JSON array, written entry by entry. */
async function printJson(entries: Entries): Promise<void> {
  let separator = '[';
  for await (const { account, sequence, at, entry, hash } of entries) {
    const value = { account, sequence, at: at.toISOString(), ...entry, hash };
    await printText(`${separator}${JSON.stringify(value)}`);
    separator = ',\n';
  }
  await printText(separator === '[' ? '[]\n' : ']\n');
}

async function printLines(entries: Entries): Promise<void> {
  let isEmpty = true;
  for await (const { account, sequence, at, entry } of entries) {
    isEmpty = false;
    const { action, subject, actor = '', user, request_id, ...details } = entry;
    const who = user ?? request_id;
    const by = who === undefined ? `${actor}` : `${actor}:${who}`;
    const rest = Object.keys(details).length === 0 ? '' : `  ${JSON.stringify(details)}`;
    await printText(
      `${at.toISOString()}  ${account || NO_ACCOUNT}  ${sequence}  ${action}  ${subject}  ${by}${rest}\n`,
    );
  }
  if (isEmpty) await printText('There are no entries.\n');
}

function presentReport({ account, entries, head, brokenAt }: ChainReport) {
  return { account, entries, head, broken_at: brokenAt ?? null };
}

function composeReports(reports: readonly ChainReport[]): string {
  const rows = reports.map(({ account, entries, head, brokenAt }) => [
    account || NO_ACCOUNT,
    brokenAt === undefined ? 'whole' : `broken at ${brokenAt}`,
    String(entries),
    head,
  ]);
  return composeTable(['ACCOUNT', 'STATE', 'ENTRIES', 'HEAD'], rows, 'There are no entries.');
}

function parseTime(text: string | undefined): number {
  const time = text === undefined ? 0 : Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new CliError(
    'usage',
    `--since takes a time, not ${JSON.stringify(text)}`,
    'Write it as 2026-01-31T10:00Z.',
  );
}

function parseLimit(text: string, account: string | undefined): number {
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit === 0) {
    throw new CliError('usage', `--limit takes a number from 1 on, not ${JSON.stringify(text)}`);
  }
  if (account !== undefined || limit <= MOST_OF_ALL) return limit;
  throw new CliError(
    'usage',
    `--limit is at most ${MOST_OF_ALL} for all accounts together`,
    'Name an account with --account; its entries may be any number.',
  );
}
