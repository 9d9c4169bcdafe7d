/** The one door for writes on SQLite: whatever arrives while a commit is under way makes up the next one. */

import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { JackfieldError } from '../errors.ts';
import type { UnitResult } from './database.ts';
import { type BatchResult, type BoundWrite, commitBatch, HELD, type StatementCache } from './sqlite-batch.ts';
import { openUnitConnection } from './sqlite-connection.ts';
import { BatchEncoder, decodeResults, type ResultMessage } from './sqlite-message.ts';
import { RAISE_REGISTRY } from './sqlite-revisions.ts';
import { shapeRows } from './sqlite-rows.ts';

/** What a unit writes: deliveries alone, or anything else. */
type Written = 'deliveries' | 'registry';

/** Commits units; `commit` resolves after the commit, so that who is answered reads what was written. */
export interface Writer {
  /** Makes ready ahead of the first unit what it needs. */
  warm(): void;
  commit(unit: readonly BoundWrite[], writes: Written): Promise<UnitResult>;
  close(): Promise<void>;
}

/**
 * Units in one batch, at most: what a batch's answers set going runs in one turn of the event loop, and whoever only reads
 * waits for it. Beside deliveries at full speed the slowest of a hundred GETs took 120 ms without this bound.
 */
const MAX_BATCH = 64;

interface Waiting {
  readonly unit: readonly BoundWrite[];
  readonly writes: Written;
  readonly resolve: (result: UnitResult) => void;
  readonly reject: (error: Error) => void;
}

/** A writer in this thread, for short-lived processes: no thread to start, one transaction each. */
export function openInlineWriter(path: string, onCommit: () => void): Writer {
  const connection = openUnitConnection(path);
  const statements: StatementCache = new Map();
  return {
    warm: () => undefined,
    commit: async (unit, writes) => {
      if (!connection.isOpen) throw unavailable('it is closed');
      const [result] = commitBatch(connection, statements, gather([{ unit, writes }]));
      onCommit();
      return settle(result);
    },
    close: async () => {
      if (connection.isOpen) connection.close();
    },
  };
}

/**
 * A writer in a thread of its own, so that a flush to disk never holds up the event loop. The thread takes 100 ms of
 * processor time to start, and does so with the first unit, or ahead of it.
 *
 * @param onCommit called after each commit and before anybody is answered.
 */
export function openThreadWriter(path: string, onCommit: () => void): Writer {
  return new ThreadWriter(path, onCommit);
}

class ThreadWriter implements Writer {
  readonly #path: string;
  readonly #onCommit: () => void;
  #worker: Worker | undefined;
  #encoder = new BatchEncoder();
  #queue: Waiting[] = [];
  #underWay: Waiting[] = [];
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(path: string, onCommit: () => void) {
    this.#path = path;
    this.#onCommit = onCommit;
  }

  warm(): void {
    if (this.#drained !== undefined) return;
    try {
      this.#worker ??= this.#start();
    } catch {
      // The first unit tries again, and whoever it is of is told.
    }
  }

  commit(unit: readonly BoundWrite[], writes: Written): Promise<UnitResult> {
    if (this.#drained !== undefined) return Promise.reject(unavailable('it is closed'));
    return new Promise((resolve, reject) => {
      this.#queue.push({ unit, writes, resolve, reject });
      if (this.#underWay.length === 0) this.#next();
    });
  }

  async close(): Promise<void> {
    this.#drained ??= Promise.withResolvers();
    if (this.#underWay.length === 0) this.#drained.resolve();
    await this.#drained.promise;
    const worker = this.#worker;
    if (worker === undefined) return;
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage('close');
    await exited;
  }

  #next(): void {
    if (this.#queue.length === 0) {
      this.#drained?.resolve();
      return;
    }
    this.#worker ??= this.#start();
    this.#underWay = this.#queue.splice(0, MAX_BATCH);
    this.#worker.postMessage(this.#encoder.encode(gather(this.#underWay)));
  }

  #start(): Worker {
    // The file has another ending in the published package.
    const file = new URL(`./sqlite-writer-thread${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(file, { workerData: { path: this.#path } });
    this.#encoder = new BatchEncoder();
    let failure = new Error('the writing thread ended');
    worker.on('message', (message: ResultMessage) => this.#finish(message));
    worker.on('error', (error: Error) => {
      failure = error;
    });
    worker.on('exit', () => this.#fail(failure));
    return worker;
  }

  #finish(message: ResultMessage): void {
    const done = this.#underWay;
    const results = decodeResults(message);
    this.#underWay = [];
    this.#onCommit();
    this.#next();
    for (const [index, waiting] of done.entries()) {
      try {
        waiting.resolve(settle(results[index]));
      } catch (error) {
        waiting.reject(error as Error);
      }
    }
  }

  /** The thread has ended: nobody knows what became of the batch under way; the next write starts another. */
  #fail(error: Error): void {
    this.#worker = undefined;
    const lost = this.#underWay;
    this.#underWay = [];
    for (const waiting of lost) waiting.reject(unavailable(error.message, error));
    this.#next();
  }
}

/** The units of a batch; behind them the one that tells that something of the registry was written. */
function gather(waiting: readonly Pick<Waiting, 'unit' | 'writes'>[]): (readonly BoundWrite[])[] {
  const units = waiting.map(({ unit }) => unit);
  return waiting.some(({ writes }) => writes === 'registry') ? [...units, [RAISE_REGISTRY]] : units;
}

function settle(result: BatchResult | undefined): UnitResult {
  if (result === undefined) throw unavailable('the writer gave no answer');
  if (result.ok) {
    const { returned } = result;
    return returned === undefined ? HELD : { ok: true, rows: returned.flatMap(shapeRows) };
  }
  if ('failed' in result) return result;
  if (result.conflict) return { ok: false, failed: -1 };
  throw unavailable(result.error);
}

function unavailable(reason: string, cause?: unknown): JackfieldError {
  return new JackfieldError('storage_unavailable', `The database did not take the write: ${reason}`, {
    retryAfter: 1,
    cause,
  });
}
