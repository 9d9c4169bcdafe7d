/** Tokens of applications: which hold, and what is said of those that do not. */

import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { describe, it } from 'node:test';
import { check, property, string } from 'fast-check';
import { readApplicationToken, verifyApplicationToken } from './application-token.ts';

const createPair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
const current = createPair();
const retired = createPair();
const stranger = createPair();

const NOW = 1_790_000_000;
const HEADER = '{"alg":"RS256","typ":"JWT"}';
const CLAIMS = { application_id: 'app', iat: NOW, exp: NOW + 900, jti: 'one' };

const encode = (text: string | Buffer) => Buffer.from(text).toString('base64url');

/** A token of exactly these texts, signed with `key` by RS256. */
function createToken(payload: string, { header = HEADER, key = current.privateKey } = {}): string {
  const signed = `${encode(header)}.${encode(payload)}`;
  return `${signed}.${encode(sign('sha256', Buffer.from(signed), key))}`;
}

const withClaims = (changes: object) => createToken(JSON.stringify({ ...CLAIMS, ...changes }));

/** The verdict on a token with the keys of its application. */
function judge(text: string, keys = [current.publicKey, retired.publicKey], now = NOW * 1000) {
  const token = readApplicationToken(text);
  return 'reason' in token
    ? { valid: false, reason: token.reason }
    : verifyApplicationToken(token, keys, now);
}

function assertRefused(text: string, reason: RegExp): void {
  const verdict = judge(text);
  assert.ok(verdict.valid === false && 'reason' in verdict, JSON.stringify(verdict));
  assert.match(verdict.reason, reason);
}

const HOLDING: readonly [string, string][] = [
  ['the current key', createToken(JSON.stringify(CLAIMS))],
  ['the retired key', createToken(JSON.stringify(CLAIMS), { key: retired.privateKey })],
  ['a header of alg alone', createToken(JSON.stringify(CLAIMS), { header: '{"alg":"RS256"}' })],
  ['a kid of its own', createToken(JSON.stringify(CLAIMS), { header: '{"alg":"RS256","kid":"mine"}' })],
  ['times that are no whole numbers', withClaims({ iat: NOW - 0.5, exp: NOW + 0.5, nbf: NOW - 1.25 })],
  ['an iat as far ahead as may be', withClaims({ iat: NOW + 60 })],
  ['an nbf as far ahead as may be', withClaims({ nbf: NOW + 60 })],
  ['a jti of 1 character', withClaims({ jti: 'x' })],
  ['a jti of 255 characters beyond the first plane', withClaims({ jti: '🎈'.repeat(255) })],
  [
    'paths',
    withClaims({ acl: { paths: { '/*/users/**': {}, '/*/messages/**': { methods: ['GET', 'POST'] } } } }),
  ],
  ['filters', withClaims({ acl: { paths: { '/**': { filters: { to: '447700900000', n: [1] } } } } })],
  ['no paths at all', withClaims({ acl: { paths: {} } })],
  ['claims that nobody asked for', withClaims({ sub: 'alice', more: { deep: [1, null] } })],
  ['a member twice, of which the last counts', createToken(`{"exp":1,${JSON.stringify(CLAIMS).slice(1)}`)],
  ['__proto__ of no meaning inside of white space', createToken(` ${JSON.stringify(CLAIMS)}\n`)],
];

const FORM = /^the token is no JWT/;
const SIGNATURE = /^the signature fits no valid key/;
const signed = createToken(JSON.stringify(CLAIMS));
const [head = '', payload = '', mark = ''] = signed.split('.');
const none = encode('{"alg":"none"}');
const hmac = encode('{"alg":"HS256","typ":"JWT"}');

const REFUSED: readonly [string, string, RegExp][] = [
  ['no text', '', FORM],
  ['no token', 'hello', FORM],
  ['two parts', `${head}.${payload}`, FORM],
  ['four parts', `${signed}.x`, FORM],
  ['five parts, as an encrypted token has', 'a.b.c.d.e', FORM],
  ['a scheme in front', `Bearer ${signed}`, /^the header of the token/],
  ['more than 16,384 characters', 'a'.repeat(16_385), /longer than 16384/],
  ['alg none', `${none}.${payload}.`, /RS256/],
  ['alg none with a signature', `${none}.${payload}.${mark}`, /RS256/],
  [
    'HS256 with the public key',
    `${hmac}.${payload}.${createHmac('sha256', current.publicKey).update(`${hmac}.${payload}`).digest('base64url')}`,
    /RS256/,
  ],
  ['alg in lower case', createToken(JSON.stringify(CLAIMS), { header: '{"alg":"rs256"}' }), /RS256/],
  ['alg in a list', createToken(JSON.stringify(CLAIMS), { header: '{"alg":["RS256"]}' }), /RS256/],
  ['two algs, the last of them none', createToken('{}', { header: '{"alg":"RS256","alg":"none"}' }), /RS256/],
  ['alg by inheritance', createToken('{}', { header: '{"__proto__":{"alg":"RS256"}}' }), /header/],
  ['crit', createToken('{}', { header: '{"alg":"RS256","crit":["exp"]}' }), /extensions/],
  ['a header that is a list', createToken('{}', { header: '[]' }), /header/],
  ['a header that is no JSON', createToken('{}', { header: '{' }), /header/],
  ['padding', `${head}=.${payload}.${mark}`, /header/],
  ['base64 that is not of URLs', `${head}.${payload}.${mark}`.replace(mark, '+/+/'), /signature/],
  [
    'stray bits',
    `${head}.${payload}.${mark}`.slice(0, -1).concat(mark.endsWith('B') ? 'C' : 'B'),
    /signature/,
  ],
  ['white space', `${head}.${payload}\n.${mark}`, /payload/],
  ['a payload that is no UTF-8', `${head}.${encode(Buffer.of(0x7b, 0xff, 0x7d))}.${mark}`, /payload/],
  ['a byte order mark', createToken(`\ufeff${JSON.stringify(CLAIMS)}`), /payload/],
  ['a payload that is text', createToken('"x"'), /payload/],
  ['a payload that is null', createToken('null'), /payload/],
  [
    'a payload that is nested without end',
    createToken(`{"a":${'['.repeat(4000)}${']'.repeat(4000)}}`),
    /payload/,
  ],
  ['no signature', `${head}.${payload}.`, /signature/],
  ['the signature of another', createToken(JSON.stringify(CLAIMS), { key: stranger.privateKey }), SIGNATURE],
  ['a short signature', `${head}.${payload}.AAAA`, SIGNATURE],
  ['other claims under the signature', `${head}.${encode('{"application_id":"app"}')}.${mark}`, SIGNATURE],
  ['no application_id', withClaims({ application_id: undefined }), /application_id is required/],
  [
    'an application_id that is a number',
    withClaims({ application_id: 5 }),
    /application_id must be a string/,
  ],
  ['an application_id that is null', withClaims({ application_id: null }), /application_id must be a string/],
  ['no exp', withClaims({ exp: undefined }), /exp is required/],
  ['an exp that is text', withClaims({ exp: `${NOW + 900}` }), /exp must be a number/],
  [
    'an exp beyond numbers',
    createToken(JSON.stringify(CLAIMS).replace(/"exp":\d+/, '"exp":1e999')),
    /payload/,
  ],
  ['an exp of now', withClaims({ exp: NOW }), /expired/],
  ['no iat', withClaims({ iat: undefined }), /iat is required/],
  ['an iat that is true', withClaims({ iat: true }), /iat must be a number/],
  ['an iat too far ahead', withClaims({ iat: NOW + 60.001 }), /issued in the future/],
  ['an nbf that is null', withClaims({ nbf: null }), /nbf must be a number/],
  ['an nbf too far ahead', withClaims({ nbf: NOW + 61 }), /not valid yet/],
  ['no jti', withClaims({ jti: undefined }), /jti is required/],
  ['a jti that is a number', withClaims({ jti: 1 }), /jti must be a string/],
  ['an empty jti', withClaims({ jti: '' }), /jti must be between 1 and 255/],
  ['a jti of 256 characters', withClaims({ jti: 'x'.repeat(256) }), /jti must be between 1 and 255/],
  ['an acl that is a list', withClaims({ acl: [] }), /acl must be an object/],
  ['an acl that is null', withClaims({ acl: null }), /acl must be an object/],
  ['an acl without paths', withClaims({ acl: {} }), /acl.paths is required/],
  ['paths that are a list', withClaims({ acl: { paths: ['/**'] } }), /acl.paths must be an object/],
  ['a path without a slash', withClaims({ acl: { paths: { users: {} } } }), /begin with a slash/],
  ['a path without an object', withClaims({ acl: { paths: { '/**': true } } }), /must have an object/],
  ['methods that are text', withClaims({ acl: { paths: { '/**': { methods: 'GET' } } } }), /methods/],
  ['a method that is none', withClaims({ acl: { paths: { '/**': { methods: ['get'] } } } }), /methods/],
  ['filters that are a list', withClaims({ acl: { paths: { '/**': { filters: [] } } } }), /filters/],
];

describe('a token of an application', () => {
  for (const [what, token] of HOLDING) {
    it(`holds with ${what}`, () => {
      const verdict = judge(token);
      assert.equal(verdict.valid, true, JSON.stringify(verdict));
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
      assert.deepEqual('claims' in verdict && verdict.claims, claims);
    });
  }

  for (const [what, token, reason] of REFUSED) {
    it(`does not hold with ${what}`, () => assertRefused(token, reason));
  }

  it('does not hold where the account has no such application', () => {
    assert.deepEqual(judge(signed, []), {
      valid: false,
      reason: 'the account has no application of this application_id',
    });
  });

  it('holds to the millisecond until it expires', () => {
    assert.equal(judge(signed, [current.publicKey], (NOW + 900) * 1000 - 1).valid, true);
    assert.equal(judge(signed, [current.publicKey], (NOW + 900) * 1000).valid, false);
  });

  it('is not held by a retired key whose time is up', () => {
    assert.equal(
      judge(createToken(JSON.stringify(CLAIMS), { key: retired.privateKey }), [current.publicKey]).valid,
      false,
    );
  });

  it('of any text is refused with a reason, and never thrown at', () => {
    const refuses = property(string(), string(), string(), (one, two, three) => {
      const verdict = judge(`${encode(one)}.${encode(two)}.${three}`);
      return !verdict.valid && 'reason' in verdict && verdict.reason !== '';
    });
    assert.equal(check(refuses, { numRuns: 500 }).failed, false);
  });

  it('of which any one character has changed does not hold', () => {
    for (let at = 0; at < signed.length; at += 7) {
      const changed = signed.slice(0, at) + (signed[at] === 'x' ? 'y' : 'x') + signed.slice(at + 1);
      assert.equal(judge(changed).valid, false, `${at}`);
    }
  });
});
