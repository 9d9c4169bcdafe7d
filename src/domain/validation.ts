/**
 * What any JSON value from outside must be before it is looked at closer (W21), and the error that refuses a
 * body.
 */

import { MAX_DEPTH } from '../contract/limits.ts';
import { JackfieldError } from '../errors.ts';
import { addFault, createFaults, type Faults, isFaultless, listFaults } from './faults.ts';
import { readMemberOrder } from './member-order.ts';

/**
 * Where so many values are unclean the rest is left unread: with long paths, naming all could take gigabytes.
 */
const MAX_REPORTED = 50;

/** Throws `payload_invalid` naming the members of `value` that `collectUncleanJson` finds. */
export function assertCleanJson(value: unknown): void {
  const faults = createFaults();
  collectUncleanJson(value, faults);
  if (!isFaultless(faults)) throw payloadInvalid(faults, value);
}

/**
 * Notes texts and keys that are no Unicode or hold NUL, the key `__proto__`, numbers beyond range and what is
 * nested too deep, at any depth of `value`; throws `payload_invalid` at once where there is too much of it.
 */
export function collectUncleanJson(value: unknown, faults: Faults): void {
  const path: string[] = [];
  let reported = 0;
  const report = (reason: string): void => {
    addFault(faults, path, reason);
    reported += 1;
    if (reported >= MAX_REPORTED) throw payloadInvalid(faults, value);
  };
  const visit = (part: unknown): void => {
    if (typeof part === 'string') {
      const reason = textFault(part);
      if (reason !== undefined) report(reason);
    } else if (typeof part === 'number') {
      if (!Number.isFinite(part)) report('must be a number within range');
    } else if (typeof part === 'object' && part !== null) {
      if (path.length >= MAX_DEPTH) report(`must not be nested deeper than ${MAX_DEPTH}`);
      else visitMembers(part);
    }
  };
  const visitMembers = (parent: object): void => {
    const named = !Array.isArray(parent);
    for (const [key, member] of Object.entries(parent)) {
      path.push(key);
      const reason = named ? keyFault(key) : undefined;
      if (reason !== undefined) report(reason);
      else visit(member);
      path.pop();
    }
  };
  visit(value);
}

/** The refusal of a body, for `http/` to present (W40); `text` is the JSON it was read from, if there is any. */
export function payloadInvalid(faults: Faults, body: unknown, text?: string): JackfieldError {
  return new JackfieldError('payload_invalid', 'The request failed due to validation errors', {
    faults: listFaults(faults, body, text === undefined ? undefined : readMemberOrder(text)),
  });
}

function keyFault(key: string): string | undefined {
  return key === '__proto__' ? 'is not a known property' : textFault(key);
}

function textFault(text: string): string | undefined {
  if (!text.isWellFormed()) return 'must be well-formed Unicode text';
  return text.includes('\0') ? 'must not contain NUL' : undefined;
}
