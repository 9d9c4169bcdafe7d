/** Opens connections for calls: to addresses that were judged, checked again once connected, TLS and all within one clock. */

import { type connect, isIP, type Socket } from 'node:net';
import { connect as secure } from 'node:tls';
import type { Client } from 'undici';
import { type EgressRules, judgeAddress } from '../domain/egress-rules.ts';
import type { Target } from './egress.ts';

/** Opens a socket; tests put a network of their own here. */
export type Connect = typeof connect;

/** How a connection did not come about. */
export interface ConnectFailure {
  readonly outcome: 'connect_timeout' | 'refused' | 'reset' | 'tls_error' | 'egress_refused';
  readonly reason: string;
}

/** What a connection is opened with. */
export interface Opening {
  readonly target: Target;
  /** Judged addresses, in the order in which they are tried. */
  readonly addresses: readonly string[];
  readonly rules: EgressRules;
  readonly connect: Connect;
  /** Ends the opening; its reason is the failure. */
  readonly signal: AbortSignal;
}

/** How long one of several addresses is waited for before the next is tried beside it, in ms (RFC 8305 §5). */
const NEXT_ADDRESS_MS = 250;

/** How long a connection is kept idle, in ms; a peer that says how long it keeps its own may shorten it. */
const KEEP_IDLE_MS = 1000;

/** Bytes that the headers of an answer may have. */
const MAX_HEADER_BYTES = 16 * 1024;

/** The error of a client that would connect a second time; the request that waited for it has not been sent. */
export const UNSENT = 'JACKFIELD_UNSENT';

/** An open connection, and the client that speaks HTTP/1.1 on it. */
export class Connection {
  readonly origin: string;
  readonly address: string;
  readonly client: Client;
  /** Told of each arrival of bytes while a call is under way. */
  onBytes: (() => void) | undefined;
  readonly #socket: Socket;

  constructor(origin: string, socket: Socket, Speaker: typeof Client) {
    this.origin = origin;
    this.address = socket.remoteAddress ?? '';
    this.#socket = socket;
    // Stands before the client's own listener, so it sees bytes before what they say is known.
    // The end of the stream is told in the same way, but holds none.
    socket.on('readable', () => {
      if (socket.readableLength > 0) this.onBytes?.();
    });
    let isTaken = false;
    this.client = new Speaker(origin, {
      allowH2: false,
      pipelining: 1,
      // Clocks are ours: those of undici tick once a second.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_IDLE_MS,
      keepAliveMaxTimeout: KEEP_IDLE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      connect: (_options, callback) => {
        const isFirst = !isTaken;
        isTaken = true;
        // At once would be too early: the client goes on with its requests only when it is no longer asking.
        queueMicrotask(() => {
          if (isFirst) callback(null, socket);
          else callback(Object.assign(new Error('no second connection'), { code: UNSENT }), null);
        });
      },
    });
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && !this.client.destroyed;
  }

  destroy(): void {
    this.#socket.destroy();
    // Requests that it still has are failed; whoever waits for them has been told already.
    this.client.destroy().catch(() => {});
  }
}

/** Opens a connection, or says why not. */
export async function openConnection(opening: Opening): Promise<Connection | ConnectFailure> {
  const { target, rules, signal } = opening;
  // Loaded beside the first connection: undici is large, and no start of a server should wait for it.
  const loading = import('undici');
  const plain = openSocket(opening);
  const failure = await settle(plain, 'connect', signal, explainConnectError);
  if (failure !== undefined) return failure;
  const { remoteAddress } = plain;
  if (remoteAddress === undefined) {
    plain.destroy();
    return { outcome: 'reset', reason: 'the connection was closed as soon as it stood' };
  }
  const reason = judgeAddress(remoteAddress, rules);
  if (reason !== undefined) {
    plain.destroy();
    return { outcome: 'egress_refused', reason: `the connection leads to ${reason}` };
  }
  plain.setNoDelay(true);
  const { Client } = await loading;
  if (target.protocol === 'http:') return new Connection(target.origin, plain, Client);
  const socket = secure({
    socket: plain,
    host: target.hostname,
    // An address is no server name (RFC 6066 §3), but it is still what the certificate must be for.
    ...(isIP(target.hostname) === 0 ? { servername: target.hostname } : {}),
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: true,
  });
  return (
    (await settle(socket, 'secureConnect', signal, explainTlsError)) ??
    new Connection(target.origin, socket, Client)
  );
}

function openSocket({ target, addresses, connect: open }: Opening): Socket {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }));
  const [first = { address: '', family: 0 }] = answers;
  if (answers.length === 1) return open({ host: first.address, port: target.port });
  return open({
    host: target.hostname,
    port: target.port,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
    // The name was looked up and its addresses judged; it is not looked up again.
    lookup: (_hostname, { all }, callback) =>
      all ? callback(null, answers) : callback(null, first.address, first.family),
  });
}

/** Waits until a socket is ready; otherwise destroys it and says why. */
function settle(
  socket: Socket,
  ready: 'connect' | 'secureConnect',
  signal: AbortSignal,
  explain: (error: NodeJS.ErrnoException) => ConnectFailure,
): Promise<ConnectFailure | undefined> {
  return new Promise((resolve) => {
    const end = (failure?: ConnectFailure) => {
      signal.removeEventListener('abort', abort);
      if (failure !== undefined) socket.destroy();
      resolve(failure);
    };
    const abort = () => end(signal.reason as ConnectFailure);
    // Stays for good: an error that comes after the failure belongs to nobody.
    socket.on('error', (error) => end(explain(error)));
    socket.once(ready, () => end());
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}

function explainConnectError({ code = 'unknown error' }: NodeJS.ErrnoException): ConnectFailure {
  if (code === 'ETIMEDOUT') return { outcome: 'connect_timeout', reason: 'the system gave up connecting' };
  if (code === 'ECONNRESET') return { outcome: 'reset', reason: 'the connection was reset (ECONNRESET)' };
  return { outcome: 'refused', reason: `no connection (${code})` };
}

function explainTlsError({ code = 'unknown error' }: NodeJS.ErrnoException): ConnectFailure {
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return { outcome: 'reset', reason: `the connection was closed before TLS stood (${code})` };
  }
  return { outcome: 'tls_error', reason: `no TLS (${code})` };
}
