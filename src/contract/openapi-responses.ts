/** The error answers, as components of the OpenAPI document; their words are those of `http/problem.ts`. */

import { HEADER_RESPONSES, INVALID_HEADER } from './openapi-header-responses.ts';
import { ADMITTED, allowHeader, UNSTORED } from './openapi-headers.ts';
import { type Example, jsonContent, type Response, type Responses, reference } from './openapi-model.ts';
import { APPLICATION, COMMON, example, NOT_HTTP, PROBLEM } from './openapi-problem.ts';

const VALIDATION_PROBLEM = reference('schemas', 'ValidationProblem');
const RETRY_AFTER = { 'Retry-After': reference('headers', 'RetryAfter') };

export function validationExample(summary: string, kind: string, name: string, reason: string): Example {
  const faults = { invalid_parameters: [{ name, reason }] };
  const type = APPLICATION + kind;
  return example(summary, type, 'Bad Request', 'The request failed due to validation errors', faults);
}

function unavailableExample(summary: string, what: string): Example {
  const detail = `${what}. Try again in 1 second.`;
  return example(summary, `${COMMON}unavailable`, 'Service Unavailable', detail);
}

export const RESPONSES = {
  ...HEADER_RESPONSES,
  BadRequest: {
    description: 'The request is not HTTP as it should be. The connection is closed (W57).',
    headers: ADMITTED,
    content: jsonContent(PROBLEM, { request: NOT_HTTP }),
  },
  InvalidList: {
    description: 'The query breaks rules, and every fault is named (W33).',
    headers: ADMITTED,
    content: jsonContent(
      { anyOf: [VALIDATION_PROBLEM, PROBLEM] },
      {
        list: validationExample(
          'A query that breaks a rule',
          'list-validation',
          'page_size',
          'must be between 1 and 100',
        ),
        request: NOT_HTTP,
      },
    ),
  },
  InvalidBody: {
    description:
      'The body is no JSON, or it breaks rules, and every fault is named (W40, W42); or a header is not as it should be (W73, W80).',
    headers: ADMITTED,
    content: jsonContent(
      { anyOf: [VALIDATION_PROBLEM, PROBLEM] },
      {
        payload: validationExample(
          'A member that breaks a rule',
          'payload-validation',
          'capabilities.voice.webhooks.answer_url.http_method',
          'must be one of: GET, POST',
        ),
        json: example(
          'No JSON',
          `${COMMON}invalid-json`,
          'Malformed JSON',
          'The body is not valid JSON: parsing failed at line 1, column 10',
        ),
        header: INVALID_HEADER,
        request: NOT_HTTP,
      },
    ),
  },
  Unauthorized: {
    description: 'The credentials are missing or wrong (W43, W51).',
    headers: { ...UNSTORED, 'WWW-Authenticate': reference('headers', 'Challenge') },
    content: jsonContent(PROBLEM, {
      credentials: example(
        'Wrong credentials',
        `${COMMON}unauthorized`,
        'Invalid credentials supplied',
        'You did not provide correct credentials.',
      ),
    }),
  },
  NotFound: {
    description: 'The account has no such application (W44, W55).',
    headers: ADMITTED,
    content: jsonContent(PROBLEM, {
      application: example(
        'No such application',
        `${COMMON}not-found`,
        'Not Found',
        "ID '019a1f3e-7c52-7b84-9d36-4f0b8a2c6e51' does not exist, or you do not have access",
      ),
    }),
  },
  NoDelivery: {
    description: 'The account has no such delivery.',
    headers: ADMITTED,
    content: jsonContent(PROBLEM, {
      delivery: example(
        'No such delivery',
        `${COMMON}not-found`,
        'Not Found',
        "ID '019a1f3e-7c52-7b84-9d36-4f0b8a2c6e51' does not exist, or you do not have access",
      ),
    }),
  },
  NoSuchResource: {
    description: 'There is nothing at this path (W50).',
    headers: UNSTORED,
    content: jsonContent(PROBLEM, {
      path: example('No such path', `${COMMON}not-found`, 'Not Found', 'No such resource'),
    }),
  },
  NotAcceptable: {
    description: '`Accept` rules JSON out (W46, W53).',
    headers: ADMITTED,
    content: jsonContent(PROBLEM, {
      accept: example(
        'Only XML is accepted',
        `${COMMON}accept-header`,
        'Invalid Accept header',
        "Invalid Accept header provided. Must be one of the following: 'application/json'",
      ),
    }),
  },
  RequestTimeout: {
    description: 'The request did not arrive in time. The connection is closed (W57).',
    headers: ADMITTED,
    content: jsonContent(PROBLEM, {
      slow: example(
        'A request that stopped half way',
        `${COMMON}request-timeout`,
        'Request Timeout',
        'The request did not arrive in time',
      ),
    }),
  },
  PayloadTooLarge: {
    description: 'The body is larger than 256 KiB (W21, W49).',
    headers: ADMITTED,
    content: jsonContent(PROBLEM, {
      size: example(
        'A body beyond the limit',
        `${COMMON}payload-too-large`,
        'Payload Too Large',
        'The request body is larger than 262144 bytes',
      ),
    }),
  },
  UnsupportedMediaType: {
    description: 'The body is not declared as JSON in UTF-8 without content coding (W47, W54).',
    headers: ADMITTED,
    content: jsonContent(PROBLEM, {
      type: example(
        'A form',
        `${COMMON}content-type-header`,
        'Unsupported Content-Type header',
        "Unsupported Content-Type header provided. Must be one of the following: 'application/json'",
      ),
    }),
  },
  TooManyRequests: {
    description: 'Too many requests for this API key, or too many wrong credentials (W48, W56, W58).',
    headers: { ...ADMITTED, ...RETRY_AFTER },
    content: jsonContent(reference('schemas', 'RateLimitProblem'), {
      rate: example(
        'The rate limit',
        `${APPLICATION}rate-limit`,
        'Too Many Requests',
        'Too many requests. Try again in 2 seconds.',
        { retry_after: 2 },
      ),
    }),
  },
  HeadersTooLarge: {
    description:
      'The request line and the headers are larger than 16 KiB. The connection is closed (W57, W59).',
    headers: UNSTORED,
    content: jsonContent(PROBLEM, {
      headers: example(
        'Headers beyond the limit',
        `${COMMON}headers-too-large`,
        'Request Header Fields Too Large',
        'The request line and the headers are larger than 16384 bytes',
      ),
    }),
  },
  InternalError: {
    description: 'A fault of the server, told in its log under `instance` (W49).',
    headers: UNSTORED,
    content: jsonContent(PROBLEM, {
      internal: example(
        'A fault of the server',
        `${COMMON}internal-error`,
        'Internal Server Error',
        'Something went wrong on our side. Quote the instance when you report it.',
      ),
    }),
  },
  Unready: {
    description: 'Requests cannot be served now; `Retry-After` says when to ask again.',
    headers: { ...UNSTORED, ...RETRY_AFTER },
    content: jsonContent(reference('schemas', 'UnreadyProblem'), {
      storage: example(
        'The database does not answer',
        `${COMMON}unavailable`,
        'Service Unavailable',
        'The storage cannot be reached. Try again in 1 second.',
        { status: 'unavailable', database: 'unreachable' },
      ),
    }),
  },
  Unavailable: {
    description: 'The server cannot answer now; `Retry-After` says when to come back (W49).',
    headers: { ...ADMITTED, ...RETRY_AFTER },
    content: jsonContent(PROBLEM, {
      storage: unavailableExample('The storage is away', 'The storage cannot be reached'),
    }),
  },
} as const satisfies Readonly<Record<string, Response>>;

/** The answer to a method that a resource does not have (W45). */
export function methodNotAllowed(allow: string): Response {
  return {
    description: 'Another method than those of this resource (W45).',
    headers: { ...UNSTORED, Allow: allowHeader(allow) },
    content: jsonContent(PROBLEM, {
      method: example(
        'A method that the resource does not have',
        `${COMMON}wrong-verb`,
        'Request method not allowed',
        "Request method 'PATCH' not supported",
      ),
    }),
  };
}

/** References to error answers, by status. */
export function errors(names: Readonly<Record<string, keyof typeof RESPONSES>>): Responses {
  return Object.fromEntries(
    Object.entries(names).map(([status, name]) => [status, reference('responses', name)]),
  );
}

/** What any request can get, whatever it asks for. */
export const ANY_REQUEST = {
  400: 'BadRequest',
  408: 'RequestTimeout',
  431: 'HeadersTooLarge',
  500: 'InternalError',
} as const;
