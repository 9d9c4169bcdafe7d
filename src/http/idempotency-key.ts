/** Reads `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header, RFC 9651 §3.3.3; W80). */

import type { IncomingHttpHeaders } from 'node:http';
import { JackfieldError } from '../errors.ts';

/** Characters of a key, at most. */
const MAX_LENGTH = 255;

/** A string of RFC 9651: printable ASCII in double quotes, where a backslash stands before a quote or another one. */
const QUOTED = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;

/** What clients send that know nothing of that: visible ASCII without quotes, back slashes, commas and semicolons. */
const BARE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/;

/**
 * Reads the key of a request; with its quotes or without it is the same.
 *
 * @returns undefined when there is none.
 * @throws `header_invalid`.
 */
export function parseIdempotencyKey(headers: IncomingHttpHeaders): string | undefined {
  const header = headers['idempotency-key'];
  if (header === undefined) return undefined;
  const text = String(header).trim();
  const key = QUOTED.exec(text)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? BARE.exec(text)?.[0] ?? '';
  if (key.length < 1 || key.length > MAX_LENGTH) {
    throw new JackfieldError(
      'header_invalid',
      `Invalid Idempotency-Key header provided. Must be one string of 1 to ${MAX_LENGTH} characters in double quotes`,
    );
  }
  return key;
}
