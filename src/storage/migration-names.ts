/** The names of all migrations this release knows, in their order; known without loading them. */

export const MIGRATION_NAMES = [
  '001-registry',
  '002-counted-blocks',
  '003-audit',
  '004-idempotency',
  '005-deliveries',
  '006-retired-keys',
  '007-rate-usage',
] as const;

export type MigrationName = (typeof MIGRATION_NAMES)[number];

/** A table that is there only while a copy fills the database: nobody else uses that until it is whole. */
export const COPY_STATE = 'copy_state';

/** What to do about it. */
export const HALF_COPIED_FIX =
  'Let `jackfield copy` go on, or begin anew with `jackfield copy --replace` or `jackfield restore --replace`.';
