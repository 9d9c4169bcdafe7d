/** The key set against `node:crypto` and `jose`, and against the example of RFC 7638. */

import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { calculateJwkThumbprint } from 'jose';
import { createJwkSet } from './jwk.ts';

/** The key of RFC 7638 §3.1, whose thumbprint stands there. */
const RFC_KEY = {
  kty: 'RSA',
  n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
  e: 'AQAB',
};

const pem = (key: ReturnType<typeof createPublicKey>) =>
  key.export({ type: 'spki', format: 'pem' }).toString();

describe('createJwkSet', () => {
  it('names the key of RFC 7638 as the RFC does', () => {
    const { keys } = createJwkSet([pem(createPublicKey({ key: RFC_KEY, format: 'jwk' }))]);
    assert.deepEqual(keys, [
      { ...RFC_KEY, kid: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs', use: 'sig', alg: 'RS256' },
    ]);
  });

  for (const modulusLength of [2048, 2056, 3072, 4096]) {
    it(`writes the numbers that node:crypto does, ${modulusLength} bits`, async () => {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength });
      const expected = publicKey.export({ format: 'jwk' });
      const [key] = createJwkSet([pem(publicKey)]).keys;
      assert.deepEqual(key, {
        ...expected,
        kid: await calculateJwkThumbprint(expected),
        use: 'sig',
        alg: 'RS256',
      });
    });
  }

  it('keeps the order it is given', () => {
    const pems = Array.from({ length: 2 }, () =>
      pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey),
    );
    const [first, second] = createJwkSet(pems).keys;
    const [back, front] = createJwkSet(pems.toReversed()).keys;
    assert.deepEqual([first, second], [front, back]);
  });
});
