/** A database that outlives the servers on it, looked at past them. */

import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { openFolder } from '../folder.ts';
import { createTestDatabase } from '../postgres.ts';

/** Which database it is. */
export type StoreKind = 'sqlite' | 'postgres';

/** Rows by the names of their columns. */
type Rows = readonly Readonly<Record<string, unknown>>[];

/** An empty database of a test's own. */
export interface Store extends AsyncDisposable {
  readonly kind: StoreKind;
  readonly url: string;
  /** Runs a query in words that both databases know. */
  query(text: string): Promise<Rows>;
  /** What works for servers right now, besides themselves: it may go on for a moment when they are killed. */
  workers(): Promise<readonly number[]>;
}

/** Makes an empty database of a kind. */
export function openStore(kind: StoreKind): Promise<Store> {
  return kind === 'sqlite' ? openSqliteStore() : openPostgresStore();
}

async function openSqliteStore(): Promise<Store> {
  const folder = await openFolder();
  const path = folder.file('test.db');
  const query = async (text: string) => {
    const connection = new DatabaseSync(path, { readOnly: true });
    try {
      return connection.prepare(text).all() as Rows;
    } finally {
      connection.close();
    }
  };
  return {
    kind: 'sqlite',
    url: `sqlite:${path}`,
    query,
    // All of it is done within the server's own process.
    workers: async () => [],
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function openPostgresStore(): Promise<Store> {
  const database = await createTestDatabase();
  const client = new Client({ connectionString: database.url });
  // Whoever asks next is told by his own query.
  client.on('error', () => undefined);
  await client.connect();
  const query = async (text: string) => (await client.query(text)).rows as Rows;
  return {
    kind: 'postgres',
    url: database.url,
    query,
    workers: async () => {
      const rows = await query(
        "select pid from pg_stat_activity where datname = current_database() and application_name = 'jackfield'",
      );
      return rows.map(({ pid }) => Number(pid));
    },
    [Symbol.asyncDispose]: async () => {
      await client.end();
      await database[Symbol.asyncDispose]();
    },
  };
}
