/** Sends calls: the guard, a connection, one request, and an account of what came of it. Never throws. */

import { connect as connectSocket } from 'node:net';
import type { Clock } from '../clock.ts';
import { parseRetryAfter } from '../domain/answer.ts';
import type { EgressRules } from '../domain/egress-rules.ts';
import type { Call } from '../domain/event.ts';
import type { Outcome } from '../domain/retry.ts';
import { type Connect, type ConnectFailure, Connection, openConnection } from './connection.ts';
import { Destinations } from './destinations.ts';
import { findAddresses, judgeAddresses, type Refusal, type Target } from './egress.ts';
import { Exchange, type ExchangeEnd } from './exchange.ts';
import { IdleConnections } from './idle-connections.ts';
import { createSystemLookup, type Lookup } from './system-lookup.ts';

/** How long a call waits. */
export interface Timeouts {
  readonly connectTimeoutMs: number;
  readonly socketTimeoutMs: number;
}

/** What came of a call. Times are milliseconds. */
export interface Sent {
  /** `answered`: an HTTP answer came, whatever its status; `http_error`: what came was no HTTP. */
  readonly outcome: 'answered' | Exclude<Outcome, 'delivered' | 'redirect' | 'bad_ncco'>;
  readonly reason?: string;
  /** Until a connection stood: a look-up, TCP and TLS, or none of them where one was kept. */
  readonly connectMs?: number;
  /** From the request written to the first byte of the answer. */
  readonly firstByteMs?: number;
  readonly totalMs: number;
  readonly statusCode?: number;
  /** Seconds that the answer asks to wait. */
  readonly retryAfter?: number;
  readonly contentType?: string;
  /** At most 64 KiB. */
  readonly body: Buffer;
  /** Whether the body had more than that. */
  readonly truncated: boolean;
}

/** What a sender works with; `lookup` and `connect` are for tests that need a network of their own. */
export interface SenderOptions {
  readonly rules: EgressRules;
  readonly clock: Clock;
  readonly lookup?: Lookup;
  readonly connect?: Connect;
}

/** A call under way. */
interface Attempt {
  readonly call: Call;
  readonly target: Target;
  readonly timeouts: Timeouts;
  /** By `performance.now()`. */
  readonly startedAt: number;
}

/** How a call ended that had no connection. */
type Failure = Refusal | ConnectFailure;

const NOTHING = Buffer.alloc(0);
const TIMED_OUT: ConnectFailure = { outcome: 'connect_timeout', reason: 'no connection in time' };
const ENDED: ConnectFailure = { outcome: 'reset', reason: 'the call was ended from this side' };

/** Sends calls of webhooks, and keeps connections for the next ones. */
export class Sender {
  readonly #rules: EgressRules;
  readonly #clock: Clock;
  readonly #lookup: Lookup;
  readonly #connect: Connect;
  readonly #destinations: Destinations;
  readonly #idle = new IdleConnections();
  readonly #openings = new Set<AbortController>();
  readonly #exchanges = new Set<Exchange>();
  #isClosed = false;

  constructor({ rules, clock, lookup = createSystemLookup(), connect = connectSocket }: SenderOptions) {
    this.#rules = rules;
    this.#destinations = new Destinations(rules);
    this.#clock = clock;
    this.#lookup = lookup;
    this.#connect = connect;
  }

  /**
   * Sends a call, once, and says what came of it.
   *
   * @param signal ends the call as `reset`.
   */
  async send(call: Call, timeouts: Timeouts, signal?: AbortSignal): Promise<Sent> {
    const startedAt = performance.now();
    const target = this.#destinations.find(call);
    if ('outcome' in target) return presentFailure(target, startedAt);
    if (this.#isClosed || signal?.aborted === true) return presentFailure(ENDED, startedAt);
    const attempt = { call, target, timeouts, startedAt };
    const { origin, addresses } = target;
    const kept = addresses && this.#idle.take(origin, addresses);
    if (kept !== undefined) {
      const end = await this.#exchange(kept, attempt, signal);
      if (end.outcome !== 'unsent') return this.#present(end, startedAt, startedAt);
    }
    // The connection that was kept had gone before a byte was written on it: this is still the first try.
    return this.#sendAnew(attempt, signal, kept !== undefined);
  }

  /** Ends what is under way as `reset`, and closes all connections. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const opening of this.#openings) opening.abort(ENDED);
    for (const exchange of this.#exchanges) exchange.cut(ENDED.reason);
    this.#idle.close();
  }

  async #sendAnew(attempt: Attempt, signal: AbortSignal | undefined, mustOpen: boolean): Promise<Sent> {
    const { target, startedAt } = attempt;
    const connection = await this.#connectWithin(attempt, signal, mustOpen);
    if (!(connection instanceof Connection)) return presentFailure(connection, startedAt);
    const connectedAt = performance.now();
    const end = await this.#exchange(connection, attempt, signal);
    if (end.outcome !== 'unsent') return this.#present(end, startedAt, connectedAt);
    if (!mustOpen && target.addresses === undefined) return this.#sendAnew(attempt, signal, true);
    const reason = 'the connection was closed before the request was written';
    return presentFailure({ outcome: 'reset', reason }, startedAt);
  }

  /** Finds or opens a connection under the clock of connecting. */
  async #connectWithin(
    { target, timeouts, startedAt }: Attempt,
    signal: AbortSignal | undefined,
    mustOpen: boolean,
  ): Promise<Connection | Failure> {
    const opening = new AbortController();
    const cut = () => opening.abort(ENDED);
    const timeOut = () => opening.abort(TIMED_OUT);
    const left = Math.max(0, startedAt + timeouts.connectTimeoutMs - performance.now());
    // A busy process may come to its timers late: a connection that stands by then is noticed first.
    // Timers cut off fractions.
    const timer = setTimeout(() => setImmediate(timeOut), Math.ceil(left));
    this.#openings.add(opening);
    signal?.addEventListener('abort', cut, { once: true });
    try {
      return await this.#find(target, opening.signal, mustOpen);
    } catch (error) {
      return { outcome: 'refused', reason: `no connection (${(error as NodeJS.ErrnoException).code})` };
    } finally {
      clearTimeout(timer);
      this.#openings.delete(opening);
      signal?.removeEventListener('abort', cut);
    }
  }

  async #find(target: Target, signal: AbortSignal, mustOpen: boolean): Promise<Connection | Failure> {
    const found =
      target.addresses ??
      (await Promise.race([findAddresses(target.hostname, this.#lookup), failAt(signal)]));
    if ('outcome' in found) return found;
    const refusal = judgeAddresses(found, this.#rules);
    if (refusal !== undefined) return refusal;
    const kept =
      mustOpen || target.addresses !== undefined ? undefined : this.#idle.take(target.origin, found);
    if (kept !== undefined) return kept;
    const opened = await openConnection({
      target,
      addresses: found,
      rules: this.#rules,
      connect: this.#connect,
      signal,
    });
    if (opened instanceof Connection) opened.client.on('disconnect', () => this.#idle.drop(opened));
    return opened;
  }

  async #exchange(connection: Connection, attempt: Attempt, signal?: AbortSignal): Promise<ExchangeEnd> {
    const { call, target, timeouts } = attempt;
    const { promise, resolve } = Promise.withResolvers<ExchangeEnd>();
    const exchange = new Exchange(connection, timeouts.socketTimeoutMs, resolve);
    const cut = () => exchange.cut(ENDED.reason);
    this.#exchanges.add(exchange);
    signal?.addEventListener('abort', cut, { once: true });
    if (this.#isClosed || signal?.aborted === true) cut();
    else exchange.begin(target.path, call);
    const end = await promise;
    signal?.removeEventListener('abort', cut);
    this.#exchanges.delete(exchange);
    if (!connection.isOpen) connection.destroy();
    else if (this.#isClosed) connection.destroy();
    else this.#idle.put(connection);
    return end;
  }

  #present(end: ExchangeEnd, startedAt: number, connectedAt: number): Sent {
    const { headers, outcome, reason, statusCode, firstByteMs, body, truncated } = end;
    const sent: { -readonly [Name in keyof Sent]: Sent[Name] } = {
      outcome: outcome === 'unsent' ? 'reset' : outcome,
      connectMs: connectedAt - startedAt,
      totalMs: performance.now() - startedAt,
      body,
      truncated,
    };
    if (reason !== undefined) sent.reason = reason;
    if (statusCode !== undefined) sent.statusCode = statusCode;
    if (firstByteMs !== undefined) sent.firstByteMs = firstByteMs;
    const retryAfter = parseRetryAfter(readHeader(headers['retry-after']), this.#clock.now());
    if (retryAfter !== undefined) sent.retryAfter = retryAfter;
    const contentType = readHeader(headers['content-type']);
    if (contentType !== undefined) sent.contentType = contentType;
    return sent;
  }
}

function presentFailure({ outcome, reason }: Failure, startedAt: number): Sent {
  return { outcome, reason, totalMs: performance.now() - startedAt, body: NOTHING, truncated: false };
}

/** The failure that a signal ends an opening with, once it does. */
function failAt(signal: AbortSignal): Promise<Failure> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(signal.reason as Failure), { once: true });
  });
}

/** The value of a header; of one that came more than once, the first. */
function readHeader(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
