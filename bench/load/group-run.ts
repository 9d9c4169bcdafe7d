/** A group of connections under load: each sends the next request as soon as it has its answer. */

import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { type LoadConnection, openConnection } from './connection.ts';
import type { GroupResult, LoadGroup, LoadJob, LoadRequest } from './job.ts';

interface Prepared {
  readonly bytes: Buffer;
  readonly status: number;
}

/** Writes a request out as the bytes that go over the wire. */
function prepareRequest(request: LoadRequest, job: LoadJob): Prepared {
  const head = [
    `${request.method} ${request.path} HTTP/1.1`,
    `Host: ${new URL(job.url).host}`,
    `Authorization: ${job.authorization}`,
    'User-Agent: jackfield-bench',
    'Accept: application/json',
  ];
  const body = request.body ?? '';
  if (request.body !== undefined) {
    head.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
  }
  return { bytes: Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`), status: request.status };
}

/** One group for the length of one run. */
export class GroupRun {
  readonly #name: string;
  readonly #prepared: readonly Prepared[];
  readonly #histogram: RecordableHistogram = createHistogram();
  readonly #connections: LoadConnection[] = [];
  readonly #stopAt: number;
  readonly #finished = Promise.withResolvers<void>();
  #next = 0;
  #sent = 0;
  #underWay = 0;
  #answered = 0;
  #answers = 0;
  #bodyBytes = 0;
  #errors = 0;
  #firstError: string | null = null;
  #counting = false;
  #stopped = false;

  constructor(group: LoadGroup, job: LoadJob) {
    this.#name = group.name;
    this.#prepared = group.requests.map((request) => prepareRequest(request, job));
    this.#stopAt = 'answers' in job.until ? job.until.answers : Number.POSITIVE_INFINITY;
  }

  /** Answers so far, counted or not. */
  get answered(): number {
    return this.#answered;
  }

  /** Opens the connections and sends the first request on each. */
  async start(connections: number, address: { host: string; port: number }): Promise<void> {
    const sends = await Promise.all(Array.from({ length: connections }, () => this.#open(address)));
    for (const send of sends) send();
  }

  async #open(address: { host: string; port: number }): Promise<() => void> {
    let expected = 0;
    let sentAt = 0;
    const send = (): void => {
      if (this.#stopped || this.#sent >= this.#stopAt) return;
      const request = this.#prepared[this.#next++ % this.#prepared.length];
      if (request === undefined) return;
      this.#sent++;
      this.#underWay++;
      expected = request.status;
      sentAt = performance.now();
      connection.send(request.bytes);
    };
    const connection = await openConnection(
      address,
      (status, bodyBytes, chunk) => {
        if (this.#counting) this.#count(performance.now() - sentAt, bodyBytes);
        this.#underWay--;
        this.#answered++;
        if (status !== expected) this.#fail(`${status} where ${expected} was due: ${excerptOf(chunk)}`);
        send();
        if (this.#underWay === 0) this.#finished.resolve();
      },
      (reason) => {
        this.#fail(reason);
        this.#finished.resolve();
      },
    );
    this.#connections.push(connection);
    return send;
  }

  #count(milliseconds: number, bodyBytes: number): void {
    this.#answers++;
    this.#bodyBytes += bodyBytes;
    this.#histogram.record(Math.max(1, Math.round(milliseconds * 1e6)));
  }

  #fail(reason: string): void {
    this.#errors++;
    this.#firstError ??= reason;
  }

  beginCounting(): void {
    this.#counting = true;
  }

  endCounting(): void {
    this.#counting = false;
  }

  /** Sends nothing more; resolves when what is under way has been answered. */
  async drain(): Promise<void> {
    this.#stopped = true;
    if (this.#underWay > 0) await this.#finished.promise;
  }

  /** Resolves when the group has had all the answers it was to have, or has broken. */
  finished(): Promise<void> {
    return this.#finished.promise;
  }

  close(): GroupResult {
    if (this.#underWay > 0) this.#fail(`${this.#underWay} requests were never answered`);
    for (const connection of this.#connections) connection.close();
    return {
      name: this.#name,
      answers: this.#answers,
      errors: this.#errors,
      firstError: this.#firstError,
      bodyBytes: this.#bodyBytes,
      p50Ms: this.#histogram.percentile(50) / 1e6,
      p99Ms: this.#histogram.percentile(99) / 1e6,
    };
  }
}

function excerptOf(chunk: Buffer): string {
  return chunk.toString('latin1', Math.max(0, chunk.length - 200)).replaceAll(/\s+/g, ' ');
}
