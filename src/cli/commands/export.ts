/** `jackfield export`: the applications of an account as lines of JSON. */

import { resolve } from 'node:path';
import type { Command } from 'commander';
import { requireAccount } from '../../registry/accounts.ts';
import { streamApplications } from '../../storage/application-stream.ts';
import { writeWholeFile } from '../../storage/whole-file.ts';
import { printResult, printText } from '../output.ts';
import { addStoreFlags, openStore, type Store } from '../store.ts';

interface ExportFlags {
  readonly account: string;
  readonly force?: boolean;
}

export function defineExport(command: Command): void {
  addStoreFlags(command)
    .argument(
      '[file]',
      'The file to write, or - for stdout, which then gets nothing but the applications',
      '-',
    )
    .requiredOption('--account <key>', 'The API key of the account')
    .option('--force', 'Take the place of a file that is there')
    .action(async (file: string, { account, force = false }: ExportFlags) => {
      await using store = await openStore(command);
      await requireAccount(store, account);
      if (file === '-') {
        await exportTo(store, account, printText);
        return;
      }
      const path = resolve(file);
      const applications = await writeWholeFile(path, force, (write) =>
        exportTo(store, account, (text) => write(Buffer.from(text))),
      );
      const text = `${applications} applications are in ${path}. What is secret in capabilities is in it too.`;
      await printResult(command, { file: path, applications }, text);
    });
}

/** Answers how many there were. */
async function exportTo(
  { database }: Store,
  account: string,
  write: (text: string) => Promise<void>,
): Promise<number> {
  let count = 0;
  for await (const documents of streamApplications(database, account)) {
    await write(documents.map((document) => `${document}\n`).join(''));
    count += documents.length;
  }
  return count;
}
