/**
 * Token buckets that several processes share: each counts by itself, and tells the others so often that what they let
 * in together is what one would have.
 *
 * A request asks nobody. Every quarter of a second a process writes down what it let in and takes off its own buckets
 * what the others did; where they were late, a bucket goes below nothing, so that the next seconds make up for it.
 */

import type { Clock } from '../clock.ts';
import type { Database } from '../storage/database.ts';
import { findUsageOfOthers, type RateUsage, tellUsage } from '../storage/rate-usage.ts';
import { type Taken, TokenBuckets } from './token-bucket.ts';

/** How often processes tell each other, in ms. */
const EVERY_MS = 250;

/** A process that has told nothing for so long counts no more, in ms. */
const FORGOTTEN_AFTER_MS = 60_000;

/** An account nobody asked for in so many rounds is left out until it is asked for again. */
const IDLE_ROUNDS = 40;

interface Own {
  used: number;
  idle: number;
  /** What each other process had used when it was last heard of; none before the first round. */
  heard: Map<string, number> | undefined;
}

/** What shared rates work with. */
export interface SharedRatesOptions {
  readonly database: Database;
  readonly clock: Clock;
  /** The name of this process among those that share. */
  readonly process: string;
  readonly perSecond: number;
  /** A steady clock, in ms. */
  readonly steadyNow?: () => number;
}

/** Buckets that hold the requests of one second and gain as many a second, over all processes. */
export class SharedRates {
  readonly #options: SharedRatesOptions;
  readonly #steadyNow: () => number;
  readonly #buckets: TokenBuckets;
  readonly #own = new Map<string, Own>();
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;

  constructor(options: SharedRatesOptions) {
    this.#options = options;
    this.#steadyNow = options.steadyNow ?? (() => performance.now());
    this.#buckets = new TokenBuckets(options.perSecond, options.perSecond);
  }

  take(account: string, now: number): Taken {
    const taken = this.#buckets.take(account, now);
    let own = this.#own.get(account);
    if (own === undefined) {
      own = { used: 0, idle: 0, heard: undefined };
      this.#own.set(account, own);
      // What the others let in so far matters at once.
      void this.exchange();
    }
    own.idle = 0;
    if (taken.allowed) own.used += 1;
    return taken;
  }

  /** Begins to tell and hear of the others. */
  start(): void {
    this.#timer = setInterval(() => void this.exchange(), EVERY_MS);
    this.#timer.unref();
  }

  /** One round; when the database is not there, each process counts for itself until it is. */
  exchange(): Promise<void> {
    this.#underWay ??= this.#exchange()
      .catch(() => undefined)
      .finally(() => {
        this.#underWay = undefined;
      });
    return this.#underWay;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#underWay;
  }

  async #exchange(): Promise<void> {
    const accounts = this.#nextAccounts();
    if (accounts.length === 0) return;
    const { database, clock, process } = this.#options;
    const now = clock.now();
    const before = now - FORGOTTEN_AFTER_MS;
    const usages = accounts.map((account) => ({
      account,
      used: this.#own.get(account)?.used ?? 0,
      level: Math.floor(this.#buckets.level(account, this.#steadyNow()) * 1000),
    }));
    const [others] = await Promise.all([
      findUsageOfOthers(database, { accounts, process, since: before }),
      database.write(tellUsage(process, usages, { now, before })),
    ]);
    this.#hear(accounts, others, now);
  }

  /** The accounts of this round; those that have long been idle are forgotten. */
  #nextAccounts(): string[] {
    for (const [account, own] of this.#own) {
      own.idle += 1;
      if (own.idle > IDLE_ROUNDS) this.#own.delete(account);
    }
    return [...this.#own.keys()];
  }

  #hear(accounts: readonly string[], others: readonly RateUsage[], now: number): void {
    const told = Map.groupBy(others, ({ account }) => account);
    for (const account of accounts) {
      const own = this.#own.get(account);
      const usages = told.get(account) ?? [];
      if (own === undefined) continue;
      const { heard } = own;
      own.heard = new Map(usages.map(({ process, used }) => [process, Number(used)]));
      const owed =
        heard === undefined
          ? this.#missing(usages, now)
          : sum(usages.map((usage) => this.#usedSince(heard, usage)));
      this.#buckets.charge(account, owed, this.#steadyNow());
    }
  }

  /** What is missing in the bucket of a process that this one has not been with so far. */
  #missing(usages: readonly RateUsage[], now: number): number {
    const { perSecond } = this.#options;
    const levels = usages.map(
      ({ level, at }) => Number(level) / 1000 + (Math.max(0, now - Number(at)) / 1000) * perSecond,
    );
    return Math.max(0, perSecond - Math.min(perSecond, ...levels));
  }

  /** What a process has used since it was last heard of; of one that is new, no more than a bucket. */
  #usedSince(heard: ReadonlyMap<string, number>, { process, used }: RateUsage): number {
    const before = heard.get(process);
    if (before === undefined) return Math.min(Number(used), this.#options.perSecond);
    return Math.max(0, Number(used) - before);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
