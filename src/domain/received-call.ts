/** Judges a call as its receiver does: whether the token is signed by a known secret, and stands for this payload (D10). */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { hashQuery } from './event.ts';
import { hashBytes } from './payload.ts';

/** A call as it came in. */
export interface ReceivedCall {
  readonly method: string;
  /** Without the question mark. */
  readonly query: string;
  readonly body: Uint8Array;
  /** The header, if there is one. */
  readonly authorization: string | undefined;
}

/** The claims of a token; nothing of them is to be believed before its signature holds. */
interface Claims {
  readonly [name: string]: unknown;
}

/** What a receiver can tell of a call. */
export interface CallVerdict {
  /** Why the signature does not hold; undefined when it does. */
  readonly signatureFault: string | undefined;
  /** Why the payload is not the one that was signed; undefined when it is. */
  readonly payloadFault: string | undefined;
  /** As the token has them, if it can be read at all. */
  readonly claims: Claims | undefined;
}

interface Token {
  readonly algorithm: unknown;
  readonly claims: Claims;
  /** What is signed. */
  readonly input: string;
  readonly signature: Buffer;
}

const TOKEN = /^Bearer +([\w-]+)\.([\w-]+)\.([\w-]+)$/i;

/**
 * Judges a call by the account's signature secrets, of which any may have signed it: there are two while one is being
 * changed for another.
 */
export function judgeCall(call: ReceivedCall, secrets: readonly string[]): CallVerdict {
  const { authorization } = call;
  if (authorization === undefined) return unread('the call is not signed');
  const token = parseToken(authorization);
  if (token === undefined) return unread('the Authorization header holds no signed token');
  const { claims } = token;
  return {
    signatureFault: findSignatureFault(token, secrets),
    payloadFault: findPayloadFault(call, claims),
    claims,
  };
}

function unread(reason: string): CallVerdict {
  return { signatureFault: reason, payloadFault: 'there is no hash of it', claims: undefined };
}

function parseToken(authorization: string): Token | undefined {
  const [, header = '', payload = '', signature = ''] = TOKEN.exec(authorization) ?? [];
  const head = parseObject(header);
  const claims = parseObject(payload);
  if (head === undefined || claims === undefined) return undefined;
  return {
    algorithm: head['alg'],
    claims,
    input: `${header}.${payload}`,
    signature: Buffer.from(signature, 'base64url'),
  };
}

function parseObject(encoded: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function findSignatureFault(token: Token, secrets: readonly string[]): string | undefined {
  // The algorithm is the receiver's choice, never the token's: `none` would let anybody in.
  if (token.algorithm !== 'HS256')
    return `the token is not signed by HS256 but by ${JSON.stringify(token.algorithm)}`;
  const isSigned = secrets.some((secret) => {
    const expected = createHmac('sha256', secret).update(token.input).digest();
    return expected.length === token.signature.length && timingSafeEqual(expected, token.signature);
  });
  return isSigned ? undefined : 'the token is not signed with the signature secret';
}

function findPayloadFault({ method, query, body }: ReceivedCall, claims: Claims): string | undefined {
  const claimed = claims['payload_hash'];
  if (typeof claimed !== 'string') return 'the token has no payload_hash';
  const actual = method === 'GET' ? hashQuery(query) : hashBytes(body);
  return claimed === actual ? undefined : 'payload_hash is that of another payload';
}
