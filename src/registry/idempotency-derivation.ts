/** From an idempotency key to the hash it is found by and the keys that open what it was answered. */

import { argon2, hkdfSync } from 'node:crypto';

/**
 * 8 MiB and one pass: 10 to 20 ms on a small machine, off the main thread.
 *
 * Clients make up keys such as `order-17`, and whoever has the database can try them one after the other. A hash as
 * fast as SHA-256 would let him try a billion a second; of this one a machine manages some hundreds.
 */
const COST = { memory: 8 * 1024, passes: 1, parallelism: 1, tagLength: 32 };

const KEY_BYTES = 32;

/** What is derived from one idempotency key of one account. */
export interface IdempotencyKeys {
  /** What it is found by. */
  readonly hash: Buffer;
  /** Hashes the body. */
  readonly body: Buffer;
  /** Seals what was answered. */
  readonly answer: Buffer;
  /** Seals the private key; not without the master key. */
  readonly privateKey: Buffer | undefined;
}

/**
 * Derives what one idempotency key of an account opens (HKDF, RFC 5869).
 *
 * Only the seal of the private key depends on the master key: when that is changed, repeats are found all the same.
 *
 * @param salt the account's own.
 */
export async function deriveIdempotencyKeys(
  key: string,
  salt: Uint8Array,
  masterKey: Buffer | undefined,
): Promise<IdempotencyKeys> {
  const root = await stretch(key, salt);
  return {
    hash: derive(root, salt, 'hash'),
    body: derive(root, salt, 'body'),
    answer: derive(root, salt, 'answer'),
    privateKey: masterKey && derive(Buffer.concat([masterKey, root]), salt, 'private key'),
  };
}

function derive(from: Buffer, salt: Uint8Array, what: string): Buffer {
  return Buffer.from(hkdfSync('sha256', from, salt, `jackfield idempotency ${what}`, KEY_BYTES));
}

function stretch(key: string, salt: Uint8Array): Promise<Buffer> {
  const message = Buffer.from(key, 'utf8');
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message, nonce: salt, ...COST }, (error, tag) => {
      if (error) reject(error);
      else resolve(tag);
    });
  });
}
