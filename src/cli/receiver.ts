/** A receiver of webhooks: reads each call within bounds, judges it, answers it and tells of it. */

import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type CallVerdict, judgeCall } from '../domain/received-call.ts';
import { createServer } from '../http/node-http.ts';
import { type ForwardedAnswer, passOn } from './forwarding.ts';

/** How long a body may be, in bytes. */
const MAX_BODY_BYTES = 1024 * 1024;

/** How long a call may take to come in, in ms. */
const MAX_REQUEST_MS = 30_000;

/** How long what is under way may take at the end, in ms. */
const GRACE_MS = 1000;

/** Of how many deliveries it is remembered that they were here. */
const MAX_REMEMBERED = 10_000;

/** How the receiver is to act. */
export interface ReceiverOptions {
  /** Signature secrets, of which any may have signed. */
  readonly secrets: readonly string[];
  /** Whether a call whose signature or payload does not hold is answered with 401. */
  readonly requireSignature: boolean;
  readonly status: number;
  readonly delayMs: number;
  /** JSON to answer with. */
  readonly answer: Buffer | undefined;
  /** Where to pass calls on. */
  readonly forward: URL | undefined;
  readonly forwardMs: number;
  /** Hears of each call once it was answered; what it throws is told to `failed`. */
  tell(call: ReceivedCallReport): Promise<void>;
  failed(error: unknown): void;
}

/** All that is told of a call. */
export interface ReceivedCallReport {
  readonly receivedAt: Date;
  readonly method: string;
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly body: Buffer;
  readonly verdict: CallVerdict;
  readonly delivery: string | undefined;
  /** 1 for the first call of a delivery, 2 for its first repeat. */
  readonly repeat: number;
  readonly replayOf: string | undefined;
  readonly status: number;
  /** Milliseconds to the answer. */
  readonly took: number;
  /** Why the call could not be passed on, or was not answered. */
  readonly fault: string | undefined;
}

/** A receiver that listens; disposing of it lets what is under way end. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
}

/** Opens a receiver. @throws what the system says of the address. */
export async function openReceiver(options: ReceiverOptions, host: string, port: number): Promise<Receiver> {
  const ending = new AbortController();
  const countCalls = createCallCounter();
  const server = createServer({ requestTimeout: MAX_REQUEST_MS }, (request, response) => {
    receive(request, response, { options, ending: ending.signal, countCalls }).catch(options.failed);
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    port: address.port,
    [Symbol.asyncDispose]: () => close(server, ending),
  };
}

async function close(server: Server, ending: AbortController): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  ending.abort();
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(cut);
}

interface Receiving {
  readonly options: ReceiverOptions;
  readonly ending: AbortSignal;
  countCalls(delivery: string | undefined): number;
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  { options, ending, countCalls }: Receiving,
): Promise<void> {
  const receivedAt = new Date();
  const began = performance.now();
  const target = targetOf(request);
  const method = request.method ?? 'GET';
  const body = await readBody(request, response);
  if (body === undefined) return;
  const call = { method, ...splitTarget(target), body };
  const verdict = judgeCall({ ...call, authorization: request.headers.authorization }, options.secrets);
  const delivery = headerOf(request, 'x-jackfield-delivery');
  const told = {
    ...call,
    receivedAt,
    verdict,
    delivery,
    repeat: countCalls(delivery),
    replayOf: headerOf(request, 'x-jackfield-replay-of'),
  };
  const { rawHeaders } = request;
  const answer = await decide(
    options,
    verdict,
    { method, target, rawHeaders, body },
    leaving(response, ending),
  );
  const fault = response.destroyed ? 'the caller left before it was answered' : answer.fault;
  if (!response.destroyed) response.writeHead(answer.status, [...answer.rawHeaders]).end(answer.body);
  await options.tell({ ...told, status: answer.status, took: performance.now() - began, fault });
}

/** Path and query apart, both as they were sent. */
function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?');
  return mark === -1
    ? { path: target, query: '' }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/** What the call is answered with. */
async function decide(
  { requireSignature, status, delayMs, answer, forward, forwardMs }: ReceiverOptions,
  verdict: CallVerdict,
  call: Parameters<typeof passOn>[1],
  left: AbortSignal,
): Promise<ForwardedAnswer> {
  const fault = verdict.signatureFault ?? verdict.payloadFault;
  if (requireSignature && fault !== undefined)
    return answerWith(401, Buffer.from(JSON.stringify({ error: fault })));
  if (forward !== undefined) {
    return await passOn(forward, call, AbortSignal.any([left, AbortSignal.timeout(forwardMs)]));
  }
  await pause(delayMs, undefined, { signal: left }).catch(() => undefined);
  return answerWith(status, answer ?? Buffer.alloc(0));
}

function answerWith(status: number, body: Buffer): ForwardedAnswer {
  if (status === 204 || status === 304) return { status, rawHeaders: [], body: Buffer.alloc(0) };
  const type = body.length === 0 ? [] : ['Content-Type', 'application/json'];
  return { status, rawHeaders: [...type, 'Content-Length', `${body.length}`], body };
}

/** The body, or undefined when it is too long or breaks off; then the call has got its answer. */
async function readBody(request: IncomingMessage, response: ServerResponse): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) {
        response.writeHead(413, { Connection: 'close', 'Content-Length': 0 }).end();
        return undefined;
      }
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

/** Path and query as they were sent; a request may also name the whole address (RFC 9112 §3.2.2). */
function targetOf({ url = '/' }: IncomingMessage): string {
  if (url.startsWith('/')) return url;
  const whole = URL.parse(url);
  return whole === null ? '/' : `${whole.pathname}${whole.search}`;
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** Ends when the caller leaves or the receiver closes. */
function leaving(response: ServerResponse, ending: AbortSignal): AbortSignal {
  const left = new AbortController();
  response.once('close', () => left.abort());
  return AbortSignal.any([left.signal, ending]);
}

/** Counts the calls of each delivery; the oldest are forgotten. */
function createCallCounter(): (delivery: string | undefined) => number {
  const counts = new Map<string, number>();
  return (delivery) => {
    if (delivery === undefined) return 1;
    const count = (counts.get(delivery) ?? 0) + 1;
    counts.delete(delivery);
    counts.set(delivery, count);
    const [oldest] = counts.keys();
    if (counts.size > MAX_REMEMBERED && oldest !== undefined) counts.delete(oldest);
    return count;
  };
}
