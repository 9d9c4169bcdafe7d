/** One request on a connection and what comes of it, under the clock of the socket (D02, D03). */

import type { Dispatcher } from 'undici';
import type { Call } from '../domain/event.ts';
import { MAX_ANSWER_BYTES } from '../domain/ncco.ts';
import { type Connection, UNSENT } from './connection.ts';

/** What came of a request; times in ms. */
export interface ExchangeEnd {
  /** `unsent`: the kept connection was gone before a byte of the request was written. */
  readonly outcome: 'answered' | 'http_error' | 'socket_timeout' | 'reset' | 'unsent';
  readonly reason: string | undefined;
  readonly statusCode: number | undefined;
  readonly headers: Headers;
  /** From the request written to the first byte of the answer. */
  readonly firstByteMs: number | undefined;
  readonly body: Buffer;
  readonly truncated: boolean;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** From the request written to the last byte of its answer, the socket timeout may pass this often. */
const WHOLE_TIMES = 3;

const NOTHING = Buffer.alloc(0);

/** The handler of one request; undici calls it, the clock and the connection call it too. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #connection: Connection;
  readonly #timeoutMs: number;
  readonly #resolve: (end: ExchangeEnd) => void;
  #timer: NodeJS.Timeout | undefined;
  #isStarted = false;
  #isDone = false;
  #writtenAt = performance.now();
  #firstByteAt = 0;
  #lastByteAt = 0;
  #statusCode: number | undefined;
  #headers: Headers = {};
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(connection: Connection, timeoutMs: number, resolve: (end: ExchangeEnd) => void) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
    this.#resolve = resolve;
    this.#timer = setTimeout(expire, timeoutMs, this);
    connection.onBytes = () => this.#noteBytes();
  }

  /** Writes the request; all that comes of it is told to the methods below. */
  begin(path: string, { method, headers, body }: Call): void {
    try {
      const request = { path, method, headers, body: body ?? null, idempotent: false };
      this.#connection.client.dispatch(request, this);
    } catch (error) {
      this.#end('reset', `the request cannot be written (${(error as Error).message})`);
    }
  }

  onRequestStart(): void {
    this.#isStarted = true;
  }

  onRequestSent(): void {
    this.#writtenAt = performance.now();
  }

  onResponseStart(_controller: unknown, statusCode: number, headers: Headers): void {
    if (statusCode < 200) return;
    this.#statusCode = statusCode;
    this.#headers = headers;
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    if (this.#isDone) return;
    const left = MAX_ANSWER_BYTES - this.#bytes;
    this.#bytes += chunk.length;
    // Copied: the chunk is a view of the buffer of a whole read.
    this.#chunks.push(Buffer.from(chunk.length > left ? chunk.subarray(0, left) : chunk));
    if (chunk.length > left) this.#end('answered', undefined, true);
  }

  onResponseEnd(): void {
    this.#end('answered');
  }

  onResponseError(_controller: unknown, error: NodeJS.ErrnoException): void {
    if (this.#isDone) return;
    const { code, name, message } = error;
    if (!this.#isStarted && code === UNSENT) this.#end('unsent');
    else if (isNoHttp(error)) {
      this.#statusCode = undefined;
      this.#end('http_error', `the answer is not HTTP/1.1 (${message})`);
    } else this.#end('reset', `the connection was closed before the answer was whole (${code ?? name})`);
  }

  /** Ends the exchange from outside. */
  cut(reason: string): void {
    this.#end('reset', reason);
  }

  /** Looks whether the time is up; bytes that came in the meantime have moved the end of it. */
  judgeTime(): void {
    if (this.#isDone) return;
    const gap = Math.max(this.#writtenAt, this.#lastByteAt) + this.#timeoutMs;
    const whole = this.#writtenAt + WHOLE_TIMES * this.#timeoutMs;
    const left = Math.min(gap, whole) - performance.now();
    // A timer counts whole milliseconds and may be one early.
    if (left > 1) {
      this.#timer = setTimeout(expire, Math.ceil(left), this);
    } else {
      const what =
        this.#lastByteAt === 0 ? 'no answer' : gap <= whole ? 'no further byte' : 'no whole answer';
      this.#end('socket_timeout', `${what} in time`);
    }
  }

  #noteBytes(): void {
    this.#lastByteAt = performance.now();
    if (this.#firstByteAt === 0) this.#firstByteAt = this.#lastByteAt;
  }

  #end(outcome: ExchangeEnd['outcome'], reason?: string, truncated = false): void {
    if (this.#isDone) return;
    this.#isDone = true;
    clearTimeout(this.#timer);
    this.#connection.onBytes = undefined;
    if (outcome !== 'answered' || truncated) this.#connection.destroy();
    const [only = NOTHING] = this.#chunks;
    this.#resolve({
      outcome,
      reason,
      statusCode: this.#statusCode,
      headers: this.#headers,
      firstByteMs: this.#firstByteAt === 0 ? undefined : Math.max(0, this.#firstByteAt - this.#writtenAt),
      body: this.#chunks.length > 1 ? Buffer.concat(this.#chunks) : only,
      truncated,
    });
  }
}

/** Whether undici failed because of what came, and not because nothing more came. */
function isNoHttp({ code, name, message }: NodeJS.ErrnoException): boolean {
  // A 101, or a 100 that nobody asked for: undici takes neither.
  if (code === 'UND_ERR_SOCKET') return /^bad (?:response|upgrade)$/.test(message);
  return name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW';
}

/** A busy process may come to its timers late: what has arrived by then is read before the time is judged. */
function expire(exchange: Exchange): void {
  setImmediate(judge, exchange);
}

function judge(exchange: Exchange): void {
  exchange.judgeTime();
}
