/** The stream of changes of deliveries as server-sent events (HTML Living Standard §9.2). */

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { DeliveryChange } from '../delivery/record.ts';
import { parseBasicCredentials } from '../registry/credentials.ts';
import { addressGroup } from './admission.ts';
import type { Handler } from './applications.ts';
import { type DeliveryHandling, parseFollowed } from './deliveries.ts';
import type { Exchange } from './exchange.ts';
import { presentChange } from './present-delivery.ts';
import { tooManyStreams } from './problem.ts';

/** Streams of an account at a time, in one process. */
const MAX_STREAMS = 20;

/** Times of a stream, in ms. */
interface Pace {
  /** How often it says that it is there; its credentials are then asked about again. */
  readonly commentEveryMs: number;
  /** How long a client may take nothing of what was sent to it; what comes meanwhile waits in the database. */
  readonly patienceMs: number;
}

const PACE: Pace = { commentEveryMs: 15_000, patienceMs: 30_000 };

/** What a stream is written with. */
export interface Pouring {
  /** Whether the client may still have it. */
  readonly pulse: () => Promise<boolean>;
  /** The client or the server has ended it. */
  readonly signal: AbortSignal;
  readonly pace: Pace;
}

const RETRY_SECONDS = 5;

/** `GET /jackfield/v1/deliveries/stream` */
export function createStream(handling: DeliveryHandling): Handler {
  const open = new Map<string, number>();
  const { answers, deliveries, ending } = handling;
  return (exchange, request, reply) => {
    const { apiKey } = exchange;
    // The client left while this was loaded.
    if (reply.raw.destroyed) return;
    const count = open.get(apiKey) ?? 0;
    if (count >= MAX_STREAMS) {
      answers.sendProblem(reply, exchange, tooManyStreams(RETRY_SECONDS));
      return;
    }
    open.set(apiKey, count + 1);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const signal = AbortSignal.any([gone.signal, ending]);
    const follow = async () => {
      const after = request.headers['last-event-id'];
      const asked = { applicationId: parseFollowed(request), signal };
      const changes = await deliveries.follow(apiKey, {
        ...asked,
        ...(after === undefined || after === '' ? {} : { after: `${after}` }),
      });
      beginStream(reply.raw, exchange);
      const pulse = createPulse(handling, exchange, request);
      if (request.method !== 'HEAD') await pour(reply.raw, changes, { pulse, signal, pace: PACE });
      reply.raw.end();
    };
    follow()
      .catch((error: unknown) => {
        if (!reply.raw.headersSent) answers.fail(reply, exchange, error);
        else {
          if (!signal.aborted) exchange.failure = error;
          reply.raw.destroy();
        }
      })
      .finally(() => release(open, apiKey));
  };
}

function release(open: Map<string, number>, apiKey: string): void {
  const left = (open.get(apiKey) ?? 1) - 1;
  if (left > 0) open.set(apiKey, left);
  else open.delete(apiKey);
}

function beginStream(raw: ServerResponse, { id, rateLimit, ratePolicy }: Exchange): void {
  const headers = ['Content-Type', 'text/event-stream', 'Cache-Control', 'no-store', 'X-Request-Id', id];
  if (rateLimit !== '') headers.push('RateLimit', rateLimit, 'RateLimit-Policy', ratePolicy);
  // The connection has nothing else to carry, and ends with the server's or the client's wish. Proxies are not to gather.
  headers.push('Connection', 'close', 'X-Accel-Buffering', 'no');
  raw.writeHead(200, headers);
  raw.flushHeaders();
}

/** Writes changes as they come, no faster than they are taken; throws when the client takes nothing for too long. */
export async function pour(
  raw: ServerResponse,
  changes: AsyncIterable<DeliveryChange>,
  { pulse, signal, pace }: Pouring,
): Promise<void> {
  // What begins a stream tells a client that it is open.
  raw.write(':\n\n');
  const beat = setInterval(() => {
    pulse().then((isWelcome) => {
      if (!isWelcome) raw.destroy();
      else if (!raw.writableNeedDrain && !signal.aborted) raw.write(':\n\n');
    }, ignore);
  }, pace.commentEveryMs);
  try {
    for await (const { id, delivery } of changes) {
      if (signal.aborted) break;
      if (!raw.write(presentChange(id, delivery)))
        await once(raw, 'drain', { signal: AbortSignal.any([signal, AbortSignal.timeout(pace.patienceMs)]) });
    }
  } finally {
    clearInterval(beat);
  }
}

/** A database that cannot be asked now decides nothing about a stream. */
function ignore(): void {}

/** Asks whether the credentials that a stream was opened with still stand. */
function createPulse(
  { context }: DeliveryHandling,
  { apiKey }: Exchange,
  request: FastifyRequest,
): () => Promise<boolean> {
  const { authorization = '' } = request.headers;
  const named = parseBasicCredentials(authorization);
  const address = addressGroup(request.ip);
  return () =>
    context.credentials.verify(authorization, named, address).then(
      (found) => found === apiKey,
      (error: { code?: string }) => {
        if (error.code === 'unauthorized' || error.code === 'too_many_failures') return false;
        throw error;
      },
    );
}
