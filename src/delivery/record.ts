/** A delivery as the use cases answer it, read from its rows. */

import type { DeliveryStatus } from '../domain/delivery.ts';
import { isEnded } from '../domain/delivery.ts';
import { LIFETIME_MS } from '../domain/retry.ts';
import type { DeliveryRow } from '../storage/deliveries.ts';
import type { AttemptRow } from '../storage/delivery-attempts.ts';

/** A delivery as an item of a list; times in ms since the epoch. */
export interface Delivery {
  readonly id: string;
  readonly applicationId: string;
  readonly webhook: string;
  readonly status: DeliveryStatus;
  readonly createdAt: number;
  /** When it is tried next, while it waits. */
  readonly nextAttemptAt: number | undefined;
  readonly replayOf: string | undefined;
  /** What the receiver answered, as JSON, where that is an NCCO. */
  readonly ncco: string | undefined;
  /** What is left of a payload that was dropped. */
  readonly dropped: { readonly payloadBytes: number; readonly payloadSha256: string } | undefined;
}

/** A delivery with all that is known of it. */
export interface DeliveryDetail extends Delivery {
  /** JSON; undefined once it was dropped. */
  readonly payload: string | undefined;
  readonly attempts: readonly Attempt[];
}

/** An attempt; durations in ms. */
export interface Attempt {
  /** The `jti` of its token. */
  readonly id: string;
  readonly url: string;
  readonly method: string;
  readonly startedAt: number;
  readonly connectMs: number | undefined;
  readonly firstByteMs: number | undefined;
  readonly totalMs: number;
  readonly statusCode: number | undefined;
  readonly outcome: string;
  readonly reason: string | undefined;
  /** Without the token. */
  readonly requestHeaders: Readonly<Record<string, string>>;
  /** Up to 1,024 bytes of the answer, as text. */
  readonly responseExcerpt: string | undefined;
}

/** A change of a delivery, with the delivery as it was then. */
export interface DeliveryChange {
  /** Rises with each change; what comes after it is asked for with it. */
  readonly id: number;
  readonly delivery: Delivery;
}

/** Reads a row; what belongs to a later state than `status` is left out. */
export function readDelivery(row: DeliveryRow, status = row.status, dueAt = row.due_at): Delivery {
  const ended = isEnded(status);
  const waits = status === 'waiting' && dueAt !== null && dueAt < row.created_at + LIFETIME_MS;
  return {
    id: row.id,
    applicationId: row.application,
    webhook: row.webhook,
    status,
    createdAt: row.created_at,
    nextAttemptAt: waits ? dueAt : undefined,
    replayOf: row.replay_of ?? undefined,
    ncco: ended && row.ncco !== null ? Buffer.from(row.ncco).toString() : undefined,
    dropped:
      ended && row.has_body === 0
        ? { payloadBytes: row.payload_bytes, payloadSha256: row.payload_sha256 }
        : undefined,
  };
}

export function readAttempt(row: AttemptRow): Attempt {
  return {
    id: row.id,
    url: row.query === null ? row.url : `${row.url}?${row.query}`,
    method: row.method,
    startedAt: row.started_at,
    connectMs: row.connect_ms ?? undefined,
    firstByteMs: row.first_byte_ms ?? undefined,
    totalMs: row.total_ms,
    statusCode: row.status_code ?? undefined,
    outcome: row.outcome,
    reason: row.reason ?? undefined,
    requestHeaders: JSON.parse(row.request_headers),
    responseExcerpt: row.excerpt ?? undefined,
  };
}
