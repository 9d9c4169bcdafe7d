/** `jackfield serve` as a process of its own, that a test may kill, on a database with accounts. */

import { tmpdir } from 'node:os';
import { systemClock, systemIds } from '../src/clock.ts';
import { parseStoreConfig } from '../src/config.ts';
import { openDatabase } from '../src/context.ts';
import { createAccount } from '../src/registry/accounts.ts';
import { type Outcome, start } from './cli/command.ts';
import { until } from './condition.ts';
import { TEST_MASTER_KEY, type TestAccount } from './jackfield.ts';

/** A server that was ready once; disposing of it kills it. */
export interface ServingProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** From the start of the process to the first 200 of `/readyz`, in ms. */
  readonly startMs: number;
  /** Ends it as `kill -9` does, and waits for its end. */
  kill(): Promise<Outcome>;
  /** Lets it end by itself. */
  stop(): Promise<Outcome>;
  /** Its log so far. */
  printed(): string;
  signal(name: NodeJS.Signals): void;
}

/** How a server is started besides where its database is. */
export interface ServingOptions {
  /** Settings by their `JACKFIELD_…` names. */
  readonly env?: Readonly<Record<string, string>>;
  /** Words for Node itself. */
  readonly node?: readonly string[];
}

/** What every server of a test is told: no limits, no keys ahead of need, one master key. */
export function servingEnv(databaseUrl: string): Record<string, string> {
  return {
    JACKFIELD_DATABASE_URL: databaseUrl,
    JACKFIELD_MASTER_KEY: TEST_MASTER_KEY,
    JACKFIELD_PORT: '0',
    JACKFIELD_RATE_LIMIT: '0',
    JACKFIELD_AUTH_LIMIT: '0',
    JACKFIELD_KEY_POOL_SIZE: '0',
    JACKFIELD_LOG_LEVEL: 'warn',
  };
}

/** Starts a server on a free port and waits until it is ready. */
export async function serveOn(
  databaseUrl: string,
  { env = {}, node = [] }: ServingOptions = {},
): Promise<ServingProcess> {
  const begun = performance.now();
  const command = start(['serve', '--json'], {
    cwd: tmpdir(),
    env: { ...servingEnv(databaseUrl), ...env },
    node,
  });
  const line = await command.line((text) => text.startsWith('{"url"'));
  const { url } = JSON.parse(line) as { url: string };
  await until('it to be ready', async () => (await fetch(`${url}/readyz`)).status === 200);
  const startMs = performance.now() - begun;
  const end = (signal: NodeJS.Signals) => {
    command.signal(signal);
    return command.ended;
  };
  return {
    url,
    pid: command.pid,
    startMs,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    printed: command.printed,
    signal: command.signal,
    [Symbol.asyncDispose]: () => command[Symbol.asyncDispose](),
  };
}

/** Makes accounts the way a command does, and the database with them where there is none. */
export async function addAccounts(databaseUrl: string, apiKeys: readonly string[]): Promise<TestAccount[]> {
  const config = parseStoreConfig('serve', { databaseUrl: { by: 'url', text: databaseUrl } });
  await using database = await openDatabase(config.database, 'inline');
  const options = { database, clock: systemClock, ids: systemIds };
  const masterKey = Buffer.from(TEST_MASTER_KEY, 'hex');
  const accounts: TestAccount[] = [];
  for (const apiKey of apiKeys) accounts.push(await createAccount(options, masterKey, { apiKey }));
  return accounts;
}
