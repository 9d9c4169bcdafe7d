/** Time that stands still until a test moves it, and the timers that go by it. */

import type { Clock, Timers } from '../../src/clock.ts';

/** A clock and its timers; all that is due by a new time runs when it is set, each timer once. */
export class TestTime implements Clock, Timers {
  readonly #timers = new Map<object, { at: number; run: () => void }>();
  #now: number;

  constructor(now = Date.now()) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = {};
    this.#timers.set(timer, { at: this.#now + ms, run });
    return () => void this.#timers.delete(timer);
  }

  /** Goes on by `ms`. */
  advance(ms: number): void {
    this.#now += ms;
    const due = [...this.#timers].filter(([, { at }]) => at <= this.#now);
    due.sort(([, a], [, b]) => a.at - b.at);
    for (const [timer, { run }] of due) {
      if (this.#timers.delete(timer)) run();
    }
  }
}
