import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parsePublicKey } from './keys.ts';

const FORM = { reason: 'must be an RSA public key in PEM form' };
const PRIVATE = { reason: 'must be a public key, not a private key' };
const SIZE = { reason: 'must be between 2048 and 8192 bits' };
const EXPONENT = { reason: 'must have an odd public exponent of at least 65537' };

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const spki = exportPem(pair.publicKey);
const pkcs1 = pair.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString();

function exportPem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function base64Of(pem: string): string {
  return pem.replace(/-----[^-]+-----|\s/g, '');
}

/** A key of any numbers, in PEM of SPKI; big-endian, given as hex. */
function pemOf(modulus: string, exponent: string): string {
  const [n, e] = [modulus, exponent].map((hex) => Buffer.from(hex, 'hex').toString('base64url'));
  return exportPem(createPublicKey({ key: { kty: 'RSA', n: n ?? '', e: e ?? '' }, format: 'jwk' }));
}

/** Hex digits of an odd number of exactly `bits` bits. */
function oddNumber(bits: number): string {
  const number = (1n << BigInt(bits - 1)) | 0x1234_5678_9abc_def1n;
  return number.toString(16).padStart(2 * Math.ceil(bits / 8), '0');
}

describe('a public key', () => {
  it('W11 is taken as SPKI and as PKCS#1, and kept as SPKI', () => {
    assert.deepEqual(parsePublicKey(spki), { publicKey: spki });
    assert.deepEqual(parsePublicKey(pkcs1), { publicKey: spki });
  });

  it('W11 may have CRLF, white space around it, no last line break and lines of any length', () => {
    const [spkiBody, pkcs1Body] = [base64Of(spki), base64Of(pkcs1)];
    const variants = [
      spki.replaceAll('\n', '\r\n'),
      pkcs1.replaceAll('\n', '\r\n'),
      `\r\n  \t${spki}\n\n  `,
      spki.trim(),
      spki.replaceAll('\n', ' \t\n'),
      `-----BEGIN PUBLIC KEY-----\n${spkiBody}\n-----END PUBLIC KEY-----`,
      `-----BEGIN RSA PUBLIC KEY-----\n${pkcs1Body.replace(/.{76}/g, '$&\n')}\n-----END RSA PUBLIC KEY-----`,
    ];
    for (const pem of variants) {
      assert.deepEqual(parsePublicKey(pem), { publicKey: spki }, JSON.stringify(pem));
      assert.equal(exportPem(createPublicKey(pem.trim())), spki);
    }
  });

  it('W11 is refused as a private key of any kind, with a reason that says so and nothing of the key', () => {
    const cipher = { cipher: 'aes-256-cbc', passphrase: 'canary' };
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const ed = generateKeyPairSync('ed25519').privateKey;
    const keys = [
      pair.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      pair.privateKey.export({ type: 'pkcs1', format: 'pem' }),
      pair.privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher }),
      pair.privateKey.export({ type: 'pkcs1', format: 'pem', ...cipher }),
      ec.export({ type: 'sec1', format: 'pem' }),
      ec.export({ type: 'pkcs8', format: 'pem' }),
      ed.export({ type: 'pkcs8', format: 'pem' }),
      `${spki}${pair.privateKey.export({ type: 'pkcs8', format: 'pem' })}`,
      '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
      '  -----BEGIN PRIVATE KEY-----',
    ];
    for (const key of keys) assert.deepEqual(parsePublicKey(key.toString()), PRIVATE, key.toString());
  });

  it('W11 is refused if it is of another algorithm, or a certificate', () => {
    const pss = exportPem(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey);
    assert.deepEqual(parsePublicKey(pss), { reason: 'must be an RSA key, not an RSA-PSS key' });
    const ec = exportPem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey);
    const ed = exportPem(generateKeyPairSync('ed25519').publicKey);
    for (const pem of [ec, ed]) assert.deepEqual(parsePublicKey(pem), { reason: 'must be an RSA key' });
    const certificate = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    assert.deepEqual(parsePublicKey(certificate), { reason: 'must be a public key, not a certificate' });
  });

  it('W11 is refused by its form, not its algorithm, as an RSA key without the NULL of RFC 8017', () => {
    const der = pair.publicKey.export({ type: 'spki', format: 'der' });
    // Less the four bytes of the outer tag and length, and the fifteen of the algorithm.
    const algorithm = Buffer.from('300b06092a864886f70d010101', 'hex');
    const content = Buffer.concat([algorithm, der.subarray(4 + 15)]);
    const length = Buffer.of(0x30, 0x82, content.length >> 8, content.length & 0xff);
    const base64 = Buffer.concat([length, content]).toString('base64');
    const pem = `-----BEGIN PUBLIC KEY-----\n${base64}\n-----END PUBLIC KEY-----\n`;
    assert.deepEqual(parsePublicKey(pem), FORM);
  });

  it('W11 has 2048 to 8192 bits', () => {
    for (const bits of [512, 1024, 2040, 2047, 8193, 8200, 16_384]) {
      assert.deepEqual(parsePublicKey(pemOf(oddNumber(bits), '010001')), SIZE, `${bits} bits`);
    }
    for (const bits of [2048, 2049, 2056, 3072, 4096, 8191, 8192]) {
      const pem = pemOf(oddNumber(bits), '010001');
      assert.deepEqual(parsePublicKey(pem), { publicKey: pem }, `${bits} bits`);
    }
  });

  it('W11 has an odd exponent of at least 65537', () => {
    const modulus = oddNumber(2048);
    for (const exponent of ['01', '03', '11', 'ffff', '010000', '010002', '0100000000']) {
      assert.deepEqual(parsePublicKey(pemOf(modulus, exponent)), EXPONENT, exponent);
    }
    for (const exponent of ['010001', '010003', 'ffffff', '0100000001', `01${'00'.repeat(30)}01`]) {
      const pem = pemOf(modulus, exponent);
      assert.deepEqual(parsePublicKey(pem), { publicKey: pem }, exponent);
    }
  });

  it('W11 is judged alike whether or not it is written as nearly every key is, whichever sign of it is another', () => {
    const signs = 'ABPQgwz019+/=\n -';
    for (let at = 0; at < spki.length; at += 1) {
      for (const sign of signs) {
        const pem = `${spki.slice(0, at)}${sign}${spki.slice(at + 1)}`;
        // Without its last line break a key is read sign by sign.
        assert.deepEqual(parsePublicKey(pem), parsePublicKey(pem.trim()), `${at} ${JSON.stringify(sign)}`);
      }
    }
  });

  it('W11 is refused if its numbers can be no RSA key', () => {
    const even = (BigInt(`0x${oddNumber(2048)}`) + 1n).toString(16);
    assert.deepEqual(parsePublicKey(pemOf(even, '010001')), FORM);
    assert.deepEqual(parsePublicKey(pemOf(oddNumber(2048), `${oddNumber(2048)}`)), FORM);
  });

  it('W08 is refused if it is white space, and W11 if it is no PEM', () => {
    const body = base64Of(spki);
    const refused = [
      ' ',
      '\n\t',
      'key',
      body,
      `-----BEGIN PUBLIC KEY-----${body}-----END PUBLIC KEY-----`,
      '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n',
      '-----BEGIN PUBLIC KEY-----\n\n-----END PUBLIC KEY-----\n',
      '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n',
      spki.replace('BEGIN PUBLIC', 'BEGIN RSA PUBLIC'),
      spki.replaceAll('PUBLIC', 'RSA PUBLIC'),
      pkcs1.replaceAll('RSA PUBLIC', 'PUBLIC'),
      spki.replace(/\n-----END[^\n]+\n/, ''),
      spki + spki,
      `text\n${spki}`,
      `${spki}text`,
      spki.replaceAll('\n', '\\n'),
      spki.replaceAll('\n', '\r'),
      spki.replace('MII', 'MI*'),
      `-----BEGIN PUBLIC KEY-----\n${body}====\n-----END PUBLIC KEY-----\n`,
      `-----BEGIN PUBLIC KEY-----\n${body}AAAA\n-----END PUBLIC KEY-----\n`,
    ];
    for (const pem of refused) assert.deepEqual(parsePublicKey(pem), FORM, JSON.stringify(pem));
  });
});

const made = [2048, 2056, 3072].map(
  (modulusLength) => generateKeyPairSync('rsa', { modulusLength }).publicKey,
);

describe('a public key, compared with node:crypto', () => {
  it('W11 comes out as node:crypto exports it, for keys of any numbers', () => {
    const bits = fc.integer({ min: 2048, max: 8192 });
    const exponent = fc.bigInt({ min: 65_537n, max: (1n << 64n) - 1n });
    fc.assert(
      fc.property(bits, fc.bigInt({ min: 0n, max: (1n << 512n) - 1n }), exponent, (length, noise, e) => {
        const modulus = (1n << BigInt(length - 1)) | (noise << 1n) | 1n;
        const [nHex, eHex] = [modulus, e | 1n].map((number) => {
          const hex = number.toString(16);
          return hex.padStart(hex.length + (hex.length % 2), '0');
        });
        const key = createPublicKey(pemOf(nHex ?? '', eHex ?? ''));
        for (const type of ['spki', 'pkcs1'] as const) {
          const pem = key.export({ type, format: 'pem' }).toString();
          assert.deepEqual(parsePublicKey(pem), { publicKey: exportPem(key) });
        }
      }),
      { numRuns: 200 },
    );
  });

  it('W11 is never taken where node:crypto refuses, nor as another key', () => {
    const edit = fc.record({
      at: fc.double({ min: 0, max: 0.999, noNaN: true }),
      byte: fc.nat(255),
      cut: fc.nat(3),
    });
    let taken = 0;
    fc.assert(
      fc.property(
        fc.nat(made.length - 1),
        fc.boolean(),
        fc.array(edit, { maxLength: 3 }),
        (index, isSpki, edits) => {
          const key = made[index];
          assert.ok(key);
          const der = Buffer.from(key.export({ type: isSpki ? 'spki' : 'pkcs1', format: 'der' }));
          const mutated = edits.reduce((bytes, { at, byte, cut }) => {
            // Half of the edits fall on the first bytes, where lengths and the algorithm stand.
            const place = Math.floor((at < 0.5 ? at * 0.2 : at) * bytes.length);
            return Buffer.concat([bytes.subarray(0, place), Buffer.of(byte), bytes.subarray(place + cut)]);
          }, der);
          const label = isSpki ? 'PUBLIC KEY' : 'RSA PUBLIC KEY';
          const pem = `-----BEGIN ${label}-----\n${mutated.toString('base64')}\n-----END ${label}-----\n`;
          const ours = parsePublicKey(pem);
          if (!('publicKey' in ours)) return;
          taken += 1;
          const theirs = createPublicKey(pem);
          assert.equal(theirs.asymmetricKeyType, 'rsa');
          assert.equal(ours.publicKey, exportPem(theirs));
          assert.deepEqual(
            createPublicKey(ours.publicKey).export({ format: 'jwk' }),
            theirs.export({ format: 'jwk' }),
          );
        },
      ),
      { numRuns: 3000 },
    );
    assert.ok(taken > 100, `${taken} mutations were still keys`);
  });

  it('W11 is never taken from mutated text where node:crypto refuses', () => {
    const characters = fc.constantFrom('\n', '\r', ' ', '\t', '-', '=', 'A', '/', '\0', ':', '\\', 'é');
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      text: characters,
      cut: fc.nat(2),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(spki, pkcs1),
        fc.array(edit, { minLength: 1, maxLength: 2 }),
        (pem, edits) => {
          const mutated = edits.reduce((text, { at, text: inserted, cut }) => {
            const place = Math.floor(at * text.length);
            return text.slice(0, place) + inserted + text.slice(place + cut);
          }, pem);
          const ours = parsePublicKey(mutated);
          if ('publicKey' in ours) assert.equal(ours.publicKey, exportPem(createPublicKey(mutated.trim())));
        },
      ),
      { numRuns: 3000 },
    );
  });
});
