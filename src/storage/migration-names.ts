/** The names of all migrations this release knows, in their order; known without loading them. */

export const MIGRATION_NAMES = [
  '001-registry',
  '002-counted-blocks',
  '003-audit',
  '004-idempotency',
  '005-deliveries',
  '006-retired-keys',
  '007-rate-usage',
  '008-registry-revision',
] as const;

export type MigrationName = (typeof MIGRATION_NAMES)[number];

/** The first migration that a database has not had although it has had later ones; they only ever run in their order. */
export function findGap(applied: readonly string[], known: readonly string[]): string | undefined {
  return known.slice(0, applied.length).find((name) => !applied.includes(name));
}

/** What to do about it. */
export const GAP_FIX = 'Restore it from a backup, or name another one in JACKFIELD_DATABASE_URL.';

/** A table that is there only while a copy fills the database: nobody else uses that until it is whole. */
export const COPY_STATE = 'copy_state';

/** What to do about it. */
export const HALF_COPIED_FIX =
  'Let `jackfield copy` go on, or begin anew with `jackfield copy --replace` or `jackfield restore --replace`.';
