/** Answers to what never became a request: they are written to the socket by hand (W57). */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { RecordEnd } from './access-log.ts';
import { createExchange, type Exchange, findExchange, findLatestRequest } from './exchange.ts';
import { STATUS_CODES } from './node-http.ts';
import { PROBLEMS, type Problem, writeProblem, wrongVerb } from './problem.ts';
import { normalizeTarget, pathOf } from './request-target.ts';
import { findAllowedMethods } from './routes.ts';

/** Node's error codes for what cannot be read as a request; anything else is a bad request. */
const BY_CODE: ReadonlyMap<string, Problem> = new Map<string, Problem>([
  ['ERR_HTTP_REQUEST_TIMEOUT', PROBLEMS.requestTimeout],
  ['HPE_HEADER_OVERFLOW', PROBLEMS.headersTooLarge],
]);

/** What raw answers get their ids from, and where they are told. */
export interface RawAnswering {
  readonly createId: () => string;
  readonly record: RecordEnd;
}

/**
 * Answers an error of the parser and closes the connection.
 *
 * Answers that are still due to earlier requests of the same connection go out before.
 */
export function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Socket,
  { createId, record }: RawAnswering,
): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const problem = BY_CODE.get(error.code ?? '') ?? PROBLEMS.badRequest;
  const latest = findLatestRequest(socket);
  const exchange = latest && findExchange(latest);
  if (latest === undefined || exchange === undefined || latest.complete) {
    whenEnded(exchange, () =>
      writeRawProblem(socket, problem, { exchange: createExchange(createId()), record }),
    );
    return;
  }
  whenEnded(exchange.earlier && findExchange(exchange.earlier), () => {
    // Answered already, or about to be; what was wrong is the rest of a body that nobody wanted.
    if (exchange.ended || exchange.response?.headersSent) whenEnded(exchange, () => socket.end());
    // Its client has gone in the middle of the body.
    else if (error.code === 'HPE_INVALID_EOF_STATE') socket.destroy();
    else writeRawProblem(socket, problem, { exchange, method: latest.method, record });
  });
}

/** Answers what Node would answer by itself without a body, or not at all: `CONNECT`, and any `Expect`. */
export function takeOverOddRequests(server: Server, { createId, record }: RawAnswering): void {
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', (request: IncomingMessage, duplex: Duplex) => {
    const socket = duplex as Socket;
    const allow = findAllowedMethods(pathOf(normalizeTarget(request.url ?? '')));
    const problem = allow === undefined ? PROBLEMS.noRoute : wrongVerb('CONNECT', allow);
    const latest = findLatestRequest(socket);
    // Node has let go of the socket: nobody else hears of its errors, and nobody else closes it.
    socket.on('error', () => socket.destroy());
    whenEnded(latest && findExchange(latest), () => {
      writeRawProblem(socket, problem, { exchange: createExchange(createId()), method: 'CONNECT', record });
      socket.resume().destroySoon();
    });
  });
}

/** Answers a request whose head is not to be taken, and closes the connection. */
export function answerAtOnce(response: ServerResponse, problem: Problem, id: string): void {
  const body = writeProblem(problem, id);
  response.writeHead(problem.status, [...rawHeaders(body, id), ...(problem.headers ?? [])]).end(body);
}

/** Calls `next` when a request has ended; at once if it has, or if there is none. */
function whenEnded(exchange: Exchange | undefined, next: () => void): void {
  if (exchange === undefined || exchange.ended) next();
  else exchange.afterEnd = next;
}

/** What an answer is told of as. */
interface Told {
  readonly exchange: Exchange;
  /** None where no method could be read. */
  readonly method?: string | undefined;
  readonly record: RecordEnd;
}

function writeRawProblem(socket: Socket, problem: Problem, { exchange, method = '', record }: Told): void {
  if (!socket.writable) return;
  const { id, rateLimit, ratePolicy } = exchange;
  const body = writeProblem(problem, id);
  const headers = [...rawHeaders(body, id), 'Date', new Date().toUTCString(), ...(problem.headers ?? [])];
  if (rateLimit !== '') headers.push('RateLimit', rateLimit, 'RateLimit-Policy', ratePolicy);
  const lines = [`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`];
  for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`);
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  record(exchange, method, problem.status);
}

function rawHeaders(body: string, id: string): string[] {
  return [
    ...['Content-Type', 'application/json; charset=utf-8', 'Content-Length', `${Buffer.byteLength(body)}`],
    ...['Cache-Control', 'no-store', 'X-Request-Id', id, 'Connection', 'close'],
  ];
}
