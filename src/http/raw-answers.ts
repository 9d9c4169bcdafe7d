/** Answers to what never became a request: they are written to the socket by hand (W57). */

import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { findExchange, findLatestRequest } from './exchange.ts';
import { PROBLEMS, type Problem, writeProblem, wrongVerb } from './problem.ts';
import { findAllowedMethods } from './routes.ts';

/** Node's error codes for what cannot be read as a request; anything else is a bad request. */
const BY_CODE: ReadonlyMap<string, Problem> = new Map<string, Problem>([
  ['ERR_HTTP_REQUEST_TIMEOUT', PROBLEMS.requestTimeout],
  ['HPE_HEADER_OVERFLOW', PROBLEMS.headersTooLarge],
]);

/**
 * Answers an error of the parser and closes the connection.
 *
 * An answer that is still due to an earlier request of the same connection goes out before.
 */
export function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  createId: () => string,
): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const problem = BY_CODE.get(error.code ?? '') ?? PROBLEMS.badRequest;
  const latest = findLatestRequest(socket as Socket);
  const exchange = latest && findExchange(latest);
  if (latest === undefined || exchange === undefined || (latest.complete && exchange.ended)) {
    writeRawProblem(socket, problem, createId());
  } else if (latest.complete) {
    // The fault lies behind a request that is still being answered; its answer goes first.
    exchange.afterEnd = () => writeRawProblem(socket, problem, createId());
  } else if (exchange.ended) {
    // Answered already; what was wrong is the rest of a body that nobody wanted.
    socket.end();
  } else {
    writeRawProblem(socket, problem, exchange.id);
  }
}

/** Answers what Node would answer by itself without a body, or not at all: `CONNECT`, and any `Expect`. */
export function takeOverOddRequests(server: Server, createId: () => string): void {
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    const allow = findAllowedMethods(request.url ?? '');
    writeRawProblem(socket, allow === undefined ? PROBLEMS.noRoute : wrongVerb('CONNECT', allow), createId());
  });
}

/** Answers a request whose head is not to be taken, and closes the connection. */
export function answerAtOnce(response: ServerResponse, problem: Problem, id: string): void {
  const body = writeProblem(problem, id);
  response.writeHead(problem.status, rawHeaders(body, id)).end(body);
}

function writeRawProblem(socket: Duplex, problem: Problem, id: string): void {
  const body = writeProblem(problem, id);
  const headers = [...rawHeaders(body, id), 'Date', new Date().toUTCString(), ...(problem.headers ?? [])];
  const lines = [`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`];
  for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`);
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

function rawHeaders(body: string, id: string): string[] {
  return [
    ...['Content-Type', 'application/json; charset=utf-8', 'Content-Length', `${Buffer.byteLength(body)}`],
    ...['Cache-Control', 'no-store', 'X-Request-Id', id, 'Connection', 'close'],
  ];
}
