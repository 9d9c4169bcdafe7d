/** What an address must be for a webhook to be sent there, and what any absolute URI must be. */

import { isIPv6 } from 'node:net';

const SCHEME = /^https?:\/\//i;
const REFUSED = /[\s\p{Cc}\\]/u;
const USER_INFO = /^[^/]*\/+[^/?#]*@/;

/** An address that needs no parser: a name in lower case, no port, then nothing or a path of printable ASCII. */
const PLAIN = /^(https?:\/\/(?:[a-z0-9-]+\.)*[a-z][a-z0-9-]*)(?:\/[!-[\]-~]*)?$/;

/** Of a name with this in it the parser judges what stands behind (RFC 5891 §4.4). */
const PUNYCODE = 'xn--';

/**
 * Whether `address` begins with `http://` or `https://`, is a URL to the WHATWG parser, and has no user info,
 * white space, control characters or back slash (W18). Its length is the contract's.
 */
export function isWebhookAddress(address: string): boolean {
  if (findPlainOrigin(address) !== undefined) return true;
  return SCHEME.test(address) && !REFUSED.test(address) && !USER_INFO.test(address) && URL.canParse(address);
}

/** Scheme, host and port of an address as the WHATWG parser has them; most are read off in 0.3 µs, parsing takes 1.5. */
export function originOf(address: string): string | undefined {
  return findPlainOrigin(address) ?? URL.parse(address)?.origin;
}

/** The origin of an address that needs no parser; undefined for any other. */
function findPlainOrigin(address: string): string | undefined {
  const origin = PLAIN.exec(address)?.[1];
  return origin?.includes(PUNYCODE) ? undefined : origin;
}

/** Parts of the grammar; what differs between them are the delimiters. */
const CHARACTER = "[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2}";
const AUTHORITY = `(?:(?:${CHARACTER}|:)*@)?(?:\\[([0-9A-Fa-f:.]+)\\]|(?:${CHARACTER})*)(?::[0-9]*)?`;
const PATH = `(?:${CHARACTER}|[:@/])`;
const REST = `(?:\\?(?:${PATH}|\\?)*)?(?:#(?:${PATH}|\\?)*)?`;
const ABSOLUTE_URI = new RegExp(
  `^[A-Za-z][A-Za-z0-9+.-]*:(?://${AUTHORITY}(?:/${PATH}*)?|(?!//)${PATH}*)${REST}$`,
);

/** A URI whose scheme nothing follows, which no client library takes. */
const SCHEME_ONLY = /^[^:]*:(?:\/\/)?$/;

/** Whether `text` is a URI with a scheme, and something after it, by the grammar of RFC 3986 §3 (W13). */
export function isAbsoluteUri(text: string): boolean {
  const match = ABSOLUTE_URI.exec(text);
  if (match === null || SCHEME_ONLY.test(text)) return false;
  const literal = match[1];
  return literal === undefined || isIPv6(literal);
}
