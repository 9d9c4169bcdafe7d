/** The keys of an application: made once, brought along, replaced, refused. */

import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { type Application, application, createClient, page } from './client.ts';
import { refused } from './problem.ts';
import { body, OTHER_KEY, OWN_KEY, oddKey, sameKey } from './sample.ts';
import { openTarget, startConfigured } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const spki = (key: ReturnType<typeof oddKey>) => key.export({ type: 'spki', format: 'pem' }).toString();
const framed = (text: string) => `-----BEGIN PUBLIC KEY-----\n${text}\n-----END PUBLIC KEY-----\n`;
const withKey = (public_key: unknown) => body({ keys: { public_key } });

/** Asserts that an answer holds a fresh pair of `bits`, in the two PEM forms, and that its halves belong together. */
function assertPair({ keys }: Application, bits = 2048): void {
  assert.deepEqual(Object.keys(keys), ['private_key', 'public_key']);
  const privatePem = keys.private_key ?? '';
  assert.match(privatePem, /^-----BEGIN PRIVATE KEY-----\n[\w+/=\n]+\n-----END PRIVATE KEY-----\n?$/);
  assert.match(keys.public_key, /^-----BEGIN PUBLIC KEY-----\n[\w+/=\n]+\n-----END PUBLIC KEY-----\n?$/);
  const details = createPublicKey(keys.public_key).asymmetricKeyDetails;
  assert.deepEqual(details, { modulusLength: bits, publicExponent: 65537n });
  const signature = sign('sha256', Buffer.from('text'), createPrivateKey(privatePem));
  assert.ok(verify('sha256', Buffer.from('text'), keys.public_key, signature));
}

describe('a create without a public key', () => {
  const none: [string, Record<string, unknown>][] = [
    ['no keys', { name: 'n' }],
    ['keys null', { name: 'n', keys: null }],
    ['empty keys', { name: 'n', keys: {} }],
    ['public_key null', { name: 'n', keys: { public_key: null } }],
    ['public_key ""', { name: 'n', keys: { public_key: '' } }],
    ['only a private_key, which is ignored', { name: 'n', keys: { private_key: 'x' } }],
  ];
  for (const [what, json] of none) {
    it(`W08 makes a pair for ${what}`, async () => {
      assertPair(application(await api.create(json), 201));
    });
  }

  it('W09 answers the private key once and keeps only the public key', async () => {
    const created = await api.given({ name: 'once' });
    assertPair(created);
    const { public_key } = created.keys;
    assert.deepEqual((await api.found(created.id)).keys, { public_key });
    const listed = page(await api.list('?page_size=100'))._embedded.applications;
    assert.deepEqual(listed.find(({ id }) => id === created.id)?.keys, { public_key });
    const updated = application(await api.update(created.id, { name: 'once', keys: created.keys }));
    assert.deepEqual(updated.keys, { public_key });
  });

  it('W09 makes another pair each time', async () => {
    const made = await Promise.all(Array.from({ length: 4 }, () => api.given({ name: 'many' })));
    assert.equal(new Set(made.map(({ keys }) => keys.public_key)).size, 4);
    assert.equal(new Set(made.map(({ keys }) => keys.private_key)).size, 4);
  });

  for (const bits of [3072, 4096]) {
    it(`W09 makes pairs of ${bits} bit when configured`, async () => {
      await using server = await startConfigured({
        JACKFIELD_KEY_BITS: `${bits}`,
        JACKFIELD_KEY_POOL_SIZE: '1',
      });
      const made = await createClient(server.url, server.accounts[0]).given({ name: 'large' });
      assertPair(made, bits);
    });
  }
});

describe('a public key of the client', () => {
  it('W09 is stored and answered, with no private key', async () => {
    const created = await api.given(withKey(OWN_KEY));
    assert.deepEqual(Object.keys(created.keys), ['public_key']);
    assert.ok(sameKey(created.keys.public_key, OWN_KEY));
    assert.deepEqual((await api.found(created.id)).keys, created.keys);
  });

  it('W10 replaces the old one on PUT, which never answers a private key', async () => {
    const { id } = await api.given(body({ keys: {} }));
    const updated = application(await api.update(id, withKey(OTHER_KEY)));
    assert.deepEqual(Object.keys(updated.keys), ['public_key']);
    assert.ok(sameKey(updated.keys.public_key, OTHER_KEY));
    assert.deepEqual((await api.found(id)).keys, updated.keys);
  });

  for (const keys of [
    undefined,
    null,
    {},
    { public_key: null },
    { public_key: '' },
    { private_key: 'mine' },
  ]) {
    it(`W08 is kept by a PUT with keys ${JSON.stringify(keys)}, which makes no pair (W10)`, async () => {
      const { id, keys: before } = await api.given(withKey(OWN_KEY));
      assert.deepEqual(application(await api.update(id, body({ keys }))).keys, before);
      assert.deepEqual((await api.found(id)).keys, before);
    });
  }

  const pkcs1 = pair.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const good: readonly [what: string, sent: string, kept: string][] = [
    ['PKCS#1', pkcs1, spki(pair.publicKey)],
    ['SPKI without a last line feed', OWN_KEY.trimEnd(), OWN_KEY],
    ['SPKI with CRLF', OWN_KEY.replaceAll('\n', '\r\n'), OWN_KEY],
    ...[2048, 2049, 3072, 8192].map((bits): [string, string, string] => {
      const key = spki(oddKey(bits));
      return [`RSA of ${bits} bit`, key, key];
    }),
    ...[65537, 65539, 0xffffff].map((exponent): [string, string, string] => {
      const key = spki(oddKey(2048, exponent));
      return [`exponent ${exponent}`, key, key];
    }),
  ];
  for (const [what, sent, kept] of good) {
    it(`W11 may be ${what}, and is kept as SPKI`, async () => {
      const { id, keys } = await api.given(withKey(sent));
      assert.match(keys.public_key, /^-----BEGIN PUBLIC KEY-----\n/);
      assert.ok(sameKey(keys.public_key, kept));
      const updated = application(await api.update(id, withKey(sent)));
      assert.deepEqual(updated.keys, keys);
    });
  }

  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
  const ed = generateKeyPairSync('ed25519').publicKey;
  const bad: readonly [what: string, sent: unknown, reason: string | RegExp][] = [
    ['white space', ' \n', /./],
    ['text', 'no key', /./],
    ['an empty PEM', framed(''), /./],
    ['a PEM of rubbish', framed('AAAA'), /./],
    ['a PEM cut short', OWN_KEY.slice(0, 200), /./],
    ['the contract’s example, which is no key', framed('MIIBIjANBgkqhkiG9w0BAQEFAAOCA'), /./],
    ['DER in base64 without its frame', spki(pair.publicKey).split('\n').slice(1, -2).join(''), /./],
    ['an elliptic curve key', spki(ec), /RSA/],
    ['an Ed25519 key', spki(ed), /RSA/],
    ['RSA of 1024 bit', spki(oddKey(1024)), /2048/],
    ['RSA of 2047 bit', spki(oddKey(2047)), /2048/],
    ['RSA of 8193 bit', spki(oddKey(8193)), /8192/],
    ['exponent 3', spki(oddKey(2048, 3)), /exponent/],
    ['exponent 65535', spki(oddKey(2048, 65535)), /exponent/],
    ['exponent 65538', spki(oddKey(2048, 65538)), /exponent/],
    ['a JWK', JSON.stringify(pair.publicKey.export({ format: 'jwk' })), /./],
    ['a number', 5, 'must be a string'],
    ['an object', { kty: 'RSA' }, 'must be a string'],
    ['an array', [OWN_KEY], 'must be a string'],
    ['a boolean', false, 'must be a string'],
  ];
  for (const [what, sent, reason] of bad) {
    it(`W11 may not be ${what}`, async () => {
      const before = await api.total();
      refused(await api.create(withKey(sent)), ['keys.public_key', reason]);
      assert.equal(await api.total(), before);
    });
  }

  it('W11 is not taken out of a certificate', async () => {
    const pem = readFileSync(new URL('certificate.pem', import.meta.url), 'utf8');
    assert.equal(createPublicKey(pem).asymmetricKeyType, 'rsa');
    refused(await api.create(withKey(pem)), ['keys.public_key', /./]);
  });

  it('W11 is refused on PUT as on POST, and the old key stays', async () => {
    const { id, keys } = await api.given(withKey(OWN_KEY));
    for (const [, sent, reason] of bad)
      refused(await api.update(id, withKey(sent)), ['keys.public_key', reason]);
    assert.deepEqual((await api.found(id)).keys, keys);
  });

  it('W11 is named with the other faults when keys is no object', async () => {
    for (const keys of ['x', 5, true, [], [{}]]) {
      refused(await api.create(body({ keys })), ['keys', 'must be an object']);
    }
  });
});

describe('a private key in the place of the public one', () => {
  const pkcs8 = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const pkcs1 = pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const cipher = { cipher: 'aes-256-cbc', passphrase: 'p' };
  const locked = pair.privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher }).toString();
  const sent: readonly [what: string, pem: string][] = [
    ['PKCS#8', pkcs8],
    ['PKCS#1', pkcs1],
    ['encrypted', locked],
    ['with white space before it', `\n  ${pkcs8}`],
    ['after a public key', OWN_KEY + pkcs8],
    ['before a public key', pkcs8 + OWN_KEY],
  ];

  it('W11 is refused with a reason that says so, and neither answered, stored nor logged', async () => {
    await using server = await startConfigured({});
    const client = createClient(server.url, server.accounts[0]);
    const { id } = await client.given(body());
    for (const [what, pem] of sent) {
      const answers = [await client.create(withKey(pem)), await client.update(id, withKey(pem))];
      for (const answer of answers) {
        refused(answer, ['keys.public_key', /private key/]);
        for (const line of secretLines(pem)) assert.ok(!answer.text.includes(line), what);
      }
    }
    assert.equal(await client.total(), 1);
    const written = [...server.logLines(), ...(await server.dump())].join('\n');
    for (const [what, pem] of sent) {
      for (const line of secretLines(pem)) assert.ok(!written.includes(line), what);
    }
  });

  /** The whole lines of base64 between the frames of the private key. */
  function secretLines(pem: string): string[] {
    const secret = /-----BEGIN [A-Z ]*PRIVATE KEY-----([^-]+)-----END/.exec(pem)?.[1] ?? '';
    const lines = secret.split('\n').filter((line) => line.length === 64);
    assert.ok(lines.length > 10);
    return lines;
  }
});
