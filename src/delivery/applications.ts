/** Applications as deliveries need them: what is parsed once is kept, by its text. */

import type { WebhookHolder } from '../domain/webhook.ts';
import { findApplication } from '../storage/applications.ts';
import { chain, type Database, type MaybePromise } from '../storage/database.ts';

/** An application that has webhooks. */
export interface Holder extends WebhookHolder {
  readonly privacy: { readonly improve_ai: boolean };
}

/** An application as it stands, and the number of its writes. */
export interface StoredHolder {
  readonly holder: Holder;
  readonly version: number;
}

/** Texts kept, at most; the largest has 256 KB. */
const MAX_KEPT = 256;

/** Reads applications and keeps what it has parsed. */
export class Holders {
  readonly #database: Database;
  readonly #parsed = new Map<string, Holder>();

  constructor(database: Database) {
    this.#database = database;
  }

  find(account: string, id: string): MaybePromise<StoredHolder | undefined> {
    return chain(
      findApplication(this.#database, { account, id }),
      (stored) => stored && { holder: this.#parse(stored.document), version: stored.version },
    );
  }

  #parse(document: string): Holder {
    let holder = this.#parsed.get(document);
    if (holder === undefined) {
      holder = JSON.parse(document) as Holder;
      if (this.#parsed.size >= MAX_KEPT) this.#parsed.clear();
      this.#parsed.set(document, holder);
    }
    return holder;
  }
}
