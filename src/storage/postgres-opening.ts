/** Looks at a PostgreSQL database before it is used, and brings it up to date. */

import { Kysely, PostgresAdapter, PostgresDialect, sql } from 'kysely';
import type { Client, Pool, PoolClient } from 'pg';
import { JackfieldError } from '../errors.ts';
import { migrate, type SchemaWords } from './migrate.ts';
import { COPY_STATE, findGap, GAP_FIX, HALF_COPIED_FIX, MIGRATION_NAMES } from './migration-names.ts';
import { openPool, type PostgresOptions } from './postgres-connection.ts';
import { findMissingRights } from './postgres-rights.ts';
import type { Tables } from './tables.ts';

/** PostgreSQL 14, as the server itself writes it. */
const LEAST_VERSION = 140_000;

/** Whoever holds it migrates; the number only has to be ours alone within the database. */
const MIGRATION_LOCK = 4_020_240_201;

export const sha256: SchemaWords['sha256'] = (text) =>
  sql<string>`encode(sha256(convert_to(${text}, 'UTF8')), 'hex')`;

export const POSTGRES_WORDS: SchemaWords = {
  bytes: sql`bytea`,
  counter: 'bigserial',
  inOrder: false,
  byKeyAlone: sql``,
  sha256,
  appendOnly: (table) => [
    sql`
      create function ${sql.ref(`${table}_only_added_to`)}() returns trigger language plpgsql as
      ${sql.lit(`begin raise exception '${table} is only added to' using errcode = 'restrict_violation'; end`)}`,
    sql`
      create trigger ${sql.ref(`${table}_only_added_to`)} before update or delete or truncate on ${sql.table(table)}
      for each statement execute function ${sql.ref(`${table}_only_added_to`)}()`,
  ],
  notAppendOnly: (table) => [
    sql`drop trigger if exists ${sql.ref(`${table}_only_added_to`)} on ${sql.table(table)}`,
    sql`drop function if exists ${sql.ref(`${table}_only_added_to`)}()`,
  ],
};

/** What queries can be made on: a pool or one connection. */
type Queryable = Pick<Client, 'query'>;

/**
 * Brings the tables up to date; processes that start at once take turns.
 *
 * @throws `storage_unusable` with what is wrong and what to do.
 */
export async function preparePostgres(options: PostgresOptions): Promise<void> {
  const pool = openPool({ ...options, poolSize: 1, statementTimeoutMs: 10 * 60_000 });
  try {
    await assertVersion(pool);
    await assertEncoding(pool);
    if ((await findApplied(pool)).length < MIGRATION_NAMES.length) {
      await assertMayCreate(pool);
      await migrateUnderLock(pool);
    }
    await assertMayUse(pool);
  } catch (error) {
    throw explainPostgres(error);
  } finally {
    await pool.end();
  }
}

/** @throws `storage_unusable` when the server is too old. */
export async function assertVersion(pool: Queryable): Promise<void> {
  const { rows } = await pool.query<{ number: string; version: string }>(
    "select current_setting('server_version_num') as number, current_setting('server_version') as version",
  );
  const { number = '0', version = '' } = rows[0] ?? {};
  if (Number(number) >= LEAST_VERSION) return;
  throw unusable(`The database is PostgreSQL ${version}, and 14 is the oldest that will do`, {
    fix: 'Upgrade it, or name another one in JACKFIELD_DATABASE_URL.',
  });
}

/**
 * In another encoding not every text that is accepted could be written. What is there already may be read all the same.
 *
 * @throws `storage_unusable` when the database has another encoding.
 */
export async function assertEncoding(pool: Queryable): Promise<void> {
  const { rows } = await pool.query<{ encoding: string }>(
    "select current_setting('server_encoding') as encoding",
  );
  const { encoding = 'unknown' } = rows[0] ?? {};
  if (encoding === 'UTF8') return;
  throw unusable(`The database has the encoding ${encoding}, and only UTF8 will do`, {
    fix: 'Create one with `createdb --encoding=UTF8 --template=template0`, and name it in JACKFIELD_DATABASE_URL; `jackfield copy` brings over what is in this one.',
  });
}

/**
 * The migrations that a database has had, in their order.
 *
 * @param halfCopied whether a database that a copy has not filled yet will do.
 * @throws `storage_unusable` when one of them is of a newer release.
 */
export async function findApplied(
  pool: Queryable,
  halfCopied: 'refuse' | 'allow' = 'refuse',
): Promise<string[]> {
  const { rows } = await pool.query<{ there: boolean; half: boolean }>(
    `select to_regclass('migrations') is not null as there, to_regclass('${COPY_STATE}') is not null as half`,
  );
  if (!rows[0]?.there) return [];
  if (rows[0].half && halfCopied === 'refuse') {
    throw unusable('The database is half filled by a copy that has not ended', { fix: HALF_COPIED_FIX });
  }
  const found = await pool.query<{ name: string }>('select name from migrations order by name');
  const applied = found.rows.map(({ name }) => name);
  const newer = applied.find((name) => !(MIGRATION_NAMES as readonly string[]).includes(name));
  if (newer !== undefined) {
    throw unusable(`The database was written by a newer release (it holds the migration ${newer})`, {
      fix: 'Run the release that wrote it, or name another one in JACKFIELD_DATABASE_URL.',
    });
  }
  const gap = findGap(applied, MIGRATION_NAMES);
  if (gap === undefined) return applied;
  throw unusable(`The database lacks the migration ${gap} beneath later ones`, { fix: GAP_FIX });
}

/** Asked for before: what a migration would say of it is lost behind the transaction that it breaks. */
export async function assertMayCreate(pool: Queryable): Promise<void> {
  const { rows } = await pool.query<{ schema: string | null; allowed: boolean | null }>(
    "select current_schema() as schema, has_schema_privilege(current_schema(), 'create') as allowed",
  );
  const { schema, allowed } = rows[0] ?? {};
  if (allowed) return;
  throw unusable(
    `This user may create no tables in ${schema ? `the schema ${schema}` : 'any schema'}: permission denied`,
    {
      fix: 'Grant this user CREATE on the schema and all rights on its tables.',
    },
  );
}

/** Asked for at the start, so that nobody finds out by a request that fails. */
async function assertMayUse(pool: Pool): Promise<void> {
  const missing = await findMissingRights(pool);
  if (missing.length === 0) return;
  throw unusable(`This user lacks rights on the tables: ${missing.join('; ')}`, { fix: GRANT_USE });
}

/**
 * The migrations that a database has had, looked at from outside.
 *
 * @throws `storage_unusable`.
 */
export async function readPostgresMigrations(options: PostgresOptions): Promise<string[]> {
  const pool = openPool({ ...options, poolSize: 1 });
  try {
    await assertVersion(pool);
    return await findApplied(pool);
  } catch (error) {
    throw explainPostgres(error);
  } finally {
    await pool.end();
  }
}

async function migrateUnderLock(pool: Pool): Promise<void> {
  const db = new Kysely<Tables>({ dialect: new MigrationDialect({ pool }) });
  await db.transaction().execute(async (transaction) => {
    // Held until the transaction ends, also behind a pooler, which gives locks of sessions to everybody.
    await takeMigrationLock(transaction);
    await migrate(transaction, POSTGRES_WORDS);
  });
}

/** Waits until nobody else changes the tables, until the end of the transaction. */
export async function takeMigrationLock(transaction: Kysely<Tables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(transaction);
}

/** A query builder that runs what it builds on one connection, which stays open behind it. */
export function createPostgresKysely(client: Client): Kysely<Tables> {
  const borrowed = { query: client.query.bind(client), release: () => undefined } as unknown as PoolClient;
  const pool = { options: {}, connect: async () => borrowed, end: async () => undefined };
  return new Kysely<Tables>({ dialect: new MigrationDialect({ pool }) });
}

class MigrationDialect extends PostgresDialect {
  override createAdapter(): PostgresAdapter {
    return new UnlockedAdapter();
  }
}

/** The lock is taken before, for the transaction; the adapter's own is one of the session. */
class UnlockedAdapter extends PostgresAdapter {
  override acquireMigrationLock(): Promise<void> {
    return Promise.resolve();
  }

  override releaseMigrationLock(): Promise<void> {
    return Promise.resolve();
  }
}

const GRANT_USE =
  'Grant this user SELECT, INSERT, UPDATE and DELETE on the tables of Jackfield, and USAGE on its sequences.';

const LET_OWNER_MIGRATE =
  'Start this release once as the user who owns the tables, so that it brings them up to date, or make this user their owner.';

const FIXES: ReadonlyMap<string, string> = new Map([
  // What PgBouncer says of a parameter at the start that it cannot keep for one client.
  ['08P01', 'Set JACKFIELD_DATABASE_POOLER=on if a pooler stands in between.'],
  ['28P01', 'Correct user and password in JACKFIELD_DATABASE_URL.'],
  ['28000', 'Let this user in (pg_hba.conf), or name another one in JACKFIELD_DATABASE_URL.'],
  ['3D000', 'Create the database (`createdb`), or name another one in JACKFIELD_DATABASE_URL.'],
  ['42501', 'Grant this user CREATE on the schema and all rights on its tables.'],
  ['42P07', 'Give Jackfield a database or schema of its own in JACKFIELD_DATABASE_URL.'],
  ['53300', 'Let the server take more connections, or set JACKFIELD_DATABASE_POOL_SIZE lower.'],
  ['ENOTFOUND', 'Correct the host in JACKFIELD_DATABASE_URL.'],
  ['EAI_AGAIN', 'Correct the host in JACKFIELD_DATABASE_URL, or see why names cannot be resolved now.'],
  ['ECONNREFUSED', 'Start the database server, or correct host and port in JACKFIELD_DATABASE_URL.'],
]);

/** What the driver says, in words that say what to do; an error of ours as it is. */
export function explainPostgres(cause: unknown): JackfieldError {
  if (cause instanceof JackfieldError) return cause;
  const error = cause as Error & { code?: string };
  const fix =
    (isForOwner(error) ? LET_OWNER_MIGRATE : FIXES.get(error.code ?? '')) ??
    'Look at the database server and at JACKFIELD_DATABASE_URL.';
  const reason = error.message || error.code || 'it does not answer';
  return unusable(`The PostgreSQL database cannot be used: ${reason}`, { fix, cause: error });
}

/** Rights on a table are not enough to change it. */
function isForOwner({ code, message }: Error & { code?: string }): boolean {
  return code === '42501' && message.startsWith('must be owner');
}

function unusable(message: string, details: { fix: string; cause?: unknown }): JackfieldError {
  return new JackfieldError('storage_unusable', message, details);
}
