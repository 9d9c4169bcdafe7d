/** The use cases of an application's keys: rotate them, publish them, judge tokens by them. */

import type { Clock } from '../clock.ts';
import type { ApplicationItem } from '../contract/application.ts';
import type { JwkSet } from '../contract/jwks.ts';
import type { TokenVerdict } from '../contract/token.ts';
import { isApiKey } from '../domain/account.ts';
import { lockAccount } from '../storage/accounts.ts';
import { findApplication, updateApplication } from '../storage/applications.ts';
import type { Database } from '../storage/database.ts';
import { findKeys, retireKey } from '../storage/retired-keys.ts';
import { notFound, tooManyRaces } from './applications.ts';
import { type Actor, recordChange, SERVER } from './audit.ts';
import type { KeyPool } from './key-pool.ts';

/** What the use cases work with. */
export interface ApplicationKeysOptions {
  readonly database: Database;
  readonly keys: KeyPool;
  readonly clock: Clock;
  /** How long a retired key stays valid, in ms. */
  readonly graceMs: number;
}

/** An application after a rotation, with its new private key, this once. */
export interface RotatedApplication {
  readonly document: string;
  readonly privateKey: string;
}

/** A rotation that loses this many races in a row is told to come back. */
const MAX_RACES = 16;

/** The keys of all applications. */
export class ApplicationKeys {
  readonly #options: ApplicationKeysOptions;

  constructor(options: ApplicationKeysOptions) {
    this.#options = options;
  }

  /**
   * Gives an application a new pair; the key it had stays valid for the time of grace, one retired before does not.
   *
   * @returns the application and, this once, the private key.
   * @throws `application_not_found`, `overloaded`, `storage_unavailable`.
   */
  async rotate(account: string, id: string, by: Actor = SERVER): Promise<RotatedApplication> {
    const { database, keys, clock, graceMs } = this.#options;
    const { readDocument, writeDocument } = await import('../domain/application.ts');
    const { describeUpdate } = await import('../domain/application-changes.ts');
    const key = { account, id };
    // Looked for before a pair is spent on it.
    if ((await findApplication(database, key)) === undefined) throw notFound(id);
    const { privateKey, publicKey } = await keys.take();
    for (let race = 0; race < MAX_RACES; race += 1) {
      const stored = await findApplication(database, key);
      if (stored === undefined) throw notFound(id);
      const current = readDocument(stored.document);
      const next = { ...current, publicKey };
      const document = writeDocument(next);
      const now = clock.now();
      const details = describeUpdate(current, next);
      const { ok } = await database.write([
        lockAccount(account),
        ...updateApplication(key, stored, document, now),
        retireKey(key, { publicKey: current.publicKey, validUntil: now + graceMs }),
        recordChange(account, now, by, { action: 'key.rotated', subject: id, details }),
      ]);
      if (ok) return { document, privateKey };
    }
    throw tooManyRaces();
  }

  /**
   * The public keys that tokens of an application are verified with, newest first.
   *
   * @throws `application_not_found`, also where the account is unknown or disabled; `storage_unavailable`.
   */
  async publish(account: string, id: string): Promise<JwkSet> {
    const { createJwkSet } = await import('../domain/jwk.ts');
    return createJwkSet(await this.#requireKeys(account, id));
  }

  /** Judges a token by the keys of the application of this account that it names; throws `storage_unavailable`. */
  async verify(account: string, text: string): Promise<TokenVerdict> {
    const { readApplicationToken, verifyApplicationToken } = await import('../domain/application-token.ts');
    const token = readApplicationToken(text);
    if ('reason' in token) return { valid: false, reason: token.reason };
    const keys = await this.#findKeys(account, token.applicationId);
    return verifyApplicationToken(token, keys, this.#options.clock.now());
  }

  async #requireKeys(account: string, id: string): Promise<string[]> {
    const keys = isApiKey(account) ? await this.#findKeys(account, id) : [];
    if (keys.length === 0) throw notFound(id);
    return keys;
  }

  /** SPKI, PEM, newest first; none where there is no such application. */
  async #findKeys(account: string, id: string): Promise<string[]> {
    const found = await findKeys(this.#options.database, { account, id });
    if (found === undefined) return [];
    const { keys }: ApplicationItem = JSON.parse(found.document);
    const { retired } = found;
    const isStanding = retired !== undefined && retired.validUntil > this.#options.clock.now();
    // An import may have brought the retired key back, which is one key then.
    return [...new Set(isStanding ? [keys.public_key, retired.publicKey] : [keys.public_key])];
  }
}
