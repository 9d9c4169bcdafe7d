/** `jackfield backup`: a database in one file. */

import { resolve } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../../clock.ts';
import { writeBackup } from '../../storage/backup-writing.ts';
import { openSource } from '../../storage/transfer-opening.ts';
import { printResult } from '../output.ts';
import { composeCounts } from '../row-counts.ts';
import { addStoreFlags, readDatabaseConfig } from '../store.ts';
import { readVersion } from '../version.ts';

export function defineBackup(command: Command): void {
  addStoreFlags(command)
    .argument('<file>', 'The file to write; it is there when it is whole, or not at all')
    .option('--force', 'Take the place of a file that is there')
    .action(async (file: string, { force = false }: { force?: boolean }) => {
      await using source = await openSource(readDatabaseConfig(command, 'refuse'));
      const path = resolve(file);
      const createdAt = new Date(systemClock.now());
      const written = await writeBackup({ source, path, force, createdAt, release: readVersion() });
      await printResult(
        command,
        { file: path, ...written, created_at: createdAt.toISOString() },
        `${path} is written (${written.bytes} bytes). Keep it as safe as the database; the master key is not in it.\n\n${composeCounts(written.rows)}`,
      );
    });
}
