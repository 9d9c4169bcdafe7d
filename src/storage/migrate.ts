/** The migrations, and how a database is brought up to date. */

import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { MigrationName } from './migration-names.ts';
import * as registry from './migrations/001-registry.ts';
import type { Tables } from './tables.ts';

const MIGRATIONS: Readonly<Record<MigrationName, Migration>> = { '001-registry': registry };

/**
 * Runs what has not been run yet, in one transaction; two processes may start at once.
 *
 * @throws the database's error; nothing is half done then.
 */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => MIGRATIONS },
    migrationTableName: 'migrations',
    migrationLockTableName: 'migrations_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
