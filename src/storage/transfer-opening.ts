/** Opens databases for whole tables to leave them or come into them; each kind is loaded where it is asked for. */

import type { DatabaseConfig } from '../config.ts';
import { MIGRATION_NAMES } from './migration-names.ts';
import type { Source, Target } from './transfer.ts';

/**
 * Opens a database to read it as it is; it is not migrated.
 *
 * @param halfCopied whether one that a copy has not filled yet will do.
 * @throws `storage_unusable` when it is not there, damaged, foreign or newer than this release.
 */
export async function openSource(
  config: DatabaseConfig,
  halfCopied: 'refuse' | 'allow' = 'refuse',
): Promise<Source> {
  if (config.kind === 'sqlite')
    return (await import('./sqlite-source.ts')).openSqliteSource(config.path, halfCopied);
  return (await import('./postgres-source.ts')).openPostgresSource(config, halfCopied);
}

/**
 * Opens a database to fill it; a SQLite file that is not there is made.
 *
 * @throws `storage_unusable` when it cannot be written, is damaged, foreign or newer than this release.
 */
export async function openTarget(config: DatabaseConfig): Promise<Target> {
  if (config.kind === 'sqlite') return (await import('./sqlite-target.ts')).openSqliteTarget(config.path);
  return (await import('./postgres-target.ts')).openPostgresTarget(config);
}

/**
 * The migrations that a database has had, in their order; nothing is made or changed by looking.
 *
 * @throws `storage_unusable` when it is damaged, foreign or newer than this release.
 */
export async function readMigrations(config: DatabaseConfig): Promise<string[]> {
  if (config.kind === 'postgres') {
    return (await import('./postgres-opening.ts')).readPostgresMigrations(config);
  }
  const { findAppliedToFile } = await import('./sqlite-inspect.ts');
  return findAppliedToFile(config.path, MIGRATION_NAMES);
}
