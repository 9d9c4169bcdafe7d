/** The server under test, started as anybody starts it: a process of its own, everything on, its log in a file. */

import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Children } from './children.ts';

/** A server of either side, as the load generator sees it. */
export interface LoadTarget {
  readonly url: string;
  readonly processId: number;
}

/** A directory with a database in it and an account in that. */
export interface Home {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly authorization: string;
  readonly logPath: string;
}

/** The account of a home. */
export function accountOf({ authorization }: Home): string {
  const credentials = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString();
  return credentials.split(':')[0] ?? '';
}

/** Where the database of a home is. */
export function databaseUrlOf({ environment }: Home): string {
  return environment['JACKFIELD_DATABASE_URL'] ?? '';
}

/** Jackfield, running. */
export interface JackfieldServer extends LoadTarget {
  readonly metricsUrl: string;
  readonly home: Home;
  readonly child: ChildProcess;
}

/** How the server is started: on which core, and whether its processor profile is written somewhere. */
export interface StartOptions {
  readonly core: number | null;
  readonly profile: string | undefined;
}

const program = resolve(import.meta.dirname, '../bin/jackfield.js');

const READY_PATIENCE_MS = 20_000;
const READY_POLL_MS = 10;

/** Every setting of the server under test; nothing that costs is off, and the rate limit is on, out of reach. */
function composeEnvironment(directory: string): Record<string, string> {
  return {
    JACKFIELD_DATABASE_URL: `sqlite:${join(directory, 'bench.db')}`,
    JACKFIELD_PORT: '0',
    JACKFIELD_MASTER_KEY: randomBytes(32).toString('hex'),
    JACKFIELD_RATE_LIMIT: '1000000000',
    JACKFIELD_METRICS_PORT: '0',
  };
}

/** Makes a new database and an account in it, by the command anybody uses for that. */
export async function createHome(
  children: Children,
  directory: string,
  settings: Readonly<Record<string, string>>,
): Promise<Home> {
  mkdirSync(directory, { recursive: true });
  const environment = { ...composeEnvironment(directory), ...settings };
  const child = children.spawnNode([program, 'account', 'create', '--json'], {
    core: null,
    stdio: ['ignore', 'pipe', 'inherit'],
    environment,
  });
  const ended = once(child, 'exit');
  const printed = child.stdout === null ? '' : await text(child.stdout);
  const [code] = await ended;
  if (code !== 0) throw new Error(`"account create" ended with ${code}: ${printed}`);
  const account = JSON.parse(printed) as { api_key: string; api_secret: string };
  const credentials = Buffer.from(`${account.api_key}:${account.api_secret}`).toString('base64');
  const logPath = join(directory, 'server.log');
  return { directory, environment, authorization: `Basic ${credentials}`, logPath };
}

/** Starts the server's process; its log and its one ready line go to a file. */
export function spawnJackfield(
  children: Children,
  home: Home,
  options: StartOptions,
  settings: Readonly<Record<string, string>> = {},
): ChildProcess {
  const profiling = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
  const log = openSync(home.logPath, 'a');
  try {
    return children.spawnNode([...profiling, program, 'serve', '--json'], {
      core: options.core,
      stdio: ['ignore', log, 'inherit'],
      environment: { ...home.environment, ...settings },
    });
  } finally {
    closeSync(log);
  }
}

/** Looks for the line that says the server is ready, the only one without a level. */
function findReadyLine(logPath: string): { url: string; metrics_url: string } | undefined {
  const lines = readFileSync(logPath, 'utf8').split('\n');
  const ready = lines.find((line) => line.startsWith('{"url"'));
  return ready === undefined ? undefined : JSON.parse(ready);
}

/** Starts the server and waits until it is ready. */
export async function startJackfield(
  children: Children,
  home: Home,
  options: StartOptions,
): Promise<JackfieldServer> {
  // Of an earlier start there may be such a line as is waited for.
  if (existsSync(home.logPath)) emptyLog(home);
  const child = spawnJackfield(children, home, options);
  const givenUpAt = performance.now() + READY_PATIENCE_MS;
  while (performance.now() < givenUpAt && child.exitCode === null) {
    const ready = findReadyLine(home.logPath);
    if (ready !== undefined && child.pid !== undefined) {
      return { url: ready.url, metricsUrl: ready.metrics_url, processId: child.pid, home, child };
    }
    await delay(READY_POLL_MS);
  }
  await children.stop(child);
  throw new Error(`the server did not get ready: ${readFileSync(home.logPath, 'utf8').slice(-2000)}`);
}

/** Empties the log, so that what one run wrote is not written back to the disk during the next. */
export function emptyLog(home: Home): void {
  truncateSync(home.logPath);
}
