/** A bare TCP connection to the server: any bytes go out, whole HTTP answers come back one by one. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { type Answer, createAnswer } from './client.ts';

interface Waiter {
  readonly bodiless: boolean;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** A connection; whoever opens it closes it (`using`). */
export class RawConnection implements Disposable {
  /** Resolves when the connection is over, whoever ended it. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #waiters: Waiter[] = [];
  #buffer: Buffer = Buffer.alloc(0);
  #over = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#over = true;
        this.#settle();
        resolve();
      });
    });
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      this.#buffer = Buffer.concat([this.#buffer, Buffer.from(chunk)]);
      this.#settle();
    });
  }

  /** What came and belongs to no answer that was asked for. */
  get rest(): string {
    return this.#buffer.toString('latin1');
  }

  /** Sends bytes as they are; strings go out as Latin-1. */
  write(bytes: string | Uint8Array): void {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** The next whole answer; rejects when the connection ends before it. `bodiless` for the answer to a HEAD. */
  answer(options: { bodiless?: boolean } = {}): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#waiters.push({ bodiless: options.bodiless ?? false, resolve, reject });
    this.#settle();
    return promise;
  }

  /** Ends the sending half. */
  end(): void {
    this.#socket.end();
  }

  /** Ends it as a client does that has crashed. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #settle(): void {
    for (let waiter = this.#waiters[0]; waiter !== undefined; waiter = this.#waiters[0]) {
      const parsed = parseAnswer(this.#buffer, waiter.bodiless, this.#over);
      if (parsed !== undefined) {
        this.#waiters.shift();
        this.#buffer = this.#buffer.subarray(parsed.length);
        waiter.resolve(parsed.answer);
      } else if (this.#over) {
        this.#waiters.shift();
        waiter.reject(
          new Error(`the connection ended before a whole answer; got ${JSON.stringify(this.rest)}`),
        );
      } else {
        return;
      }
    }
  }
}

function parseHeaders(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    assert.ok(colon > 0, `a header line without a name: ${JSON.stringify(line)}`);
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return headers;
}

function parseAnswer(buffer: Buffer, bodiless: boolean, over: boolean) {
  const end = buffer.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = buffer.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(statusLine)?.[1]);
  assert.ok(status >= 100, `no status line: ${statusLine}`);
  const headers = parseHeaders(lines);
  const start = end + 4;
  if (bodiless || status < 200 || status === 204 || status === 304) {
    return { answer: createAnswer(status, headers, ''), length: start };
  }
  const body = parseBody(buffer.subarray(start), headers, over);
  if (body === undefined) return undefined;
  return { answer: createAnswer(status, headers, body.text), length: start + body.length };
}

function parseBody(buffer: Buffer, headers: Record<string, string>, over: boolean) {
  if (headers['transfer-encoding'] === 'chunked') return parseChunks(buffer);
  const declared = headers['content-length'];
  if (declared === undefined) return over ? { text: buffer.toString(), length: buffer.length } : undefined;
  const length = Number(declared);
  if (buffer.length < length) return undefined;
  return { text: buffer.subarray(0, length).toString(), length };
}

function parseChunks(buffer: Buffer) {
  const chunks: Buffer[] = [];
  for (let offset = 0; ; ) {
    const lineEnd = buffer.indexOf('\r\n', offset);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(buffer.subarray(offset, lineEnd).toString('latin1'), 16);
    const next = lineEnd + 2 + size + 2;
    if (buffer.length < next) return undefined;
    if (size === 0) return { text: Buffer.concat(chunks).toString(), length: next };
    chunks.push(buffer.subarray(lineEnd + 2, lineEnd + 2 + size));
    offset = next;
  }
}

/** Opens a connection to the server at `url`; with `allowHalfOpen` its own half stays open when the server ends. */
export async function openRaw(
  url: string,
  options: { allowHalfOpen?: boolean } = {},
): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = createConnection({ host: hostname, port: Number(port), noDelay: true, ...options });
  await once(socket, 'connect');
  return new RawConnection(socket);
}

/** A request as text: request line, the headers that are given, then the body. */
export function rawRequest(line: string, headers: readonly string[] = [], body = ''): string {
  return [`${line} HTTP/1.1`, ...headers, '', body].join('\r\n');
}
