/** A call of a webhook, written out: the URL, the headers and the body that carry an event's payload (D01). */

import { hashBytes, type Payload, type WrittenPayload } from './payload.ts';
import type { Webhook, WebhookMethod } from './webhook.ts';

/** A call, ready to be signed and sent. */
export interface Call {
  /** Without user info and fragment; the query stands in it byte for byte as it goes out. */
  readonly url: string;
  readonly method: WebhookMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** Lower-case hex SHA-256 of what `payload_hash` stands for (D10). */
  readonly payloadHash: string;
}

/** What a call is made of. */
export interface CallParts {
  readonly webhook: Pick<Webhook, 'address' | 'method'>;
  readonly payload: WrittenPayload;
  /** The version of Jackfield, for `User-Agent`. */
  readonly version: string;
  /** Headers beside those of D01, such as the id of the delivery. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Writes the call of a webhook: by GET the payload's members stand in the query behind those of the address,
 * by POST and PUT in a JSON body (D01).
 *
 * @throws TypeError when the address is no URL, which no stored one is (W18).
 */
export function writeCall({ webhook, payload, version, headers }: CallParts): Call {
  const { method, address } = webhook;
  const { base, query } = splitAddress(address);
  if (method === 'GET') {
    const whole = joinQuery(query, writeQuery(payload.members));
    return {
      url: whole === undefined ? base : `${base}?${whole}`,
      method,
      headers: Object.assign({ 'User-Agent': `Jackfield/${version}` }, headers),
      body: undefined,
      payloadHash: hashQuery(whole ?? ''),
    };
  }
  const own = { 'User-Agent': `Jackfield/${version}`, 'Content-Type': 'application/json' };
  return {
    url: query === undefined ? base : `${base}?${query}`,
    method,
    headers: Object.assign(own, headers),
    body: payload.json,
    payloadHash: payload.sha256,
  };
}

/**
 * The address up to its path, as the WHATWG parser writes it, and its query as it stands.
 *
 * The parser would write some signs of a query anew (`'` as `%27`), which nobody asked for; only what no request
 * line can hold is escaped.
 */
function splitAddress(address: string): { base: string; query: string | undefined } {
  const { protocol, host, pathname } = new URL(address);
  const fragment = address.indexOf('#');
  const before = fragment === -1 ? address : address.slice(0, fragment);
  const mark = before.indexOf('?');
  const query = mark === -1 ? undefined : before.slice(mark + 1).replace(/[^!-~]+/g, percentEncode);
  return { base: `${protocol}//${host}${pathname}`, query };
}

/** Percent-encodes a text; what is no Unicode becomes U+FFFD. */
function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** The payload as parameters: strings as they are, everything else as compact JSON, without what is `null`. */
function writeQuery(payload: Payload): string {
  const parameters: string[] = [];
  for (const [name, value] of Object.entries(payload)) {
    if (value === null || value === undefined) continue;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    parameters.push(`${percentEncode(name)}=${percentEncode(text)}`);
  }
  return parameters.join('&');
}

function joinQuery(own: string | undefined, added: string): string | undefined {
  if (added === '') return own;
  if (own === undefined || own === '') return added;
  return own.endsWith('&') ? own + added : `${own}&${added}`;
}

/**
 * The parameters of a query as a compact JSON object, in their order, each value the string that form decoding
 * gives; of a repeated name the last value counts, at the place of the first (D10).
 *
 * Written by hand, because an object would put names that are whole numbers first.
 */
function writeParameters(query: string): string {
  // The sign before it keeps a question mark that the query itself begins with.
  const parameters = new Map(new URLSearchParams(`?${query}`));
  const members = Array.from(
    parameters,
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  );
  return `{${members.join(',')}}`;
}

/** What `payload_hash` says of a call by GET, from the query of its URL without the question mark (D10). */
export function hashQuery(query: string): string {
  return hashBytes(Buffer.from(writeParameters(query), 'utf8'));
}
