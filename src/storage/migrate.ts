/** The migrations, and how a database is brought up to date. */

import type { Kysely, RawBuilder } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { MigrationName } from './migration-names.ts';
import * as registry from './migrations/001-registry.ts';
import * as blocks from './migrations/002-counted-blocks.ts';
import * as audit from './migrations/003-audit.ts';
import * as idempotency from './migrations/004-idempotency.ts';
import * as deliveries from './migrations/005-deliveries.ts';
import * as retiredKeys from './migrations/006-retired-keys.ts';
import * as rateUsage from './migrations/007-rate-usage.ts';
import * as registryRevision from './migrations/008-registry-revision.ts';
import type { Words } from './statement.ts';
import type { Tables } from './tables.ts';

/** What migrations say differently on different databases. */
export interface SchemaWords {
  readonly bytes: RawBuilder<unknown>;
  /** The type of a column that numbers the rows of a table by itself. */
  readonly counter: 'integer' | 'bigserial';
  /** The rows of `applications` are kept in the order of their positions; elsewhere by account and id. */
  readonly inOrder: boolean;
  /** Put behind a table that is only ever asked for by its whole key. */
  readonly byKeyAlone: RawBuilder<unknown>;
  /** As statements of the same database have it. */
  readonly sha256: Words['sha256'];
  /** The statements that let a table take rows, and never change or lose one. */
  appendOnly(table: string): readonly RawBuilder<unknown>[];
  /** Those that take this back, for a table that is filled anew as a whole. */
  notAppendOnly(table: string): readonly RawBuilder<unknown>[];
}

interface SpokenMigration {
  up(db: Kysely<unknown>, words: SchemaWords): Promise<void>;
}

const MIGRATIONS: Readonly<Record<MigrationName, SpokenMigration>> = {
  '001-registry': registry,
  '002-counted-blocks': blocks,
  '003-audit': audit,
  '004-idempotency': idempotency,
  '005-deliveries': deliveries,
  '006-retired-keys': retiredKeys,
  '007-rate-usage': rateUsage,
  '008-registry-revision': registryRevision,
};

/**
 * Runs what has not been run yet, in one transaction; two processes may start at once.
 *
 * @param upTo the last migration to be run; without it all are.
 * @throws the database's error; nothing is half done then.
 */
export async function migrate(db: Kysely<Tables>, words: SchemaWords, upTo?: string): Promise<void> {
  const spoken = Object.entries(MIGRATIONS).map(([name, { up }]): [string, Migration] => [
    name,
    { up: (to) => up(to, words) },
  ]);
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => Object.fromEntries(spoken) },
    migrationTableName: 'migrations',
    migrationLockTableName: 'migrations_lock',
  });
  const { error } = await (upTo === undefined ? migrator.migrateToLatest() : migrator.migrateTo(upTo));
  if (error !== undefined) throw error;
}
