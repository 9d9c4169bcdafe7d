/** Creates with an idempotency key: a repeat is answered like the first, and makes nothing. */

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { JackfieldError } from '../errors.ts';
import { findAccount } from '../storage/accounts.ts';
import type { Database, Write } from '../storage/database.ts';
import { findIdempotencyKey, type IdempotencyRow, insertIdempotencyKey } from '../storage/idempotency.ts';
import { deriveIdempotencyKeys, type IdempotencyKeys } from './idempotency-derivation.ts';
import { seal, unseal } from './seal.ts';

/** What repeats are found and answered with. */
export interface IdempotencyOptions {
  readonly database: Database;
  readonly clock: Clock;
  /** Without one no private key is kept for a repeat. */
  readonly masterKey: Buffer | undefined;
}

/** A create that may be a repeat. */
export interface KeyedCreate {
  readonly account: string;
  /** The key as its client made it up. */
  readonly key: string;
  /** The body, byte for byte. */
  readonly text: string;
}

/** What a create answered, or answers again. */
interface Answered {
  readonly id: string;
  readonly document: string;
  readonly privateKey: string | undefined;
  /** It was answered before. */
  readonly replayed: boolean;
}

/** Makes an application, together with the writes that it is given; undefined when their unit did not hold. */
type Create = (remember: (answered: Answered) => Write[]) => Promise<Answered | undefined>;

/** How long a repeat is answered, and how long with the private key, in ms. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000;
const PRIVATE_KEY_MS = 10 * 60 * 1000;

/** The creates with a key that are under way in this process, and what was answered before. */
export class Idempotency {
  readonly #options: IdempotencyOptions;
  /** Hashes of the bodies, by account and hash of the key. */
  readonly #underWay = new Map<string, Buffer>();

  constructor(options: IdempotencyOptions) {
    this.#options = options;
  }

  /**
   * Answers a repeat, or has `create` make the application and remembers it in the same unit.
   *
   * What fails is not remembered. A process that loses a race against another one answers what the other has made.
   *
   * @returns undefined when the application could not be made.
   * @throws `idempotency_mismatch`, `idempotency_conflict`, what `create` throws.
   */
  async answer(request: KeyedCreate, create: Create): Promise<Answered | undefined> {
    const { account } = request;
    const found = await findAccount(this.#options.database, account);
    if (found === undefined) return undefined;
    const keys = await deriveIdempotencyKeys(request.key, found.secret_salt, this.#options.masterKey);
    const bodyHash = createHmac('sha256', keys.body).update(request.text).digest();
    const earlier = await this.#recall(account, keys, bodyHash);
    if (earlier !== undefined) return earlier;
    const made = await this.#alone(account, keys, bodyHash, () =>
      create((answered) => this.#remember(account, keys, bodyHash, answered)),
    );
    return made ?? (await this.#recall(account, keys, bodyHash));
  }

  /** Runs `create` unless the same is under way already. */
  async #alone<T>(
    account: string,
    keys: IdempotencyKeys,
    bodyHash: Buffer,
    create: () => Promise<T>,
  ): Promise<T> {
    const name = `${account} ${keys.hash.toString('base64')}`;
    const other = this.#underWay.get(name);
    if (other !== undefined) throw other.equals(bodyHash) ? conflict() : mismatch();
    this.#underWay.set(name, bodyHash);
    try {
      return await create();
    } finally {
      this.#underWay.delete(name);
    }
  }

  async #recall(account: string, keys: IdempotencyKeys, bodyHash: Buffer): Promise<Answered | undefined> {
    const { database, clock } = this.#options;
    const row = await findIdempotencyKey(database, account, keys.hash);
    const now = clock.now();
    if (row === undefined || row.expires_at <= now) return undefined;
    if (!timingSafeEqual(bodyHash, row.body_hash)) throw mismatch();
    return {
      id: row.application,
      document: unseal(keys.answer, placeOf(row, 'answer'), row.answer),
      replayed: true,
      privateKey:
        now < row.expires_at - REMEMBERED_MS + PRIVATE_KEY_MS ? openPrivateKey(row, keys) : undefined,
    };
  }

  #remember(account: string, keys: IdempotencyKeys, bodyHash: Buffer, answered: Answered): Write[] {
    const now = this.#options.clock.now();
    const { id, document, privateKey } = answered;
    const place = { account, application: id };
    const sealedKey =
      privateKey === undefined || keys.privateKey === undefined
        ? null
        : seal(keys.privateKey, placeOf(place, 'private key'), privateKey);
    const row: IdempotencyRow = {
      ...place,
      key_hash: keys.hash,
      body_hash: bodyHash,
      answer: seal(keys.answer, placeOf(place, 'answer'), document),
      private_key: sealedKey,
      expires_at: now + REMEMBERED_MS,
      due_at: now + (sealedKey === null ? REMEMBERED_MS : PRIVATE_KEY_MS),
    };
    return insertIdempotencyKey(row, now);
  }
}

/** Opens the private key of an answer; one that was sealed before the master key changed is lost. */
function openPrivateKey(row: IdempotencyRow, keys: IdempotencyKeys): string | undefined {
  if (row.private_key === null || keys.privateKey === undefined) return undefined;
  try {
    return unseal(keys.privateKey, placeOf(row, 'private key'), row.private_key);
  } catch {
    return undefined;
  }
}

function placeOf({ account, application }: Pick<IdempotencyRow, 'account' | 'application'>, what: string) {
  return `idempotency ${account} ${application} ${what}`;
}

function mismatch(): JackfieldError {
  return new JackfieldError('idempotency_mismatch', 'This Idempotency-Key was used with another body');
}

function conflict(): JackfieldError {
  return new JackfieldError('idempotency_conflict', 'A request with this Idempotency-Key is under way');
}
