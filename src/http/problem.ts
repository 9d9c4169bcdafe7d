/** Problem documents: the one table from error code to status, type and title, and the one place that shapes them. */

import { type ErrorCode, type Fault, JackfieldError } from '../errors.ts';

/** What went wrong, in the words of the wire. */
export interface Problem {
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  readonly faults?: readonly Fault[];
  /** Whole seconds for `Retry-After`. */
  readonly retryAfter?: number | undefined;
  /** Whether `retry_after` stands in the document too (W48). */
  readonly retryInBody?: boolean;
  /** More members of the document. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** More headers: name, value, name, value. */
  readonly headers?: readonly string[];
}

const APPLICATION = 'https://developer.nexmo.com/api-errors/application#';
const COMMON = 'https://developer.vonage.com/api-errors#';

/** The challenge of a 401 (W51). */
const CHALLENGE = ['WWW-Authenticate', 'Basic realm="Application API", charset="UTF-8"'];

const INVALID = 'The request failed due to validation errors';
const ONLY_JSON = "Must be one of the following: 'application/json'";

/** Every problem that is not told by an error code, by name. */
export const PROBLEMS = {
  noRoute: { status: 404, type: `${COMMON}not-found`, title: 'Not Found', detail: 'No such resource' },
  notAcceptable: {
    status: 406,
    type: `${COMMON}accept-header`,
    title: 'Invalid Accept header',
    detail: `Invalid Accept header provided. ${ONLY_JSON}`,
  },
  unsupportedType: {
    status: 415,
    type: `${COMMON}content-type-header`,
    title: 'Unsupported Content-Type header',
    detail: `Unsupported Content-Type header provided. ${ONLY_JSON}`,
  },
  tooLarge: {
    status: 413,
    type: `${COMMON}payload-too-large`,
    title: 'Payload Too Large',
    detail: 'The request body is larger than 262144 bytes',
  },
  internal: {
    status: 500,
    type: `${COMMON}internal-error`,
    title: 'Internal Server Error',
    detail: 'Something went wrong on our side. Quote the instance when you report it.',
  },
  badRequest: {
    status: 400,
    type: `${COMMON}bad-request`,
    title: 'Bad Request',
    detail: 'The request is not HTTP as it should be',
  },
  requestTimeout: {
    status: 408,
    type: `${COMMON}request-timeout`,
    title: 'Request Timeout',
    detail: 'The request did not arrive in time',
  },
  headersTooLarge: {
    status: 431,
    type: `${COMMON}headers-too-large`,
    title: 'Request Header Fields Too Large',
    detail: 'The request line and the headers are larger than 16384 bytes',
  },
} as const satisfies Record<string, Problem>;

/** A method that a resource does not have (W45, W52). */
export function wrongVerb(method: string, allow: string): Problem {
  return {
    status: 405,
    type: `${COMMON}wrong-verb`,
    title: 'Request method not allowed',
    detail: `Request method '${method}' not supported`,
    headers: ['Allow', allow],
  };
}

/** Too many requests of one account (W48). */
export function rateLimited(seconds: number): Problem {
  return tooMany(`Too many requests. ${presentWait(seconds)}`, seconds);
}

/** More streams than an account may have open at a time. */
export function tooManyStreams(seconds: number): Problem {
  return tooMany(`Too many streams are open. ${presentWait(seconds)}`, seconds);
}

/** Nobody answered a question with an NCCO; `members` tell of the delivery. */
export function deliveryFailed(members: Readonly<Record<string, unknown>>): Problem {
  return {
    status: 502,
    type: `${COMMON}delivery-failed`,
    title: 'Bad Gateway',
    detail: 'No attempt was answered with an NCCO',
    members,
  };
}

/** Something is short for now (W49); `what` is a sentence without its full stop. */
export function unavailable(what: string, retryAfter: number): Problem {
  return {
    status: 503,
    type: `${COMMON}unavailable`,
    title: 'Service Unavailable',
    detail: `${what}. ${presentWait(retryAfter)}`,
    retryAfter,
  };
}

const CONFLICT = { status: 409, type: `${COMMON}conflict`, title: 'Conflict' } as const;
const NOT_FOUND = { status: 404, type: `${COMMON}not-found`, title: 'Not Found' } as const;

/** What an error is on the wire when its own message is all that there is to say besides. */
const BY_CODE: Readonly<Partial<Record<ErrorCode, Omit<Problem, 'detail'>>>> = {
  json_invalid: { status: 400, type: `${COMMON}invalid-json`, title: 'Malformed JSON' },
  header_invalid: { status: 400, type: `${COMMON}invalid-header`, title: 'Invalid Header' },
  unauthorized: {
    status: 401,
    type: `${COMMON}unauthorized`,
    title: 'Invalid credentials supplied',
    headers: CHALLENGE,
  },
  application_not_found: NOT_FOUND,
  delivery_not_found: NOT_FOUND,
  idempotency_conflict: CONFLICT,
  webhook_not_set: CONFLICT,
  delivery_not_ended: CONFLICT,
  body_dropped: CONFLICT,
  application_gone: CONFLICT,
  signing_impossible: CONFLICT,
  precondition_failed: { status: 412, type: `${COMMON}precondition-failed`, title: 'Precondition Failed' },
  idempotency_mismatch: { status: 422, type: `${COMMON}idempotency-mismatch`, title: 'Idempotency Mismatch' },
};

/** Presents an error of the floors below; anything without a code of ours is a 500 that tells nothing. */
export function presentError(error: unknown): Problem {
  if (!(error instanceof JackfieldError)) return PROBLEMS.internal;
  const known = BY_CODE[error.code];
  if (known !== undefined) return { ...known, detail: error.message };
  switch (error.code) {
    case 'payload_invalid':
      return invalid('payload-validation', error.faults);
    case 'list_invalid':
      return invalid('list-validation', error.faults);
    case 'webhook_unknown':
      return invalid('payload-validation', error.faults);
    case 'too_many_failures':
      return tooMany(`${error.message}. ${presentWait(error.retryAfter ?? 60)}`, error.retryAfter ?? 60);
    case 'overloaded':
      return unavailable(error.message, error.retryAfter ?? 1);
    case 'storage_unavailable':
      // What the database said is for the log; it may name paths.
      return unavailable('The storage cannot be reached', error.retryAfter ?? 1);
    default:
      return PROBLEMS.internal;
  }
}

/**
 * Writes the document of a problem (W57).
 *
 * @param instance the request id.
 */
export function writeProblem(problem: Problem, instance: string): string {
  return JSON.stringify({
    type: problem.type,
    title: problem.title,
    detail: problem.detail,
    instance,
    invalid_parameters: problem.faults,
    retry_after: problem.retryInBody ? problem.retryAfter : undefined,
    ...problem.members,
  });
}

function invalid(kind: string, faults: readonly Fault[]): Problem {
  return { status: 400, type: APPLICATION + kind, title: 'Bad Request', detail: INVALID, faults };
}

function tooMany(detail: string, retryAfter: number): Problem {
  const type = `${APPLICATION}rate-limit`;
  return { status: 429, type, title: 'Too Many Requests', detail, retryAfter, retryInBody: true };
}

function presentWait(seconds: number): string {
  return `Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`;
}
