/** Entity tags of applications, and what a request asks of them (RFC 9110 §8.8.3, §13). */

import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { JackfieldError } from '../errors.ts';

/**
 * The strong tag of a stored document (W70).
 *
 * It is made of the content alone: every process, and a copy of the database elsewhere, gives the same content the
 * same tag, and other content never gets it, however versions and clocks were set back by a restore or an import. It
 * takes 2 µs, so it is kept beside an answer that is kept.
 */
export function tagOf(document: string): string {
  return `"${hash('sha256', document, 'base64url').slice(0, 22)}"`;
}

/** The tags that a header lists, or `*` for any. */
type Tags = readonly string[] | '*';

/** What a request asks of the application before it is answered. */
interface Conditions {
  readonly match: Tags | undefined;
  readonly noneMatch: Tags | undefined;
}

/** What conditions come to: go on, the client has it already, or somebody has changed it. */
type Verdict = 'holds' | 'unmodified' | 'fails';

/**
 * Reads `If-Match` and `If-None-Match`.
 *
 * @returns undefined when there is neither.
 * @throws `header_invalid` (W73).
 */
export function parseConditions(headers: IncomingHttpHeaders): Conditions | undefined {
  const match = headers['if-match'];
  const noneMatch = headers['if-none-match'];
  if (match === undefined && noneMatch === undefined) return undefined;
  return { match: parseTags('If-Match', match), noneMatch: parseTags('If-None-Match', noneMatch) };
}

/**
 * Judges conditions by the tag of an application that is there (RFC 9110 §13.2.2): `If-Match` first, by strong
 * comparison, then `If-None-Match`, by weak comparison.
 *
 * @param what what the request is about to do; who reads what he has already is told so.
 */
export function judge({ match, noneMatch }: Conditions, what: 'read' | 'change', tag = ''): Verdict {
  if (match !== undefined && match !== '*' && !match.includes(tag)) return 'fails';
  const isHeld = noneMatch === '*' || noneMatch?.some((held) => held === tag || held === `W/${tag}`);
  if (!isHeld) return 'holds';
  return what === 'read' ? 'unmodified' : 'fails';
}

/** The error of a request whose conditions fail (W72). */
export function preconditionFailed(): JackfieldError {
  return new JackfieldError(
    'precondition_failed',
    'The application is not, or no longer, as the request demands',
  );
}

/** An entity tag and what stands behind it up to the next; a backslash in it means nothing (RFC 9110 §8.8.3). */
const ELEMENT = /[\t ]*((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")?[\t ]*(?:,|$)/y;

function parseTags(name: string, value: string | undefined): Tags | undefined {
  if (value === undefined) return undefined;
  if (value.trim() === '*') return '*';
  const tags: string[] = [];
  ELEMENT.lastIndex = 0;
  while (ELEMENT.lastIndex < value.length) {
    const found = ELEMENT.exec(value);
    if (found === null) throw tagsInvalid(name);
    if (found[1] !== undefined) tags.push(found[1]);
  }
  return tags;
}

/** The error of a header that is no list of tags (W73). */
export function tagsInvalid(name: string): JackfieldError {
  return new JackfieldError(
    'header_invalid',
    `Invalid ${name} header provided. Must be * or a list of entity tags, each in double quotes`,
  );
}
