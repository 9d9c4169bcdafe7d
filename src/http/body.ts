/** From the bytes of a body to a JSON value (W21, W42). */

import { isUtf8 } from 'node:buffer';
import { createRequire } from 'node:module';
import type { ParseError } from 'jsonc-parser';
import { JackfieldError } from '../errors.ts';
import type { SentBody } from '../registry/applications.ts';

/** The largest body, in bytes. */
export const MAX_BODY_BYTES = 262_144;

/**
 * Parses a body.
 *
 * @param bytes undefined or empty when there was none; the value is undefined then.
 * @throws `json_invalid` with a message that says where parsing failed.
 */
export function parseJsonBody(bytes: Buffer | undefined): SentBody {
  if (bytes === undefined || bytes.length === 0) return { value: undefined, text: '' };
  if (!isUtf8(bytes)) throw malformed('The body is not UTF-8');
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw malformed('The body begins with a byte order mark');
  }
  const text = bytes.toString('utf8');
  try {
    return { value: JSON.parse(text), text };
  } catch {
    throw malformed(`The body is not valid JSON: parsing failed at ${locateFault(text)}`);
  }
}

/** The parser of the language says where it failed only for some faults; this one does for all, and is needed only then. */
function locateFault(text: string): string {
  const { parseTree } = createRequire(import.meta.url)('jsonc-parser') as typeof import('jsonc-parser');
  const errors: ParseError[] = [];
  try {
    parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  } catch {
    return 'a depth that cannot be followed';
  }
  const offset = errors[0]?.offset ?? text.length;
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return `line ${line}, column ${offset - before.lastIndexOf('\n')}`;
}

function malformed(detail: string): JackfieldError {
  return new JackfieldError('json_invalid', detail);
}
