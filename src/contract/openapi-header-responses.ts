/** The error answers that come of `If-Match`, `If-None-Match` and `Idempotency-Key`, as components of the OpenAPI document. */

import { ADMITTED } from './openapi-headers.ts';
import { jsonContent, type Response } from './openapi-model.ts';
import { COMMON, example, NOT_HTTP, PROBLEM } from './openapi-problem.ts';

export const INVALID_HEADER = example(
  'A tag without its quotes',
  `${COMMON}invalid-header`,
  'Invalid Header',
  'Invalid If-Match header provided. Must be * or a list of entity tags, each in double quotes',
);

export const HEADER_RESPONSES = {
  InvalidHeader: {
    description: 'A header is not as it should be (W73), or the request is not HTTP at all (W57).',
    headers: ADMITTED,
    content: jsonContent(PROBLEM, { header: INVALID_HEADER, request: NOT_HTTP }),
  },
  Conflict: {
    description: 'The first create with this `Idempotency-Key` is under way (W83).',
    headers: ADMITTED,
    content: jsonContent(PROBLEM, {
      underWay: example(
        'A repeat that came too early',
        `${COMMON}conflict`,
        'Conflict',
        'A request with this Idempotency-Key is under way',
      ),
    }),
  },
  IdempotencyMismatch: {
    description: 'This `Idempotency-Key` was used with another body (W83).',
    headers: ADMITTED,
    content: jsonContent(PROBLEM, {
      body: example(
        'A key that was used before',
        `${COMMON}idempotency-mismatch`,
        'Idempotency Mismatch',
        'This Idempotency-Key was used with another body',
      ),
    }),
  },
  PreconditionFailed: {
    description: 'The application is not as `If-Match` or `If-None-Match` demands; nothing was done (W72).',
    headers: ADMITTED,
    content: jsonContent(PROBLEM, {
      changed: example(
        'Somebody else has changed it',
        `${COMMON}precondition-failed`,
        'Precondition Failed',
        'The application is not, or no longer, as the request demands',
      ),
    }),
  },
} as const satisfies Readonly<Record<string, Response>>;
