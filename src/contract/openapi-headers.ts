/** The headers of answers, as components of the OpenAPI document. */

import { type Header, type Reference, reference } from './openapi-model.ts';

function textHeader(description: string, example: string): Header {
  return { description, schema: { type: 'string', examples: [example] } };
}

export const HEADERS = {
  RequestId: {
    description: 'The id of the request: in the log, and as `instance` in an error, it is the same (W37).',
    schema: { type: 'string', pattern: '^[0-9a-f]{32}$', examples: ['6f0d2c9be1a84d35b7c1f4e08a9d2b63'] },
  },
  CacheControl: textHeader('No cache is to store the answer (W36).', 'no-store'),
  RateLimit: textHeader(
    'While the rate limit is on: `r` requests are left now, and after `t` seconds all are back (W56).',
    '"default";r=169;t=1',
  ),
  RateLimitPolicy: textHeader(
    'While the rate limit is on: `q` requests are allowed in `w` seconds (W56).',
    '"default";q=170;w=1',
  ),
  RetryAfter: {
    description: 'After how many seconds to try again.',
    schema: { type: 'integer', minimum: 1, examples: [1] },
  },
  Location: textHeader(
    'The path of the new application.',
    '/v2/applications/019a1f3e-7c52-7b84-9d36-4f0b8a2c6e51',
  ),
  Challenge: textHeader(
    'Asks for HTTP Basic credentials (W51).',
    'Basic realm="Application API", charset="UTF-8"',
  ),
  ETag: textHeader(
    'Names this content; sent back in `If-None-Match` it saves the download, in `If-Match` it keeps others from being overwritten (W70).',
    '"q2Zx0o6Zr1n0b9v7k3T4yA"',
  ),
} as const satisfies Readonly<Record<string, Header>>;

type HeaderReferences = Readonly<Record<string, Reference>>;

/** On every answer. */
export const ALWAYS: HeaderReferences = { 'X-Request-Id': reference('headers', 'RequestId') };

/** On every answer of the API, and on every error. */
export const UNSTORED: HeaderReferences = {
  ...ALWAYS,
  'Cache-Control': reference('headers', 'CacheControl'),
};

/** On every answer of the API to right credentials. */
export const ADMITTED: HeaderReferences = {
  ...UNSTORED,
  RateLimit: reference('headers', 'RateLimit'),
  'RateLimit-Policy': reference('headers', 'RateLimitPolicy'),
};

/** The methods that a resource has (W52). */
export function allowHeader(allow: string): Header {
  return textHeader('The methods that this resource has (W52).', allow);
}
