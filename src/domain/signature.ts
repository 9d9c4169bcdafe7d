/** The signed token that a call carries: a JWT by HS256 (D10). */

import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** What the token says of a call. */
export interface Signing {
  /** When the call is made, in milliseconds since the Unix epoch. */
  readonly now: number;
  /** The id of the attempt. */
  readonly attemptId: string;
  readonly issuer: string;
  readonly payloadHash: string;
  readonly apiKey: string;
  readonly applicationId: string;
}

/** The shortest secret for HS256, in bytes (RFC 7518 §3.2). */
const MIN_SECRET_BYTES = 32;

/** The same for every token, so encoded once. */
const HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');

/**
 * The key of a signature secret: its UTF-8 bytes as they stand, never decoded (D10). Kept by the caller; to make it
 * anew for each call would cost about as much as signing.
 *
 * @throws RangeError for a secret under 32 bytes.
 */
export function importSignatureSecret(secret: string): KeyObject {
  const bytes = Buffer.from(secret, 'utf8');
  if (bytes.length < MIN_SECRET_BYTES) {
    throw new RangeError(`A signature secret has at least ${MIN_SECRET_BYTES} bytes`);
  }
  return createSecretKey(bytes);
}

/** Signs a call: the value of its `Authorization` header. `iat` is rounded down, so that it never lies ahead (D12). */
export function signCall(key: KeyObject, signing: Signing): string {
  const claims = JSON.stringify({
    iat: Math.floor(signing.now / 1000),
    jti: signing.attemptId,
    iss: signing.issuer,
    payload_hash: signing.payloadHash,
    api_key: signing.apiKey,
    application_id: signing.applicationId,
  });
  const input = `${HEADER}.${Buffer.from(claims, 'utf8').toString('base64url')}`;
  return `Bearer ${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
}
