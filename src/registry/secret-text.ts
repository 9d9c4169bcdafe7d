/** Keys and secrets out of good randomness, and the check of those that people choose. */

import { randomBytes, randomInt } from 'node:crypto';
import { isApiSecret, isSignatureSecret } from '../domain/account.ts';
import { JackfieldError } from '../errors.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Characters of a made API secret: 119 bits. */
const API_SECRET_LENGTH = 20;

export function createApiKey(): string {
  return randomBytes(4).toString('hex');
}

export function createApiSecret(): string {
  for (;;) {
    const secret = createText(API_SECRET_LENGTH);
    if (isApiSecret(secret)) return secret;
  }
}

export function createSignatureSecret(): string {
  return createText(64);
}

/** @throws `secret_invalid`, which does not repeat the secret. */
export function requireApiSecret(secret: string): string {
  if (isApiSecret(secret)) return secret;
  throw new JackfieldError('secret_invalid', 'The API secret cannot be taken', {
    fix: 'Use 8 to 25 printable characters with a lower-case letter, an upper-case letter and a digit among them.',
  });
}

/** @throws `secret_invalid`, which does not repeat the secret. */
export function requireSignatureSecret(secret: string): string {
  if (isSignatureSecret(secret)) return secret;
  throw new JackfieldError('secret_invalid', 'The signature secret cannot be taken', {
    fix: 'Use at least 32 bytes and at most 512 characters, without white space or control characters.',
  });
}

function createText(length: number): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
