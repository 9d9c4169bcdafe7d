/** Passes a call on to another server as it came, and brings its answer back. */

import type { IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import { request as requestPlain } from '../http/node-http.ts';

/** How much of an answer is brought back, in bytes. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** Headers that belong to one connection (RFC 9110 §7.6.1), and those that are made anew. */
const OF_THE_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'host',
  'content-length',
]);

/** A call to be passed on. */
export interface ForwardedCall {
  readonly method: string;
  /** Path and query as they stood in the request. */
  readonly target: string;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** What came back: an answer, or the status that says why there is none. */
export interface ForwardedAnswer {
  readonly status: number;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** Why there is no answer of the other server. */
  readonly fault?: string;
}

/**
 * Passes a call on; method, path, query, body and the headers that are not of the connection stay as they are.
 *
 * @param base the other server; its path goes before that of the call.
 * @returns 504 when there is no whole answer by the time the signal says so, 502 when there is none at all.
 */
export async function passOn(base: URL, call: ForwardedCall, signal: AbortSignal): Promise<ForwardedAnswer> {
  try {
    const answer = await send(base, call, signal);
    const body = await readWhole(answer);
    const status = answer.statusCode ?? 502;
    return {
      status,
      rawHeaders: [...withoutHop(answer.rawHeaders), ...lengthOf(status, call.method, body)],
      body,
    };
  } catch (error) {
    if (signal.aborted) return failed(504, 'it took too long');
    const { code, message } = error as NodeJS.ErrnoException;
    return failed(502, code ?? message);
  }
}

function failed(status: number, fault: string): ForwardedAnswer {
  return { status, rawHeaders: ['Content-Length', '0'], body: Buffer.alloc(0), fault };
}

function send(base: URL, { method, target, rawHeaders, body }: ForwardedCall, signal: AbortSignal) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const hasBody =
    body.length > 0 || rawHeaders.some((name, index) => index % 2 === 0 && /^content-length$/i.test(name));
  const headers = ['Host', base.host, ...withoutHop(rawHeaders)];
  if (hasBody) headers.push('Content-Length', `${body.length}`);
  const request = base.protocol === 'https:' ? requestSecure : requestPlain;
  const path = `${base.pathname.replace(/\/$/, '')}${target}`;
  const hostname = base.hostname.replace(/^\[(.*)\]$/, '$1');
  const sent = request({ hostname, port: base.port, method, path, headers, signal, agent: false }, resolve);
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

async function readWhole(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) throw new Error(`its answer has more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The headers that are not of the connection, nor named by its `Connection` header. */
function withoutHop(rawHeaders: readonly string[]): string[] {
  const pairs = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : [],
  );
  const named = pairs
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.toLowerCase().split(/\s*,\s*/));
  return pairs
    .filter(([name]) => !OF_THE_HOP.has(name.toLowerCase()) && !named.includes(name.toLowerCase()))
    .flat();
}

/** Answers that may have no body have no length either. */
function lengthOf(status: number, method: string, body: Buffer): string[] {
  return status === 204 || status === 304 || method === 'HEAD' ? [] : ['Content-Length', `${body.length}`];
}
