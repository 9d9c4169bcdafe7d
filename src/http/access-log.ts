/** One line and one count for each request, when its answer has gone out or its client has gone. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '../logger.ts';
import { type Exchange, findExchange, findLatestRequest } from './exchange.ts';
import type { Metrics } from './metrics.ts';

/** The channel of `node:http` on which each finished answer is told: 0.3 µs, where a hook takes 0.8. */
const FINISHED = 'http.server.response.finish';

interface Finished {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly server: Server;
}

/** The status in the log of a request whose client went before its answer. */
const CLIENT_GONE = 499;

/** Ends the record of a request: one line, one count. */
export type RecordEnd = (exchange: Exchange, method: string, status: number) => void;

/**
 * Makes what logs and counts each request when it has ended.
 *
 * A line holds names and numbers only: request id, route, method, status, duration, API key.
 */
export function createRecord(log: Log, metrics: Metrics): RecordEnd {
  return (exchange, method, status) => {
    exchange.ended = true;
    exchange.response = undefined;
    exchange.earlier = undefined;
    const ms = performance.now() - exchange.begun;
    metrics.count(exchange.route, method, status, ms);
    const { id, apiKey, failure } = exchange;
    log.logRequest({ id, method, route: metrics.routeName(exchange.route), status, ms, apiKey });
    if (failure !== undefined)
      log.logger.error({ request_id: id, error: describe(failure) }, 'request failed');
    exchange.afterEnd?.();
  };
}

/** Begins to record what `server` answers; the answer of this function ends it. */
export function watchAnswers(server: Server, record: RecordEnd): () => void {
  const listener = (message: unknown) => {
    const { request, response, server: at } = message as Finished;
    const exchange = at === server ? findExchange(request) : undefined;
    if (exchange !== undefined && !exchange.ended)
      record(exchange, request.method ?? '', response.statusCode);
  };
  subscribe(FINISHED, listener);
  server.on('connection', (socket: Socket) => {
    socket.once('close', () => {
      for (const request of findUnanswered(socket)) {
        const exchange = findExchange(request);
        if (exchange?.ended === false) record(exchange, request.method ?? '', CLIENT_GONE);
      }
    });
  });
  return () => unsubscribe(FINISHED, listener);
}

/** The requests of a connection that were not answered, oldest first: more than one when they were sent without waiting. */
function findUnanswered(socket: Socket): IncomingMessage[] {
  const found: IncomingMessage[] = [];
  let request = findLatestRequest(socket);
  while (request !== undefined) {
    const exchange = findExchange(request);
    if (exchange?.ended === false) found.unshift(request);
    request = exchange?.earlier;
  }
  return found;
}

/** Our own errors tell their cause by its message alone; unexpected ones their stack. */
function describe(failure: unknown): unknown {
  if (!(failure instanceof Error)) return String(failure);
  return { name: failure.name, message: failure.message, stack: failure.stack };
}
