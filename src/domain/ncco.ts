/** Reads the answer of a voice webhook as an NCCO: the list of actions that controls a call (D20). */

/** One action of an NCCO. */
export interface NccoAction {
  readonly action: string;
  readonly [member: string]: unknown;
}

/** What a body is read from. */
export interface NccoAnswer {
  /** The `Content-Type` of the answer. */
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
  /** Whether the body was longer than what was read of it. */
  readonly truncated: boolean;
}

/** Bytes of an answer that are read (D03). */
export const MAX_ANSWER_BYTES = 64 * 1024;

/** How deep an NCCO may be nested. A body within the bound on bytes could be so deep that nobody can write it out again. */
const MAX_DEPTH = 128;

const JSON_TYPE = /^application\/json[ \t]*(?:;|$)/i;

/** Reads an NCCO, or says in a phrase why the answer is none. */
export function parseNcco(
  answer: NccoAnswer,
): { readonly ncco: readonly NccoAction[] } | { readonly reason: string } {
  const { contentType, body, truncated } = answer;
  if (truncated || body.length > MAX_ANSWER_BYTES) {
    return { reason: `the answer has more than ${MAX_ANSWER_BYTES} bytes` };
  }
  if (contentType === undefined) return { reason: 'the answer has no content type, not application/json' };
  if (!JSON_TYPE.test(contentType.trim())) {
    return { reason: 'the content type of the answer is not application/json' };
  }
  const value = parseJson(body);
  if (value === undefined) return { reason: 'the answer is not JSON in UTF-8' };
  return judgeValue(value);
}

function judgeValue(value: unknown): { ncco: readonly NccoAction[] } | { reason: string } {
  if (!Array.isArray(value)) return { reason: 'the answer is not a JSON array' };
  if (value.length === 0) return { reason: 'the array of actions is empty' };
  const wrong = value.findIndex((item) => !isAction(item));
  if (wrong !== -1) return { reason: `item ${wrong} of the array is not an object with a string action` };
  if (isDeeper(value, MAX_DEPTH)) return { reason: `the answer is nested more than ${MAX_DEPTH} deep` };
  return { ncco: value };
}

function isAction(value: unknown): value is NccoAction {
  return typeof value === 'object' && value !== null && 'action' in value && typeof value.action === 'string';
}

/** The value of JSON text; undefined when it is none, which no JSON text stands for. */
function parseJson(body: Uint8Array): unknown {
  try {
    // A byte order mark is kept, so that JSON.parse refuses it: RFC 8259 §8.1 forbids to send one.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return undefined;
  }
}

/** Whether a value is nested more than `depth` deep, itself being 1. */
function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((member) => isDeeper(member, depth - 1));
}
