/** The slow hash under which API secrets are kept: Argon2id, off the main thread. */

import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';

/** OWASP's least setting for Argon2id (19 MiB, two passes); about 100 ms on a small machine. */
const COST = { memory: 19 * 1024, passes: 2, parallelism: 1, tagLength: 32 };

/** Written before each hash, so that a later cost can be told from this one. */
const VERSION = 1;

/** A salt for all API secrets of one account. */
export function createSalt(): Buffer {
  return randomBytes(16);
}

/** Hashes a secret; the answer is what `matchesHash` and the database take. */
export function hashSecret(secret: string, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message: Buffer.from(secret, 'utf8'), nonce: salt, ...COST }, (error, tag) => {
      if (error) reject(error);
      else resolve(Buffer.concat([Buffer.of(VERSION), tag]));
    });
  });
}

/** Compares two hashes in constant time. */
export function matchesHash(hash: Uint8Array, stored: Uint8Array): boolean {
  return hash.length === stored.length && timingSafeEqual(hash, stored);
}
