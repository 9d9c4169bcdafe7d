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

/** What happens later; what waits for it does not keep a process alive. */
export interface Timers {
  /** Calls `run` once after `ms`, unless the function it answers is called before. */
  after(ms: number, run: () => void): () => void;
}

/** Where chance comes from. */
export interface Chance {
  /** From 0 up to but not including 1. */
  fraction(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

export const systemIds: Ids = { uuid: () => randomUUIDv7() };

export const systemTimers: Timers = {
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export const systemChance: Chance = { fraction: () => Math.random() };
