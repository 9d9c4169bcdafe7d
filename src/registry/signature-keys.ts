/** The signature secrets that callbacks are signed with: the newest of each account, opened once. */

import { hash, type KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { importSignatureSecret } from '../domain/signature.ts';
import { JackfieldError } from '../errors.ts';
import { chain, type Database, type MaybePromise } from '../storage/database.ts';
import { findSecrets } from '../storage/secrets.ts';
import { placeOfSignatureSecret } from './accounts.ts';
import { unseal } from './seal.ts';

/** What the keys are found with. */
export interface SignatureKeysOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly masterKey: Buffer;
}

/** Accounts whose keys are kept, at most. */
const MAX_KEPT = 10_000;

/** How long a key counts as the newest where asking costs a round trip, in ms. */
const FRESH_MS = 1000;

interface Found {
  readonly at: number;
  readonly version: number;
  readonly key: MaybePromise<KeyObject>;
}

/** Finds keys; they stay opened for as long as their secrets are the same. */
export class SignatureKeys {
  readonly #options: SignatureKeysOptions;
  readonly #found = new Map<string, Found>();
  readonly #opened = new Map<string, KeyObject>();

  constructor(options: SignatureKeysOptions) {
    this.#options = options;
  }

  /**
   * The key of an account's newest signature secret (D12).
   *
   * @throws `signing_impossible` when it has none, `master_key_wrong`, `storage_unavailable`.
   */
  find(account: string): MaybePromise<KeyObject> {
    const { database, clock } = this.#options;
    const version = database.version();
    const known = this.#found.get(account);
    const isFresh = database.paysRoundTrips
      ? known !== undefined && clock.now() - known.at < FRESH_MS
      : known?.version === version;
    if (known !== undefined && isFresh) return known.key;
    const key = this.#read(account);
    if (this.#found.size >= MAX_KEPT) this.#found.clear();
    this.#found.set(account, { at: clock.now(), version, key });
    if (key instanceof Promise) key.catch(() => this.#found.delete(account));
    return key;
  }

  #read(account: string): MaybePromise<KeyObject> {
    return chain(findSecrets(this.#options.database, 'signature', account), (rows) => {
      const newest = rows.at(-1);
      if (newest === undefined) {
        throw new JackfieldError('signing_impossible', `Account ${account} has no signature secret`, {
          fix: `\`jackfield signature-secret rotate ${account}\` makes one.`,
        });
      }
      return this.#open(placeOfSignatureSecret(account, newest.id), newest.content);
    });
  }

  #open(place: string, sealed: Uint8Array): KeyObject {
    // Sealed anew under another master key it is another text.
    const name = hash('sha256', Buffer.concat([Buffer.from(place), sealed]), 'base64');
    let key = this.#opened.get(name);
    if (key === undefined) {
      key = importSignatureSecret(unseal(this.#options.masterKey, place, sealed));
      if (this.#opened.size >= MAX_KEPT) this.#opened.clear();
      this.#opened.set(name, key);
    }
    return key;
  }
}
