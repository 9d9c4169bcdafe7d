/** Forgets in the background what was remembered of idempotency keys, account by account. */

import type { Clock } from '../clock.ts';
import type { Database } from '../storage/database.ts';
import { findDueAccounts, forgetDue } from '../storage/idempotency.ts';

/** How often it is looked whether something is due, in ms. */
const PAUSE_MS = 60_000;

/** Accounts asked for at a time, and rows of an account forgotten in one unit, at most. */
const MAX_ACCOUNTS = 100;
const MAX_ROWS = 500;

/** What the cleaning works with. */
export interface IdempotencyCleaningOptions {
  readonly database: Database;
  readonly clock: Clock;
  /** Is told what went wrong; the next round tries again. */
  readonly report: (error: unknown) => void;
}

/** Cleans up each minute until it is closed. Several processes may do so at once. */
export class IdempotencyCleaning {
  readonly #options: IdempotencyCleaningOptions;
  readonly #timer: NodeJS.Timeout;
  #round: Promise<void> | undefined;
  #closed = false;

  constructor(options: IdempotencyCleaningOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.clean().catch(options.report), PAUSE_MS);
    this.#timer.unref();
  }

  /** Forgets what is due now; resolves when that is done. */
  clean(): Promise<void> {
    this.#round ??= this.#cleanAll().finally(() => {
      this.#round = undefined;
    });
    return this.#round;
  }

  /** Waits for the round under way. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#round?.catch(() => undefined);
  }

  async #cleanAll(): Promise<void> {
    const { database, clock } = this.#options;
    const now = clock.now();
    while (!this.#closed) {
      const accounts = await findDueAccounts(database, now, MAX_ACCOUNTS);
      // Read from a timer, before requests of the same turn come.
      database.refresh();
      if (accounts.length === 0) return;
      for (const account of accounts) await database.write(forgetDue(account, now, MAX_ROWS));
    }
  }
}
