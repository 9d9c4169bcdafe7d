/** `jackfield import`: applications from a file or from another server, with the ids they have there. */

import { createReadStream } from 'node:fs';
import { type Command, Option } from 'commander';
import { readImportSecret } from '../../config.ts';
import { requireAccount } from '../../registry/accounts.ts';
import {
  type ImportItem,
  type ImportOutcome,
  importApplications,
  type OnConflict,
} from '../../registry/application-import.ts';
import { splitLines } from '../../storage/lines.ts';
import { CliError } from '../errors.ts';
import { composePairs, printResult, wantsJson } from '../output.ts';
import { openProgressLine } from '../progress-line.ts';
import { readRemoteApplications } from '../remote-applications.ts';
import { readSecret } from '../secret-file.ts';
import { addStoreFlags, openStore } from '../store.ts';

interface ImportFlags {
  readonly account: string;
  readonly onConflict: OnConflict;
  readonly fromApi?: string;
  readonly apiKey?: string;
  readonly apiSecretFile?: string;
}

/** Twice what the API takes as a body. */
const MAX_LINE_CHARACTERS = 524_288;

export function defineImport(command: Command): void {
  addStoreFlags(command)
    .argument('[file]', 'A file that `jackfield export` wrote, or - for stdin')
    .requiredOption('--account <key>', 'The API key of the account that gets them')
    .addOption(
      new Option('--on-conflict <what>', 'What becomes of an application whose id is there already')
        .choices(['error', 'skip', 'replace'])
        .default('error'),
    )
    .option('--from-api <url>', 'Read them from this server instead, such as https://api.example.com')
    .option('--api-key <key>', 'The API key there')
    .option(
      '--api-secret-file <file>',
      'A file with the API secret there, or - for stdin [JACKFIELD_IMPORT_API_SECRET, JACKFIELD_IMPORT_API_SECRET_FILE]',
    )
    .action(async (file: string | undefined, flags: ImportFlags) => {
      const items = await openItems(file, flags);
      const { account, onConflict } = flags;
      await using store = await openStore(command, 'thread');
      await requireAccount(store, account);
      using line = openProgressLine(wantsJson(command) ? undefined : process.stderr);
      const options = { ...store, account, onConflict };
      const onProgress = (done: number) => line.show('applications', done);
      const outcome = await importApplications({ ...options, onProgress }, items);
      line.clear();
      await printResult(command, { api_key: account, ...outcome }, composeOutcome(outcome));
    });
}

async function openItems(file: string | undefined, flags: ImportFlags): Promise<AsyncIterable<ImportItem>> {
  const { fromApi, apiKey, apiSecretFile } = flags;
  if ((file === undefined) === (fromApi === undefined)) {
    throw new CliError('usage', 'Exactly one of a file and --from-api is needed', 'Name one of the two.');
  }
  if (file !== undefined) return readItems(file);
  const apiSecret = (await readSecret('--api-secret-file', apiSecretFile)) ?? readImportSecret();
  if (apiKey === undefined || apiSecret === undefined) {
    throw new CliError(
      'usage',
      'The credentials of the other server are missing',
      'Give --api-key, and the secret by --api-secret-file or JACKFIELD_IMPORT_API_SECRET.',
    );
  }
  return readRemoteApplications({ url: fromApi ?? '', apiKey, apiSecret });
}

/** Each line that is not empty. */
async function* readItems(file: string): AsyncIterable<ImportItem> {
  const stream = file === '-' ? process.stdin : createReadStream(file);
  let number = 0;
  try {
    for await (const text of splitLines(stream, MAX_LINE_CHARACTERS)) {
      number += 1;
      if (text.trim() !== '') yield { place: `line ${number}`, text };
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CliError('import_invalid', `Line ${number + 1} of ${file} is too long for an application`);
  }
}

function composeOutcome({ created, replaced, skipped }: ImportOutcome): string {
  return composePairs([
    ['created', String(created)],
    ['replaced', String(replaced)],
    ['skipped', String(skipped)],
  ]);
}
