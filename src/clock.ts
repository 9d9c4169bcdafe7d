/** Time and identifiers as the context hands them out, so that tests can own both. */

import { randomUUIDv7 } from 'node:crypto';

/** Where time comes from. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

/** Where identifiers come from. */
export interface Ids {
  /** A dashed lower-case UUID version 7 (RFC 9562 §5.7). */
  uuid(): string;
}

export const systemClock: Clock = { now: () => Date.now() };

export const systemIds: Ids = { uuid: () => randomUUIDv7() };
