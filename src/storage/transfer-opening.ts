/** Opens databases for whole tables to leave them or come into them; each kind is loaded where it is asked for. */

import type { DatabaseConfig } from '../config.ts';
import type { Source, Target } from './transfer.ts';

/**
 * Opens a database to read it as it is; it is not migrated.
 *
 * @throws `storage_unusable` when it is not there, damaged, foreign or newer than this release.
 */
export async function openSource(config: DatabaseConfig): Promise<Source> {
  if (config.kind === 'sqlite') return (await import('./sqlite-source.ts')).openSqliteSource(config.path);
  return (await import('./postgres-source.ts')).openPostgresSource(config);
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
