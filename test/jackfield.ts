/** Starts a real server in this process, on a database of its own, with two accounts. */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseConfig, readEnv } from '../src/config.ts';
import type { Context, ContextOverrides } from '../src/context.ts';
import { openLog } from '../src/logger.ts';
import { createAccount } from '../src/registry/accounts.ts';
import { openServer } from '../src/server.ts';
import { createTestDatabase, dumpRows, runOn, type TestDatabase } from './postgres.ts';

/** The credentials of an account made for a test. */
export interface TestAccount {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly signatureSecret: string;
}

/** A running server. */
export interface Jackfield extends AsyncDisposable {
  readonly url: string;
  readonly metricsUrl: string | undefined;
  readonly accounts: readonly [TestAccount, TestAccount];
  /** The lines of its log so far. */
  logLines(): string[];
  /** The file of the database; empty where it is none. */
  readonly databasePath: string;
  readonly databaseUrl: string;
  readonly context: Context;
  /** All that the database holds: the bytes of its files, or the rows of its tables. */
  dump(): Promise<string[]>;
  /** Runs a statement on the database, past the server. */
  execute(statement: string): Promise<void>;
  close(): Promise<void>;
}

async function executeOn(url: string, statement: string): Promise<void> {
  if (url.startsWith('postgres:')) return runOn(url, statement);
  const connection = new DatabaseSync(url.replace(/^sqlite:/, ''));
  connection.exec(statement);
  connection.close();
}

async function readFiles(folder: string): Promise<string[]> {
  const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
  return Promise.all(files.map(({ name }) => readFile(join(folder, name), 'latin1')));
}

/** An empty database: a file in `folder`, or with `JACKFIELD_TEST_DATABASE=postgres` one on the server of the tests. */
async function openTestDatabase(folder: string): Promise<TestDatabase> {
  if (process.env['JACKFIELD_TEST_DATABASE'] === 'postgres') return createTestDatabase();
  return { url: `sqlite:${join(folder, 'test.db')}`, [Symbol.asyncDispose]: async () => undefined };
}

/** The key that test databases are encrypted under. */
export const TEST_MASTER_KEY = '0f'.repeat(32);

/**
 * Starts a server in `serve` mode on a free port, without limits unless `env` sets them.
 *
 * @param env settings by their `JACKFIELD_…` names.
 */
export async function startJackfield(
  env: Record<string, string> = {},
  overrides: ContextOverrides = {},
): Promise<Jackfield> {
  const folder = await mkdtemp(join(tmpdir(), 'jackfield-test-'));
  const database = await openTestDatabase(folder);
  const lines: string[] = [];
  const config = parseConfig(
    'serve',
    readEnv({
      JACKFIELD_PORT: '0',
      JACKFIELD_DATABASE_URL: database.url,
      JACKFIELD_MASTER_KEY: TEST_MASTER_KEY,
      JACKFIELD_RATE_LIMIT: '0',
      JACKFIELD_AUTH_LIMIT: '0',
      JACKFIELD_KEY_POOL_SIZE: '2',
      ...env,
    }),
  );
  const destination = { write: (line: string) => void lines.push(line), flush: async () => undefined };
  const log = await openLog(config.log, 1, destination);
  const server = await openServer({ config, log, version: '0.0.0-test', overrides });
  const masterKey = Buffer.from(TEST_MASTER_KEY, 'hex');
  const accounts = [
    await createAccount(server.context, masterKey, { apiKey: 'aaaa1111', name: 'first' }),
    await createAccount(server.context, masterKey, { apiKey: 'bbbb2222', name: 'second' }),
  ] as const;
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= server.close().then(async () => {
      await database[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    });
    return closed;
  };
  return {
    url: server.url,
    metricsUrl: server.metricsUrl,
    accounts,
    logLines: () => lines,
    databasePath: join(folder, 'test.db'),
    databaseUrl: database.url,
    context: server.context,
    dump: () => (database.url.startsWith('postgres:') ? dumpRows(database.url) : readFiles(folder)),
    execute: (statement) => executeOn(database.url, statement),
    close,
    [Symbol.asyncDispose]: close,
  };
}
