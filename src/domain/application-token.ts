/** The tokens that applications sign for themselves (JWT by RS256), read and judged. */

import { isUtf8 } from 'node:buffer';
import { verify } from 'node:crypto';
import type { TokenVerdict } from '../contract/token.ts';
import { JackfieldError } from '../errors.ts';
import { assertCleanJson } from './validation.ts';

/** A longer token fits into the head of no request: all headers together may have 16 KiB. */
const MAX_TOKEN_CHARACTERS = 16_384;

/** How far ahead the clock of whoever made a token may be, in seconds. */
const LEEWAY_SECONDS = 60;

const MAX_ID_CHARACTERS = 255;

const METHODS: readonly unknown[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

type Members = Readonly<Record<string, unknown>>;

/** A token that is read but not verified. */
export interface ApplicationToken {
  readonly applicationId: string;
  readonly claims: Members;
  /** What is signed, and by what (RFC 7515 §5.2). */
  readonly signed: string;
  readonly signature: Buffer;
}

/** Why a text cannot be the token of an application. */
interface Refusal {
  readonly reason: string;
}

/** Reads a token as far as can be told without a key: its form, its algorithm, and whose it says it is. */
export function readApplicationToken(text: string): ApplicationToken | Refusal {
  if (text.length > MAX_TOKEN_CHARACTERS)
    return { reason: `the token is longer than ${MAX_TOKEN_CHARACTERS} characters` };
  const [head, payload, mark, ...more] = text.split('.');
  if (head === undefined || payload === undefined || mark === undefined || more.length > 0)
    return { reason: 'the token is no JWT: it must have three parts with dots between them' };
  const header = readPart(head);
  if (header === undefined) return { reason: 'the header of the token is no JSON object in base64url' };
  if (member(header, 'alg') !== 'RS256') return { reason: 'the token must be signed with RS256' };
  // Extensions that must be understood (RFC 7515 §4.1.11): none is.
  if (member(header, 'crit') !== undefined)
    return { reason: 'the token asks for extensions that are not known' };
  const claims = readPart(payload);
  if (claims === undefined) return { reason: 'the payload of the token is no JSON object in base64url' };
  const signature = decode(mark);
  if (signature === undefined || signature.length === 0)
    return { reason: 'the signature of the token is no base64url' };
  const applicationId = member(claims, 'application_id');
  if (typeof applicationId !== 'string')
    return { reason: missingOr(applicationId, 'application_id', 'a string') };
  return { applicationId, claims, signed: `${head}.${payload}`, signature };
}

/**
 * Judges a token that was read.
 *
 * @param publicKeys of the application it names (SPKI, PEM); none where the account has no such application.
 * @param now ms since the Unix epoch.
 */
export function verifyApplicationToken(
  { claims, signed, signature }: ApplicationToken,
  publicKeys: readonly string[],
  now: number,
): TokenVerdict {
  if (publicKeys.length === 0) return refuse('the account has no application of this application_id');
  const data = Buffer.from(signed);
  if (!publicKeys.some((key) => verify('RSA-SHA256', data, key, signature)))
    return refuse('the signature fits no valid key of the application');
  const fault =
    findTimeFault(claims, now / 1000) ?? findIdFault(claims) ?? findAclFault(member(claims, 'acl'));
  return fault === undefined ? { valid: true, claims: { ...claims } } : refuse(fault);
}

function refuse(reason: string): TokenVerdict {
  return { valid: false, reason };
}

/** `exp`, `iat` and `nbf` (RFC 7519 §4.1): numbers, not always whole ones. */
function findTimeFault(claims: Members, now: number): string | undefined {
  const [exp, iat, nbf] = ['exp', 'iat', 'nbf'].map((name) => member(claims, name));
  if (typeof exp !== 'number') return missingOr(exp, 'exp', 'a number');
  if (typeof iat !== 'number') return missingOr(iat, 'iat', 'a number');
  if (nbf !== undefined && typeof nbf !== 'number') return missingOr(nbf, 'nbf', 'a number');
  if (now >= exp) return 'the token has expired';
  if (iat > now + LEEWAY_SECONDS) return 'the token was issued in the future';
  if (nbf !== undefined && nbf > now + LEEWAY_SECONDS) return 'the token is not valid yet';
  return undefined;
}

function findIdFault(claims: Members): string | undefined {
  const jti = member(claims, 'jti');
  if (typeof jti !== 'string') return missingOr(jti, 'jti', 'a string');
  const { length } = Array.from(jti);
  if (length < 1 || length > MAX_ID_CHARACTERS)
    return `the claim jti must be between 1 and ${MAX_ID_CHARACTERS} characters`;
  return undefined;
}

/** What a token is for: paths, each with the methods and filters it is narrowed to, as the SDKs write them. */
function findAclFault(acl: unknown): string | undefined {
  if (acl === undefined) return undefined;
  if (!isObject(acl)) return 'the claim acl must be an object';
  const paths = member(acl, 'paths');
  if (!isObject(paths)) return missingOr(paths, 'acl.paths', 'an object');
  for (const [path, rule] of Object.entries(paths)) {
    if (!path.startsWith('/')) return 'the paths of the claim acl must begin with a slash';
    if (!isObject(rule)) return 'each path of the claim acl must have an object';
    const methods = member(rule, 'methods');
    if (methods !== undefined && !(Array.isArray(methods) && methods.every((one) => METHODS.includes(one))))
      return `the methods of the claim acl must be an array of: ${METHODS.join(', ')}`;
    const filters = member(rule, 'filters');
    if (filters !== undefined && !isObject(filters)) return 'the filters of the claim acl must be an object';
  }
  return undefined;
}

function missingOr(value: unknown, name: string, kind: string): string {
  return value === undefined ? `the claim ${name} is required` : `the claim ${name} must be ${kind}`;
}

/** The JSON object that a part stands for; of members with the same name the last one counts. */
function readPart(part: string): Members | undefined {
  const bytes = decode(part);
  if (bytes === undefined || !isUtf8(bytes)) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (!isObject(value)) return undefined;
    assertCleanJson(value);
    return value;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof JackfieldError) return undefined;
    throw error;
  }
}

/** The bytes of base64url in its one form: without padding, white space or stray bits (RFC 7515 §2, RFC 4648 §3.5). */
function decode(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}

function member(value: Members, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
