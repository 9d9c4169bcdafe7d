/** Public keys as JSON Web Keys (RFC 7517), each named by its thumbprint (RFC 7638). */

import { hash } from 'node:crypto';
import type { Jwk, JwkSet } from '../contract/jwks.ts';
import { readSubjectPublicKey } from './rsa-public-key.ts';

/** The set of some public keys (SPKI, PEM, as an application keeps them), in their order. */
export function createJwkSet(publicKeys: readonly string[]): JwkSet {
  return { keys: publicKeys.map(createJwk) };
}

function createJwk(publicKey: string): Jwk {
  const der = Buffer.from(publicKey.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const key = readSubjectPublicKey(der);
  if (key === undefined || typeof key === 'string') throw new Error('a key that is kept is an RSA key');
  const n = key.modulus.toString('base64url');
  const e = key.exponent.toString('base64url');
  // The required members in the order of their names, without white space (RFC 7638 §3).
  const kid = hash('sha256', `{"e":"${e}","kty":"RSA","n":"${n}"}`, 'base64url');
  return { kty: 'RSA', kid, use: 'sig', alg: 'RS256', n, e };
}
