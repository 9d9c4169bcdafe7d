/** `jackfield migrate`: the tables of a database as this release needs them. */

import type { Command } from 'commander';
import type { DatabaseConfig } from '../../config.ts';
import { openDatabase } from '../../context.ts';
import { MIGRATION_NAMES } from '../../storage/migration-names.ts';
import { readMigrations } from '../../storage/transfer-opening.ts';
import { CliError } from '../errors.ts';
import { composePairs, printResult } from '../output.ts';
import { addStoreFlags, readDatabaseConfig } from '../store.ts';

export function defineMigrate(command: Command): void {
  addStoreFlags(command)
    .option('--status', 'Touch nothing, print what was run and what is due; exit code 13 when something is')
    .action(async ({ status = false }: { status?: boolean }) => {
      const config = readDatabaseConfig(command, status ? 'keep' : 'make');
      const run = await readMigrations(config);
      const due = MIGRATION_NAMES.filter((name) => !run.includes(name));
      await (status ? printStatus(command, run, due) : migrate(command, config, due));
    });
}

async function printStatus(command: Command, run: readonly string[], due: readonly string[]): Promise<void> {
  const lines = MIGRATION_NAMES.map(
    (name) => [name, due.some((one) => one === name) ? 'due' : 'run'] as const,
  );
  await printResult(command, { run, due }, composePairs(lines));
  if (due.length > 0)
    throw new CliError('migrations_due', `${due.length} of ${MIGRATION_NAMES.length} are due`);
}

async function migrate(command: Command, config: DatabaseConfig, due: readonly string[]): Promise<void> {
  await (await openDatabase(config, 'inline')).close();
  const text =
    due.length === 0 ? 'The database is up to date.' : `The database is up to date: ${due.join(', ')}.`;
  await printResult(command, { run: MIGRATION_NAMES, ran: due }, text);
}
