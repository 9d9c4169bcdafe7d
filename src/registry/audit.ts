/** The audit as it is written, read and verified: who changed what, and whether anybody changed what it says. */

import { findAccounts } from '../storage/accounts.ts';
import {
  type AuditRow,
  expectedHash,
  findAuditedAccount,
  findAuditPage,
  findLastAuditEntry,
  INSTALLATION,
  insertAuditEntry,
} from '../storage/audit.ts';
import type { Database, Write } from '../storage/database.ts';

/** Who makes a change: a request, or somebody at the command line; neither is the server by itself. */
export interface Actor {
  readonly actor: 'api' | 'cli' | 'server';
  /** The id of the request, as its answer and its line in the log have it. */
  readonly requestId?: string;
  /** The user of the operating system. */
  readonly user?: string;
}

/** The actor where nobody is named. */
export const SERVER: Actor = { actor: 'server' };

/** What is recorded of a change; never a secret. */
export interface Change {
  readonly action:
    | 'account.created'
    | 'account.enabled'
    | 'account.disabled'
    | 'account.deleted'
    | 'secret.created'
    | 'secret.revoked'
    | 'signature_secret.created'
    | 'signature_secret.revoked'
    | 'master_key.rotated'
    | 'application.created'
    | 'application.updated'
    | 'application.deleted'
    | 'key.rotated';
  /** The id of what was changed. */
  readonly subject: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The write that records a change; it belongs at the end of the unit that makes it. */
export function recordChange(account: string, at: number, by: Actor, change: Change): Write {
  const { action, subject, details } = change;
  const { actor, user, requestId } = by;
  return insertAuditEntry(
    account,
    at,
    JSON.stringify({ action, subject, actor, user, request_id: requestId, ...details }),
  );
}

/** An entry as it is read. */
export interface AuditEntry {
  readonly account: string;
  readonly sequence: number;
  readonly at: Date;
  /** What was recorded, `action` and `subject` first. */
  readonly entry: Readonly<Record<string, unknown>>;
  readonly hash: string;
}

/** Which entries: the newest `limit` of those since then. */
export interface AuditQuery {
  readonly since: number;
  readonly limit: number;
}

const PAGE_ROWS = 200;

/** The newest entries of an account, oldest first, page by page. */
export async function* readAudit(
  database: Database,
  account: string,
  { since, limit }: AuditQuery,
): AsyncGenerator<AuditEntry> {
  const last = await findLastAuditEntry(database, account);
  const after = Math.max(0, (last?.sequence ?? 0) - limit);
  for await (const row of readRows(database, account, after, since)) yield presentEntry(row);
}

/** The newest entries of all accounts together, in the order of their times; `limit` of them are held in memory. */
export async function readWholeAudit(database: Database, query: AuditQuery): Promise<AuditEntry[]> {
  let newest: AuditEntry[] = [];
  for await (const account of readAccounts(database)) {
    const entries: AuditEntry[] = [];
    for await (const entry of readAudit(database, account, query)) entries.push(entry);
    newest = [...newest, ...entries].sort((a, b) => a.at.getTime() - b.at.getTime()).slice(-query.limit);
  }
  return newest;
}

/** What is found of the chain of an account. */
export interface ChainReport {
  readonly account: string;
  /** The entries that follow from each other, from the first one on. */
  readonly entries: number;
  /** The hash of the last of them; empty when there is none. */
  readonly head: string;
  /** The first entry that does not follow; undefined when all do. */
  readonly brokenAt: number | undefined;
}

/**
 * Walks along the chains, of one account or of all, also of those that are gone.
 *
 * @param onHash hears of each hash that holds.
 */
export async function* verifyAudit(
  database: Database,
  only: string | undefined,
  onHash: (hash: string) => void = () => undefined,
): AsyncGenerator<ChainReport> {
  if (only !== undefined) {
    yield await verifyChain(database, only, onHash);
    return;
  }
  const missing = new Set((await findAccounts(database)).map(({ api_key }) => api_key));
  for await (const account of readAccounts(database)) {
    missing.delete(account);
    yield await verifyChain(database, account, onHash);
  }
  // Every account has its first entry from the transaction in which it was made.
  for (const account of missing) yield { account, entries: 0, head: '', brokenAt: 1 };
}

async function verifyChain(
  database: Database,
  account: string,
  onHash: (hash: string) => void,
): Promise<ChainReport> {
  let entries = 0;
  let head = '';
  for await (const row of readRows(database, account, Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER)) {
    if (row.sequence !== entries + 1 || row.hash !== expectedHash(head, row)) {
      return { account, entries, head, brokenAt: entries + 1 };
    }
    entries += 1;
    head = row.hash;
    onHash(head);
  }
  return { account, entries, head, brokenAt: undefined };
}

async function* readRows(
  database: Database,
  account: string,
  after: number,
  since: number,
): AsyncGenerator<AuditRow> {
  for (let begin = after; ; ) {
    const rows = await findAuditPage(database, { account, after: begin, since, limit: PAGE_ROWS });
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return;
    begin = last.sequence;
  }
}

async function* readAccounts(database: Database): AsyncGenerator<string> {
  if ((await findLastAuditEntry(database, INSTALLATION)) !== undefined) yield INSTALLATION;
  let account = await findAuditedAccount(database, INSTALLATION);
  while (account !== undefined) {
    yield account;
    account = await findAuditedAccount(database, account);
  }
}

function presentEntry({ account, sequence, at, entry, hash }: AuditRow): AuditEntry {
  return { account, sequence, at: new Date(at), entry: JSON.parse(entry), hash };
}
