/** Fills a PostgreSQL database in one transaction: whoever reads meanwhile sees what was there before. */

import { once } from 'node:events';
import { sql } from 'kysely';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { connectForTransfer, type PostgresOptions } from './postgres-connection.ts';
import { writeCopyText } from './postgres-copy-text.ts';
import {
  assertEncoding,
  assertMayCreate,
  assertVersion,
  createPostgresKysely,
  explainPostgres,
  findApplied,
  POSTGRES_WORDS,
  takeMigrationLock,
} from './postgres-opening.ts';
import { CHANNEL } from './postgres-revision.ts';
import type { Row, TableShape, Target } from './transfer.ts';
import { appendRows, createLoading, findOurTables, type LoadingParts } from './transfer-loading.ts';

/** @throws `storage_unusable`. */
export async function openPostgresTarget(options: PostgresOptions): Promise<Target> {
  let client: Client | undefined;
  try {
    client = await connectForTransfer(options);
    await assertVersion(client);
    await assertEncoding(client);
    await findApplied(client, 'allow');
    await assertMayCreate(client);
    return presentTarget(client);
  } catch (error) {
    await client?.end().catch(() => undefined);
    throw explainPostgres(error);
  }
}

function presentTarget(client: Client): Target {
  const kysely = createPostgresKysely(client);
  const transact = async <T>(work: (parts: LoadingParts) => Promise<T>): Promise<T> => {
    try {
      return await kysely.transaction().execute(async (db) => {
        await sql`set local statement_timeout = 0`.execute(db);
        await sql`set local idle_in_transaction_session_timeout = 0`.execute(db);
        return work(createParts(client, db));
      });
    } catch (error) {
      throw isOfDatabase(error) ? explainPostgres(error) : error;
    }
  };
  return {
    kind: 'postgres',
    transact: (work) =>
      transact(async (parts) => {
        await takeMigrationLock(parts.db);
        await lockTables(parts.db);
        return work(createLoading(parts));
      }),
    append: (table, rows, total) => transact((parts) => appendRows(parts, table, rows, total)),
    [Symbol.asyncDispose]: () => client.end().catch(() => undefined),
  };
}

function createParts(client: Client, db: LoadingParts['db']): LoadingParts {
  return {
    db,
    words: POSTGRES_WORDS,
    insert: (table, rows) => insertRows(client, table, rows),
    dropRest: async () => {
      await sql`drop sequence if exists account_numbers`.execute(db);
      await sql`drop function if exists audit_only_added_to()`.execute(db);
    },
    settle: async () => {
      await sql`
        select setval('account_numbers', coalesce(max(number), 0) + 1, false) from accounts`.execute(db);
      await sql`notify ${sql.raw(CHANNEL)}`.execute(db);
    },
  };
}

/** Nobody writes meanwhile, not even a new account; whoever reads goes on. */
async function lockTables(db: LoadingParts['db']): Promise<void> {
  for (const name of await findOurTables(db)) {
    await sql`lock table ${sql.table(name)} in exclusive mode`.execute(db);
  }
}

async function insertRows(client: Client, table: TableShape, rows: readonly Row[]): Promise<void> {
  const names = table.columns.map(({ name }) => client.escapeIdentifier(name)).join(', ');
  const stream = client.query(copyFrom(`copy ${client.escapeIdentifier(table.name)} (${names}) from stdin`));
  stream.end(writeCopyText(table.columns, rows));
  await once(stream, 'finish');
}

function isOfDatabase(error: unknown): boolean {
  return error instanceof Error && 'severity' in error;
}
