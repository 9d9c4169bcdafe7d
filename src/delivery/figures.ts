/** What deliveries are counted by, as plain numbers; who shows them reads them here. */

import { type DeliveryStatus, isEnded } from '../domain/delivery.ts';

/** Upper bounds of the buckets of a call's time, in seconds. */
const CALL_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The times of the calls of one capability. */
export interface CallTimes {
  /** Upper bounds of the buckets, in seconds. */
  readonly bounds: readonly number[];
  /** By bucket; the last is what exceeds every bound. */
  readonly buckets: number[];
  /** Seconds. */
  sum: number;
}

function createTimes(): CallTimes {
  return { bounds: CALL_BOUNDS, buckets: CALL_BOUNDS.map(() => 0).concat(0), sum: 0 };
}

/** How long the queue of all processes is. */
export interface QueueLevel {
  /** Deliveries that have not ended, counted up to a bound. */
  readonly depth: number;
  /** How long something has been due that nobody has taken, in ms; 0 when there is nothing. */
  readonly ageMs: number;
}

/** The figures of this process. */
export class Figures {
  /** Attempts by capability and outcome. */
  readonly attempts = new Map<string, Map<string, number>>();
  /** The times of calls by capability. */
  readonly times = new Map<string, CallTimes>();
  /** Deliveries that ended, by status. */
  readonly ended = new Map<string, number>();
  accepted = 0;
  /** Calls under way. */
  underWay = 0;

  countAttempt(capability: string, outcome: string, ms: number): void {
    const outcomes = this.attempts.get(capability) ?? new Map<string, number>();
    this.attempts.set(capability, outcomes);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    const times = this.times.get(capability) ?? createTimes();
    this.times.set(capability, times);
    const seconds = ms / 1000;
    const at = CALL_BOUNDS.findIndex((bound) => seconds <= bound);
    const bucket = at === -1 ? CALL_BOUNDS.length : at;
    times.buckets[bucket] = (times.buckets[bucket] ?? 0) + 1;
    times.sum += seconds;
  }

  /** Counts a delivery that was taken; some have ended by then, without the engine. */
  countAccepted(status: DeliveryStatus): void {
    this.accepted += 1;
    if (isEnded(status)) this.countEnd(status);
  }

  countEnd(status: string): void {
    this.ended.set(status, (this.ended.get(status) ?? 0) + 1);
  }
}
