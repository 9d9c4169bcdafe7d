/** What the client accepts and what it sends: `Accept` (W53) and `Content-Type` (W54). */

import type { IncomingHttpHeaders } from 'node:http';

/**
 * Says whether `Accept` leaves room for `application/json` (RFC 9110 §12.5.1): the most specific range that
 * matches decides, and weight 0 excludes. A list without a range is as good as none.
 */
export function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return true;
  const ranges = splitList(accept);
  let best = -1;
  let accepted = ranges.length === 0;
  for (const range of ranges) {
    const [type = '', ...parameters] = splitParameters(range);
    const specificity = RANGES.indexOf(type.toLowerCase());
    if (specificity < best || specificity < 0) continue;
    const fits = isNotExcluded(parameters);
    // What is ruled out with a parameter that our JSON does not have is not our JSON.
    if (!fits && !parameters.every(isOurs)) continue;
    // Of two ranges that are as specific the kinder one counts.
    accepted = specificity === best ? accepted || fits : fits;
    best = specificity;
  }
  return accepted;
}

/** Says whether `Accept` leaves room for a stream of events, which those also get who take JSON. */
export function acceptsEvents(accept: string | undefined): boolean {
  return /(^|,)\s*text\/(\*|event-stream)\s*(,|;|$)/i.test(accept ?? '') || acceptsJson(accept);
}

const RANGES = ['*/*', 'application/*', 'application/json'];

function isNotExcluded(parameters: readonly string[]): boolean {
  const weight = parameters.map((parameter) => WEIGHT.exec(parameter)?.[1]).find((q) => q !== undefined);
  // Only a weight of zero excludes; one that is no number excludes nothing.
  return weight === undefined || !/^0(\.0{0,3})?$/.test(weight);
}

const WEIGHT = /^q\s*=\s*(.*)$/i;

/** Says whether a parameter of a range is its weight, or one that our answers have as well. */
function isOurs(parameter: string): boolean {
  return WEIGHT.test(parameter) || /^charset\s*=\s*("utf-?8"|utf-?8)$/i.test(parameter);
}

/** Says whether there may be a body: a length above zero, or chunks whose number is not known yet. */
export function mayHaveBody(headers: IncomingHttpHeaders): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && !/^0+$/.test(length));
}

/** Says whether a body is JSON in UTF-8 without a content coding. */
export function isJsonBody(headers: IncomingHttpHeaders): boolean {
  const coding = headers['content-encoding'];
  if (coding !== undefined && !splitList(coding).every((part) => part.toLowerCase() === 'identity'))
    return false;
  const given = headers['content-type'];
  if (given === 'application/json') return true;
  const [type = '', ...parameters] = splitParameters(given ?? '');
  if (type.toLowerCase() !== 'application/json') return false;
  return parameters.every(isCharsetFit);
}

function isCharsetFit(parameter: string): boolean {
  const charset = /^charset\s*=\s*(.*)$/i.exec(parameter)?.[1];
  return charset === undefined || /^("utf-?8"|utf-?8)$/i.test(charset);
}

/** Splits at commas outside of quotes. */
function splitList(text: string): string[] {
  return splitUnquoted(text, ',');
}

function splitParameters(text: string): string[] {
  return splitUnquoted(text, ';');
}

/**
 * The parts of `text` between separators outside of quotes, trimmed, without empty ones.
 *
 * No text takes more than two passes: behind a quote that is never closed no other is.
 */
function splitUnquoted(text: string, separator: ',' | ';'): string[] {
  const parts = text.includes('"') ? splitAt(text, separator) : text.split(separator);
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function splitAt(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let begin = 0;
  let closed = true;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === separator) {
      parts.push(text.slice(begin, at));
      begin = at + 1;
    } else if (text[at] === '"' && closed) {
      const end = findQuoteEnd(text, at + 1);
      closed = end < text.length;
      if (closed) at = end;
    }
  }
  parts.push(text.slice(begin));
  return parts;
}

/** Where the quote ends that began before `from`; the length of `text` if it does not. */
function findQuoteEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return Math.min(at, text.length);
}
