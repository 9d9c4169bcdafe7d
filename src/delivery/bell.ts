/** Tells whoever waits for the deliveries of an account, or for one of them, that something has changed in this process. */

import type { Timers } from '../clock.ts';

/** What those wait by who wait for one delivery; the changes of all others of the account would wake them for nothing. */
export function nameWaited(account: string, delivery: string): string {
  return `${account}/${delivery}`;
}

/** Wakes waiters of an account or a delivery; who hears nothing asks anyway after a while, since other processes ring no bell here. */
export class Bell {
  readonly #timers: Timers;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  ring(account: string): void {
    const waiting = this.#waiting.get(account);
    if (waiting === undefined) return;
    this.#waiting.delete(account);
    for (const wake of waiting) wake();
  }

  /** Wakes everybody. */
  ringAll(): void {
    for (const account of [...this.#waiting.keys()]) this.ring(account);
  }

  /** Resolves at the next ring, after `ms`, or when the signal is given. */
  wait(account: string, ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(account) ?? new Set();
      this.#waiting.set(account, waiting);
      const wake = () => {
        cancel();
        signal?.removeEventListener('abort', wake);
        waiting.delete(wake);
        if (waiting.size === 0 && this.#waiting.get(account) === waiting) this.#waiting.delete(account);
        resolve();
      };
      const cancel = this.#timers.after(ms, wake);
      waiting.add(wake);
      signal?.addEventListener('abort', wake);
    });
  }
}
