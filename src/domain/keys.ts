/** The public key of an application: which ones are taken, and the one form in which they are kept. */

import {
  bitLength,
  type RsaPublicKey,
  readRsaPublicKey,
  readSubjectPublicKey,
  wrapRsaPublicKey,
} from './rsa-public-key.ts';

const MIN_BITS = 2048;
const MAX_BITS = 8192;
const MIN_EXPONENT = 65_537;

const REASON = {
  form: 'must be an RSA public key in PEM form',
  private: 'must be a public key, not a private key',
  certificate: 'must be a public key, not a certificate',
  pss: 'must be an RSA key, not an RSA-PSS key',
  algorithm: 'must be an RSA key',
  size: `must be between ${MIN_BITS} and ${MAX_BITS} bits`,
  exponent: `must have an odd public exponent of at least ${MIN_EXPONENT}`,
} as const;

/**
 * PEM (RFC 7468 §3) of a public key: lines of any length that end in LF or CRLF, with or without blanks
 * before that.
 */
const PUBLIC_KEY =
  /^-----BEGIN (RSA )?PUBLIC KEY-----[ \t]*\r?\n((?:[A-Za-z0-9+/=]+[ \t]*\r?\n)+)-----END (RSA )?PUBLIC KEY-----$/;

const LINE_CHARACTERS = 64;
const HEAD = '-----BEGIN PUBLIC KEY-----\n';
const FOOT = '-----END PUBLIC KEY-----\n';

/**
 * A good key as nearly every one is sent: 2048 bits, exponent 65537, written as it is kept. Whatever such a key holds
 * of DER besides its modulus is the same in all of them, and stands in whole groups of base64 but for two bits: the
 * modulus begins with a one (its first sign) and ends with one (the last but six). It takes 3 µs where reading takes 8.
 */
const PLAIN_KEY =
  /^-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA[g-z0-9+/][A-Za-z0-9+/]{19}\n(?:[A-Za-z0-9+/]{64}\n){5}[A-Za-z0-9+/][Qw]IDAQAB\n-----END PUBLIC KEY-----\n$/;

/**
 * Reads an RSA public key (PEM of SPKI or PKCS#1) into PEM of SPKI as `node:crypto` exports it, or says why
 * not (W11).
 */
export function parsePublicKey(pem: string): { publicKey: string } | { reason: string } {
  return PLAIN_KEY.test(pem) ? { publicKey: pem } : readAnyPem(pem);
}

function readAnyPem(pem: string): { publicKey: string } | { reason: string } {
  if (pem.includes('PRIVATE KEY')) return { reason: REASON.private };
  if (pem.includes('BEGIN CERTIFICATE')) return { reason: REASON.certificate };
  const match = PUBLIC_KEY.exec(pem.trim());
  if (!match?.[2] || match[1] !== match[3]) return { reason: REASON.form };
  const der = decodeBase64(match[2].replace(/[ \t\r\n]+/g, ''));
  const isPkcs1 = match[1] !== undefined;
  const key = der && (isPkcs1 ? readRsaPublicKey(der) : readSubjectPublicKey(der));
  if (!der || !key) return { reason: REASON.form };
  if (key === 'rsa-pss') return { reason: REASON.pss };
  if (key === 'other') return { reason: REASON.algorithm };
  const reason = keyFault(key);
  return reason === undefined ? { publicKey: writePem(isPkcs1 ? wrapRsaPublicKey(der) : der) } : { reason };
}

function keyFault({ modulus, exponent }: RsaPublicKey): string | undefined {
  const bits = bitLength(modulus);
  if (bits < MIN_BITS || bits > MAX_BITS) return REASON.size;
  if (!isOdd(modulus) || exponent.length >= modulus.length) return REASON.form;
  const isSmall = exponent.length <= 6 && exponent.readUIntBE(0, exponent.length) < MIN_EXPONENT;
  return isSmall || !isOdd(exponent) ? REASON.exponent : undefined;
}

function isOdd(number: Buffer): boolean {
  return ((number.at(-1) ?? 0) & 1) === 1;
}

/** Decodes base64 in its one form (RFC 4648 §3.5); undefined for any other. */
function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

function writePem(der: Buffer): string {
  const text = der.toString('base64');
  let lines = '';
  for (let start = 0; start < text.length; start += LINE_CHARACTERS) {
    lines += `${text.slice(start, start + LINE_CHARACTERS)}\n`;
  }
  return `${HEAD}${lines}${FOOT}`;
}
