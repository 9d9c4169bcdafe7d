/** The steps of filling a database that are the same on both. */

import { type Kysely, sql } from 'kysely';
import { JackfieldError } from '../errors.ts';
import { createCopyState } from './copy-state.ts';
import type { MaybePromise } from './database.ts';
import { migrate, type SchemaWords } from './migrate.ts';
import { MIGRATION_NAMES } from './migration-names.ts';
import { findTableNames, readShapes, type TableShape } from './table-shapes.ts';
import type { Tables } from './tables.ts';
import type { Loading, Row } from './transfer.ts';
import { isAppendOnly, isContent } from './transfer-tables.ts';

/** Inserts rows of a copy under way and notes the last of them, and how many there are with them. */
export async function appendRows(
  parts: LoadingParts,
  table: TableShape,
  rows: readonly Row[],
  total: number,
): Promise<void> {
  await parts.insert(table, rows);
  const last = rows.at(-1);
  if (last !== undefined) await createCopyState(parts.db).note(table, last, total);
}

/** What is done differently on each database. */
export interface LoadingParts {
  /** The transaction in which all of it happens. */
  readonly db: Kysely<Tables>;
  readonly words: SchemaWords;
  insert(table: TableShape, rows: readonly Row[]): MaybePromise<void>;
  /** Drops what migrations make besides tables. */
  dropRest(): MaybePromise<void>;
  /** Sets what numbers rows by itself behind the rows there are, and tells other processes. */
  settle(): MaybePromise<void>;
}

/** Puts the steps together. */
export function createLoading(parts: LoadingParts): Loading {
  const { db, words } = parts;
  let seen = 0;
  const copy = createCopyState(db);
  return {
    findCopy: () => copy.find(),
    beginCopy: (source) => copy.begin({ source, revision: seen }),
    isEmpty: () => isEmpty(db),
    reset: async (schema) => {
      await assertOurs(db);
      seen = await findHighestRevision(db);
      await copy.end();
      const isThere = isLatest(schema) && isLatest((await findApplied(db)).at(-1));
      if (!isThere) {
        await dropTables(parts);
        await migrate(db, words, schema);
      }
      // Also what migrations put in.
      for (const name of (await findOurTables(db)).reverse()) await emptyTable(parts, name);
      return readShapes(db as unknown as Kysely<never>);
    },
    insert: (table, rows) => parts.insert(table, rows),
    finish: async () => {
      await migrate(db, words);
      seen = Math.max(seen, (await copy.find())?.revision ?? 0);
      await copy.end();
      // Higher than either database ever had it: whatever a server remembers is then of no revision any more.
      const above = sql.lit(seen);
      await sql`
        update revisions set value = case when value > ${above} then value else ${above} end + 1`.execute(db);
      await parts.settle();
    },
  };
}

async function emptyTable({ db, words }: LoadingParts, name: string): Promise<void> {
  const guarded = isAppendOnly(name);
  if (guarded) for (const lift of words.notAppendOnly(name)) await lift.execute(db);
  await db.deleteFrom(name as keyof Tables).execute();
  if (guarded) for (const guard of words.appendOnly(name)) await guard.execute(db);
}

function isLatest(schema: string | undefined): boolean {
  return schema === MIGRATION_NAMES.at(-1);
}

async function findNames(db: Kysely<Tables>): Promise<string[]> {
  return findTableNames(db as unknown as Kysely<never>);
}

/** Our tables apart from those of the migrations, parents first. */
export async function findOurTables(db: Kysely<Tables>): Promise<string[]> {
  return (await findNames(db)).filter((name) => !name.startsWith('migrations'));
}

async function findApplied(db: Kysely<Tables>): Promise<string[]> {
  if (!(await findNames(db)).includes('migrations')) return [];
  const { rows } = await sql<{ name: string }>`select name from migrations order by name`.execute(db);
  return rows.map(({ name }) => name);
}

async function findHighestRevision(db: Kysely<Tables>): Promise<number> {
  if (!(await findNames(db)).includes('revisions')) return 0;
  const { rows } = await sql<{ value: number | null }>`select max(value) as value from revisions`.execute(db);
  return Number(rows[0]?.value ?? 0);
}

async function isEmpty(db: Kysely<Tables>): Promise<boolean> {
  for (const name of (await findNames(db)).filter(isContent)) {
    const { rows } = await sql`select 1 from ${sql.table(name)} limit 1`.execute(db);
    if (rows.length > 0) return false;
  }
  return true;
}

/** Nobody else's tables are dropped for being called like ours. */
async function assertOurs(db: Kysely<Tables>): Promise<void> {
  const names = await findNames(db);
  if (names.length === 0 || names.includes('migrations')) return;
  throw new JackfieldError(
    'storage_unusable',
    `The database holds tables that are not ours (${names.join(', ')})`,
    {
      fix: 'Give Jackfield a database or schema of its own.',
    },
  );
}

async function dropTables({ db, dropRest }: LoadingParts): Promise<void> {
  for (const name of (await findNames(db)).reverse()) await db.schema.dropTable(name).execute();
  await dropRest();
}
