/** The problem documents of the wire, and the assertion that an answer is exactly one of them. */

import assert from 'node:assert/strict';
import type { Answer } from './client.ts';

const APPLICATION = 'https://developer.nexmo.com/api-errors/application';
const GENERAL = 'https://developer.vonage.com/api-errors';

/** A fault as the wire names it; where the contract leaves the phrase open, a pattern of it. */
export type Fault = readonly [name: string, reason: string | RegExp];

/** What an error answer must hold; a pattern where the words are not fixed. */
export interface Problem {
  readonly status: number;
  readonly type: string;
  readonly title: string | RegExp;
  readonly detail: string | RegExp;
  readonly faults?: readonly Fault[];
  readonly retryAfter?: true;
}

const VALIDATION = {
  status: 400,
  title: 'Bad Request',
  detail: 'The request failed due to validation errors',
};
const NOT_FOUND = { status: 404, type: `${GENERAL}#not-found`, title: 'Not Found' };
const SOME_WORDS = /\S{2,}/;

const listed = (supported: string) => `Must be one of the following: '${supported}'`;

/** Each document of the contract, by what it says. */
export const problems = {
  payload: (...faults: Fault[]): Problem => ({
    ...VALIDATION,
    type: `${APPLICATION}#payload-validation`,
    faults,
  }),
  list: (...faults: Fault[]): Problem => ({ ...VALIDATION, type: `${APPLICATION}#list-validation`, faults }),
  json: { status: 400, type: `${GENERAL}#invalid-json`, title: 'Malformed JSON', detail: /\d/ },
  unauthorized: {
    status: 401,
    type: `${GENERAL}#unauthorized`,
    title: 'Invalid credentials supplied',
    detail: 'You did not provide correct credentials.',
  },
  application: (id: string): Problem => ({
    ...NOT_FOUND,
    detail: `ID '${id}' does not exist, or you do not have access`,
  }),
  resource: { ...NOT_FOUND, detail: 'No such resource' },
  verb: (method: string): Problem => ({
    status: 405,
    type: `${GENERAL}#wrong-verb`,
    title: 'Request method not allowed',
    detail: `Request method '${method}' not supported`,
  }),
  accept: {
    status: 406,
    type: `${GENERAL}#accept-header`,
    title: 'Invalid Accept header',
    detail: `Invalid Accept header provided. ${listed('application/json')}`,
  },
  contentType: {
    status: 415,
    type: `${GENERAL}#content-type-header`,
    title: 'Unsupported Content-Type header',
    detail: `Unsupported Content-Type header provided. ${listed('application/json')}`,
  },
  tooLarge: {
    status: 413,
    type: `${GENERAL}#payload-too-large`,
    title: 'Payload Too Large',
    detail: 'The request body is larger than 262144 bytes',
  },
  header: (name: string): Problem => ({
    status: 400,
    type: `${GENERAL}#invalid-header`,
    title: 'Invalid Header',
    detail: new RegExp(`^Invalid ${name} header provided\\. Must be `),
  }),
  precondition: {
    status: 412,
    type: `${GENERAL}#precondition-failed`,
    title: 'Precondition Failed',
    detail: 'The application is not, or no longer, as the request demands',
  },
  rate: {
    status: 429,
    type: `${APPLICATION}#rate-limit`,
    title: 'Too Many Requests',
    detail: /\d+ second/,
    retryAfter: true,
  },
  internal: {
    status: 500,
    type: `${GENERAL}#internal-error`,
    title: 'Internal Server Error',
    detail: 'Something went wrong on our side. Quote the instance when you report it.',
  },
  unavailable: {
    status: 503,
    type: `${GENERAL}#unavailable`,
    title: 'Service Unavailable',
    detail: SOME_WORDS,
  },
  badRequest: { status: 400, type: `${GENERAL}#bad-request`, title: SOME_WORDS, detail: SOME_WORDS },
  timeout: { status: 408, type: `${GENERAL}#request-timeout`, title: SOME_WORDS, detail: SOME_WORDS },
  headers: { status: 431, type: `${GENERAL}#headers-too-large`, title: SOME_WORDS, detail: SOME_WORDS },
} satisfies Record<string, Problem | ((...parts: never[]) => Problem)>;

function matches(actual: unknown, expected: string | RegExp, what: string): void {
  assert.ok(typeof actual === 'string', `${what} must be a string`);
  if (typeof expected === 'string') assert.equal(actual, expected, what);
  else assert.match(actual, expected, what);
}

function assertFaults(actual: unknown, expected: readonly Fault[]): void {
  assert.ok(Array.isArray(actual), 'invalid_parameters must be an array');
  const faults = actual as Record<string, unknown>[];
  const names = expected.map(([name]) => name);
  assert.deepEqual(
    faults.map((fault) => fault['name']),
    names,
    JSON.stringify(actual),
  );
  for (const [index, [name, reason]] of expected.entries()) {
    assert.deepEqual(Object.keys(faults[index] ?? {}), ['name', 'reason']);
    matches(faults[index]?.['reason'], reason, `the reason of ${name}`);
    assert.doesNotMatch(String(faults[index]?.['reason']), /\.$/, 'a reason is a phrase without a full stop');
  }
}

/** Asserts the headers that every error answer carries and gives its request id. */
export function assertErrorHeaders(answer: Answer): string {
  assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
  assert.equal(answer.headers['cache-control'], 'no-store');
  const id = answer.headers['x-request-id'] ?? '';
  assert.match(id, /^[0-9a-f]{32}$/, 'X-Request-Id must be 32 lower-case hex digits');
  return id;
}

/** Asserts that an answer is exactly this problem document, with the headers of every error. */
export function problem(answer: Answer, expected: Problem): void {
  assert.equal(answer.status, expected.status, `${answer.status} ${answer.text}`);
  const id = assertErrorHeaders(answer);
  const document = answer.json as Record<string, unknown>;
  const members = ['type', 'title', 'detail', 'instance'];
  if (expected.faults !== undefined) members.push('invalid_parameters');
  if (expected.retryAfter) members.push('retry_after');
  assert.deepEqual(Object.keys(document).sort(), members.sort(), answer.text);
  assert.equal(document['type'], expected.type, answer.text);
  matches(document['title'], expected.title, 'title');
  matches(document['detail'], expected.detail, 'detail');
  assert.equal(document['instance'], id, 'instance must be X-Request-Id');
  if (expected.faults !== undefined) assertFaults(document['invalid_parameters'], expected.faults);
  if (expected.retryAfter) assertRetryAfter(answer, document['retry_after']);
}

function assertRetryAfter(answer: Answer, seconds: unknown): void {
  assert.ok(
    Number.isInteger(seconds) && Number(seconds) > 0,
    `retry_after must be whole seconds: ${seconds}`,
  );
  assert.equal(answer.headers['retry-after'], String(seconds));
}

/** Asserts a validation error of a body with exactly these faults, in this order. */
export function refused(answer: Answer, ...faults: Fault[]): void {
  problem(answer, problems.payload(...faults));
}

/** Asserts a 400 whose kind is open: malformed JSON, or a validation error. */
export function rejected(answer: Answer): void {
  assert.equal(answer.status, 400, answer.text);
  assertErrorHeaders(answer);
  assert.match(
    String((answer.json as Record<string, unknown>)['type']),
    /#(invalid-json|payload-validation)$/,
  );
}
