/** Removes what is older than it has to be kept, account by account, a bounded number of rows at a time. */

import type { Clock, Timers } from '../clock.ts';
import { leastIdAt } from '../domain/delivery.ts';
import type { Database } from '../storage/database.ts';
import { findNextAccount, removeEnded, removeOldChanges } from '../storage/delivery-retention.ts';
import type { DeliveryLog } from './log.ts';

/** What the cleaner works with. */
export interface CleanerOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: DeliveryLog;
  readonly retentionDays: number;
}

/** How often it is looked for what is old, in ms. */
const CLEAN_EVERY_MS = 60_000;

/** How long changes are told of, in ms: at least an hour, and a look more. */
const KEEP_CHANGES_MS = 65 * 60_000;

const DAY_MS = 24 * 60 * 60_000;

/** Rows removed in one transaction, so that nobody waits long behind it. */
const AT_ONCE = 500;

/** Cleans again and again until it is stopped. */
export class Cleaner {
  readonly #options: CleanerOptions;
  #cancel: () => void = () => undefined;
  #stopped = false;
  #cleaning: Promise<void> | undefined;

  constructor(options: CleanerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancel = this.#options.timers.after(CLEAN_EVERY_MS, () => {
      this.start();
      this.#cleaning ??= this.#clean().finally(() => {
        this.#cleaning = undefined;
      });
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#cleaning;
  }

  async #clean(): Promise<void> {
    const { database, clock, log, retentionDays } = this.#options;
    const now = clock.now();
    const before = leastIdAt(now - retentionDays * DAY_MS);
    try {
      database.refresh();
      let account = await findNextAccount(database, '');
      while (account !== undefined) {
        const key = account;
        await this.#untilLess(() => removeEnded(database, { account: key, before, limit: AT_ONCE }));
        const old = { account: key, before: now - KEEP_CHANGES_MS, limit: AT_ONCE };
        await this.#untilLess(() => removeOldChanges(database, old));
        if (this.#stopped) return;
        account = await findNextAccount(database, key);
      }
    } catch (error) {
      log.tellTrouble(error, 'old deliveries cannot be removed; it is tried again');
    }
  }

  async #untilLess(remove: () => Promise<number>): Promise<void> {
    while (!this.#stopped && (await remove()) === AT_ONCE);
  }
}
