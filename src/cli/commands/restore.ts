/** `jackfield restore`: a database out of a backup. */

import { resolve } from 'node:path';
import type { Command } from 'commander';
import { restoreBackup } from '../../storage/restore.ts';
import { openTarget } from '../../storage/transfer-opening.ts';
import { printResult } from '../output.ts';
import { composeCounts } from '../row-counts.ts';
import { addStoreFlags, readDatabaseConfig } from '../store.ts';

export function defineRestore(command: Command): void {
  addStoreFlags(command)
    .argument('<file>', 'A file that `jackfield backup` wrote, of a database of either kind')
    .option('--replace', 'Lose what is in the database; without it one that holds accounts is left alone')
    .action(async (file: string, { replace = false }: { replace?: boolean }) => {
      await using target = await openTarget(readDatabaseConfig(command, 'make'));
      const path = resolve(file);
      const { rows, schema, createdAt } = await restoreBackup({ path, target, replace });
      await printResult(
        command,
        { file: path, created_at: createdAt, schema, rows },
        `The database is what it was at ${createdAt}. Its master key is still needed.\n\n${composeCounts(rows)}`,
      );
    });
}
