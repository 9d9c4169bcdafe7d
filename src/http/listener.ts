/** The HTTP server itself: its limits and clocks, and what Node would otherwise answer by itself without a body. */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Config } from '../config.ts';
import { beginExchange, connectionOf, RecordedRequest } from './exchange.ts';
import { createServer } from './node-http.ts';
import { PROBLEMS, type Problem } from './problem.ts';
import { answerAtOnce, type RawAnswering, takeOverOddRequests } from './raw-answers.ts';
import { normalizeTarget } from './request-target.ts';

/** Request line and headers together, in bytes (W59). */
export const MAX_HEADER_BYTES = 16 * 1024;

/** How often connections are asked whether their time is up, in ms. */
const TIMEOUT_CHECK_MS = 500;

/** Creates a server that hands requests to `handle`; it listens nowhere yet. */
export function createListener(
  config: Config['http'],
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  answering: RawAnswering,
): Server {
  const options = {
    maxHeaderSize: MAX_HEADER_BYTES,
    keepAliveTimeout: config.keepAliveTimeoutMs,
    headersTimeout: config.headersTimeoutMs,
    requestTimeout: config.requestTimeoutMs,
    connectionsCheckingInterval: Math.min(TIMEOUT_CHECK_MS, config.headersTimeoutMs),
    // Asked for below, where the answer has a body.
    requireHostHeader: false,
    // Requests without a body get no stream for one: 1.2 µs each.
    optimizeEmptyRequests: true,
    noDelay: true,
    IncomingMessage: RecordedRequest,
  };
  const server = createServer(options, (request, response) => {
    const { id } = beginExchange(request, response, answering.createId());
    const problem = findFault(request);
    if (problem !== undefined) {
      answerAtOnce(response, problem, id);
      return;
    }
    request.url = normalizeTarget(request.url ?? '');
    handle(request, response);
  });
  server.on('connection', connectionOf);
  server.maxConnections = config.maxConnections;
  // Headers are bounded by their size; a bound on their number would drop some without a word.
  server.maxHeadersCount = 0;
  takeOverOddRequests(server, answering);
  return server;
}

/** What is wrong with the head of a request that Node lets pass. */
function findFault({ method = '', url = '', httpVersion, rawHeaders }: IncomingMessage): Problem | undefined {
  // Request line and headers with all that stands between them; Node counts names and values alone.
  let bytes = method.length + url.length + ' HTTP/1.1 \r\n\r\n'.length + rawHeaders.length * 2;
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    bytes += name.length + (rawHeaders[at + 1] ?? '').length;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  // RFC 9112 §3.2
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) return PROBLEMS.badRequest;
  return bytes > MAX_HEADER_BYTES ? PROBLEMS.headersTooLarge : undefined;
}
