/** Databases of both kinds for the commands that move data, and what is looked at in them. */

import { DatabaseSync } from 'node:sqlite';
import { gunzipSync } from 'node:zlib';
import { Client } from 'pg';
import { type DatabaseConfig, parseStoreConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/context.ts';
import type { Database } from '../../src/storage/database.ts';
import type { Folder } from '../folder.ts';
import { TEST_MASTER_KEY } from '../jackfield.ts';
import { createTestDatabase, type TestDatabase } from '../postgres.ts';
import type { CommandOptions } from './command.ts';

export type Kind = 'sqlite' | 'postgres';

export const KINDS: readonly Kind[] = ['sqlite', 'postgres'];

/** From each kind to the other. */
export const CROSSINGS: readonly (readonly [from: Kind, to: Kind])[] = [
  ['sqlite', 'postgres'],
  ['postgres', 'sqlite'],
];

/** An empty database; a SQLite file is not there yet. */
export async function createEmpty(kind: Kind, folder: Folder, name = 'test'): Promise<TestDatabase> {
  if (kind === 'postgres') return createTestDatabase();
  return { url: `sqlite:${folder.file(`${name}.db`)}`, [Symbol.asyncDispose]: async () => undefined };
}

/** Where commands run that work on a database. */
export function optionsFor(folder: Folder, url: string): CommandOptions {
  return { cwd: folder.path, env: { JACKFIELD_DATABASE_URL: url, JACKFIELD_MASTER_KEY: TEST_MASTER_KEY } };
}

/** Where a database is, as a command reads it. */
export function parseDatabase(url: string): DatabaseConfig {
  return parseStoreConfig('serve', { databaseUrl: { by: 'url', text: url } }).database;
}

/** Opens a database as a command does. */
export function open(url: string): Promise<Database> {
  return openDatabase(parseDatabase(url), 'inline');
}

/** Runs one query past the server. */
export async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  if (url.startsWith('sqlite:')) {
    const connection = new DatabaseSync(url.slice('sqlite:'.length));
    try {
      return connection.prepare(text).all();
    } finally {
      connection.close();
    }
  }
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** What contradicts itself in a database: counters and blocks that count other than there is. */
export function findContradictions(url: string): Promise<Record<string, unknown>[]> {
  return query(
    url,
    `select 'counter' as what, api_key as account from accounts
      where application_count <> (select count(*) from applications where account = api_key)
        or last_position < (select coalesce(max(position), 0) from applications where account = api_key)
    union all
    select 'block', account from application_blocks as b
      where live <> (select count(*) from applications as a
        where a.account = b.account and a.position >> (6 * b.level) = b.block)
    union all
    select 'uncounted', account from applications as a
      where 3 <> (select count(*) from application_blocks as b
        where a.account = b.account and a.position >> (6 * b.level) = b.block)`,
  );
}

/** The lines of a backup without the first, and without the revisions, which rise with each restore. */
export function readLines(bytes: Buffer): string[] {
  const lines = gunzipSync(bytes).toString().trimEnd().split('\n');
  return lines.slice(1, -1).filter((line) => !/^\["(credentials|registry)"/.test(line));
}
