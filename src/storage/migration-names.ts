/** The names of all migrations this release knows, in their order; known without loading them. */

export const MIGRATION_NAMES = [
  '001-registry',
  '002-counted-blocks',
  '003-audit',
  '006-retired-keys',
  '007-rate-usage',
] as const;

export type MigrationName = (typeof MIGRATION_NAMES)[number];
