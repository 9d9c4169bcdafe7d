/** What the measurements share: the load generator and one server under test at a time. */

import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { composeKeyedApplication } from './application.ts';
import type { BareAnswers } from './baseline/bare-route.ts';
import { askChild, Children, nextResult } from './children.ts';
import {
  createHome,
  databaseUrlOf,
  emptyLog,
  type Home,
  type JackfieldServer,
  type LoadTarget,
  startJackfield,
} from './jackfield-server.ts';
import { waitForFullPool } from './key-pool.ts';
import type { LoadGroup, LoadJob, LoadRequest, LoadResult } from './load/job.ts';
import { type Cores, findCores } from './machine.ts';
import type { Options } from './options.ts';
import { type BenchPostgres, openBenchPostgres } from './postgres-server.ts';

/** The servers there are to measure; settings besides those all have, and applications in the database. */
const kinds = {
  cached: { database: 'sqlite', settings: {}, applications: 5000 },
  uncached: { database: 'sqlite', settings: { JACKFIELD_CACHE_MB: '0' }, applications: 5000 },
  written: { database: 'sqlite', settings: {}, applications: 200 },
  postgres: { database: 'postgres', settings: {}, applications: 4000 },
} as const;

export type ServerKind = keyof typeof kinds;

/** The databases there are to measure. */
export type DatabaseKind = 'sqlite' | 'postgres';

/** How often a bare loop came round. */
export interface LoopResult {
  readonly count: number;
  readonly seconds: number;
}

/** A loop that works for so many seconds when asked, and tells how often it came round. */
export interface BareLoop<Result = LoopResult> extends AsyncDisposable {
  readonly processId: number;
  readonly run: (seconds: number) => Promise<Result>;
}

/** A process that deliveries go to. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly child: ChildProcess;
}

const POPULATING_CONNECTIONS = 32;

/** Everything that runs while the bench does. */
export class Stage implements AsyncDisposable {
  readonly options: Options;
  readonly cores: Cores = findCores();
  readonly children = new Children();
  readonly keyedBody: string = composeKeyedApplication();
  readonly #directory: string;
  #homes = 0;
  #generator: ChildProcess | undefined;
  #postgres: BenchPostgres | undefined;
  #server: { kind: ServerKind; running: JackfieldServer } | undefined;
  readonly #clear = (): void => rmSync(this.#directory, { recursive: true, force: true });

  constructor(options: Options) {
    this.options = options;
    this.#directory = mkdtempSync(join(options.directory, 'jackfield-bench-'));
    process.on('exit', this.#clear);
  }

  /** Seconds of load before anything is counted. */
  get warmUpSeconds(): number {
    return Math.max(1, this.options.seconds / 3);
  }

  /** A create with its own key. */
  get create(): LoadRequest {
    return { method: 'POST', path: '/v2/applications', body: this.keyedBody, status: 201 };
  }

  /** A fresh database with an account. */
  async createHome(
    settings: Readonly<Record<string, string>> = {},
    database: DatabaseKind = 'sqlite',
  ): Promise<Home> {
    const name = `home_${++this.#homes}`;
    const own = database === 'postgres' ? { JACKFIELD_DATABASE_URL: await this.#createDatabase(name) } : {};
    return createHome(this.children, join(this.#directory, name), { ...own, ...settings });
  }

  async #createDatabase(name: string): Promise<string> {
    this.#postgres ??= await openBenchPostgres(this.options.directory);
    return this.#postgres.createDatabase(name);
  }

  /** The server of a kind; the one of another kind is stopped first. */
  async server(kind: ServerKind): Promise<JackfieldServer> {
    if (this.#server?.kind === kind) return this.#server.running;
    await this.stopServer();
    const home = await this.createHome(kinds[kind].settings, kinds[kind].database);
    const { profile } = this.options;
    const running = await startJackfield(this.children, home, { core: this.cores.server, profile });
    this.#server = { kind, running };
    await waitForFullPool(running);
    // The one slow hash is paid here, and the credentials are remembered.
    await this.load(running, [{ name: 'first', connections: 1, requests: [this.create] }], { answers: 1 });
    const group = { name: 'populate', connections: POPULATING_CONNECTIONS, requests: [this.create] };
    const populated = await this.load(running, [group], { answers: kinds[kind].applications });
    const errors = populated.groups[0]?.firstError ?? null;
    if (errors !== null) throw new Error(`the applications could not be created: ${errors}`);
    return running;
  }

  /** Runs one load against a server of either side. */
  async load(
    target: LoadTarget & { readonly home?: Home },
    groups: readonly LoadGroup[],
    until: LoadJob['until'] = { seconds: this.options.seconds },
  ): Promise<LoadResult> {
    const home = target.home ?? this.#server?.running.home;
    if (home !== undefined) emptyLog(home);
    this.#generator ??= await this.#startHelper('load/generator.ts', [], this.cores.load);
    const job: LoadJob = {
      url: target.url,
      processId: target.processId,
      databaseProcessId: this.#postgres?.processId ?? null,
      authorization: home?.authorization ?? 'Basic YTpi',
      groups,
      until,
      warmUpSeconds: this.warmUpSeconds,
    };
    return askChild<LoadResult>(this.#generator, job);
  }

  /** Keeps the load generator awake for as long as a run takes, so that whoever works meanwhile finds the machine as it is under load. */
  keepAwake(processId: number): Promise<LoadResult> {
    return this.load({ url: 'http://127.0.0.1', processId }, []);
  }

  /** Starts the bare Fastify route that answers what is given. */
  async openBareRoute(answers: BareAnswers): Promise<LoadTarget & AsyncDisposable> {
    const path = this.#writeJson(answers);
    const child = this.#spawnHelper('baseline/bare-route.ts', [path], this.cores.server);
    const url = await nextResult<string>(child);
    const stop = (): Promise<void> => this.children.stop(child);
    return { url, processId: child.pid ?? 0, [Symbol.asyncDispose]: stop };
  }

  /** Starts the bare loop of single-row transactions, in a database beside those of the servers. */
  openBareTransactions(rowBytes: number): Promise<BareLoop> {
    const path = join(this.#directory, `bare-${++this.#homes}.db`);
    return this.openLoop('baseline/bare-transactions.ts', [path, String(rowBytes)]);
  }

  /** Starts the bare loop of key pairs. */
  openBareKeyPairs(): Promise<BareLoop> {
    return this.openLoop('baseline/bare-key-pairs.ts', []);
  }

  /** Starts a receiver of deliveries on the core of the load. */
  async openReceiver(manner: 'answering' | 'hung'): Promise<Receiver> {
    const child = this.#spawnHelper('baseline/receiver.ts', [manner], this.cores.load);
    const url = await nextResult<string>(child);
    return { url, child, [Symbol.asyncDispose]: () => this.children.stop(child) };
  }

  /** Starts the bare loop of signed calls; asked for `calls`, it makes so many. */
  async openBareCalls(
    url: string,
    connections: number,
    payload: string,
  ): Promise<AsyncDisposable & { readonly child: ChildProcess }> {
    const args = [url, String(connections), payload];
    const child = await this.#startHelper('baseline/bare-calls.ts', args, this.cores.server);
    return { child, [Symbol.asyncDispose]: () => this.children.stop(child) };
  }

  /** Starts a bare loop that reads what it needs out of a file. */
  openLoopWith<Result>(file: string, input: object): Promise<BareLoop<Result>> {
    return this.openLoop(file, [this.#writeJson(input)]);
  }

  #writeJson(content: object): string {
    const path = join(this.#directory, 'input.json');
    writeFileSync(path, JSON.stringify(content));
    return path;
  }

  /** Starts a bare loop on the core of the servers. */
  async openLoop<Result = LoopResult>(file: string, args: readonly string[]): Promise<BareLoop<Result>> {
    const child = await this.#startHelper(file, args, this.cores.server);
    return {
      processId: child.pid ?? 0,
      run: (seconds) => askChild(child, { seconds }),
      [Symbol.asyncDispose]: () => this.children.stop(child),
    };
  }

  #spawnHelper(file: string, args: readonly string[], core: number | null): ChildProcess {
    const path = resolve(import.meta.dirname, file);
    return this.children.spawnNode([path, ...args], { core, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  }

  async #startHelper(file: string, args: readonly string[], core: number | null): Promise<ChildProcess> {
    const child = this.#spawnHelper(file, args, core);
    await nextResult<string>(child);
    return child;
  }

  /** Stops the server there is, so that nothing but what is measured runs. */
  async stopServer(): Promise<void> {
    if (this.#server === undefined) return;
    await this.children.stop(this.#server.running.child);
    await this.removeHome(this.#server.running.home);
    this.#server = undefined;
  }

  /** Removes a database that nobody uses any more. */
  async removeHome(home: Home): Promise<void> {
    rmSync(home.directory, { recursive: true, force: true });
    await this.#postgres?.dropDatabase(databaseUrlOf(home));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.children[Symbol.asyncDispose]();
    await this.#postgres?.[Symbol.asyncDispose]();
    this.#clear();
    process.off('exit', this.#clear);
  }
}
