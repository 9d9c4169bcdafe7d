/** What is known of a request besides the request itself: its id, when it came, whose it is. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Recollection } from '../registry/credentials.ts';
import { IncomingMessage as Message } from './node-http.ts';

/** The record of one request, from its arrival to its line in the log. */
export interface Exchange {
  readonly id: string;
  /** `performance.now()` at arrival. */
  readonly begun: number;
  /** The route's number in the metrics; `UNKNOWN_ROUTE` until one is found. */
  route: number;
  /** The account, once its credentials were found right. */
  apiKey: string;
  /** The values of `RateLimit` and `RateLimit-Policy`, when the limit is on and was asked. */
  rateLimit: string;
  ratePolicy: string;
  /** What went wrong on our side, for the log. */
  failure: unknown;
  /** It has been answered, or its client has gone; its line in the log is written. */
  ended: boolean;
  /** The answer, once the application has the request; none when it has ended. */
  response: ServerResponse | undefined;
  /** The request before it on its connection, when that one had not been answered yet; none once this one has ended. */
  earlier: IncomingMessage | undefined;
  /** Called when it has ended. */
  afterEnd: (() => void) | undefined;
  /** The body, if there turns out to be one, is of a type we do not take (W54). */
  unsupportedBody: boolean;
}

/** The route number of requests that match no route. */
const UNKNOWN_ROUTE = 0;

/** A request with its record: a member from the start, so that all requests have one shape (4 µs a request). */
export class RecordedRequest extends Message {
  exchange: Exchange | undefined;
}

type MaybeRecorded = IncomingMessage & { exchange?: Exchange | undefined };

/** What is remembered of a connection; it goes with the connection. */
class ConnectionRecord {
  /** The request that came last over it. */
  latest: IncomingMessage | undefined;
  readonly recollection = new Recollection();
}

const CONNECTION = Symbol('connection');

type TrackedSocket = Socket & { [CONNECTION]?: ConnectionRecord };

/**
 * Finds the record of a connection, or begins it.
 *
 * It is one property, and begun with the connection: sockets that get several, at different times, have so many shapes
 * that all of Node looks their members up the slow way (5 µs a request).
 */
export function connectionOf(socket: TrackedSocket): ConnectionRecord {
  socket[CONNECTION] ??= new ConnectionRecord();
  return socket[CONNECTION];
}

/** Begins the record of a request. */
export function beginExchange(raw: IncomingMessage, response: ServerResponse, id: string): Exchange {
  const connection = connectionOf(raw.socket);
  const before = connection.latest;
  const isUnanswered = before !== undefined && findExchange(before)?.ended === false;
  const exchange = createExchange(id, response, isUnanswered ? before : undefined);
  (raw as MaybeRecorded).exchange = exchange;
  connection.latest = raw;
  return exchange;
}

/** The record of what never became a request. */
export function createExchange(id: string, response?: ServerResponse, earlier?: IncomingMessage): Exchange {
  return {
    id,
    begun: performance.now(),
    route: UNKNOWN_ROUTE,
    apiKey: '',
    rateLimit: '',
    ratePolicy: '',
    failure: undefined,
    ended: false,
    response,
    earlier,
    afterEnd: undefined,
    unsupportedBody: false,
  };
}

/** The record of a request, if it has one: what never became a request has none. */
export function findExchange(raw: IncomingMessage): Exchange | undefined {
  return (raw as MaybeRecorded).exchange;
}

/** The request that came last over a connection. */
export function findLatestRequest(socket: Socket): IncomingMessage | undefined {
  return connectionOf(socket).latest;
}

/** The record of a request that the application has taken. */
export function requireExchange(raw: IncomingMessage): Exchange {
  const exchange = findExchange(raw);
  if (exchange === undefined) throw new Error('a request without a record');
  return exchange;
}
