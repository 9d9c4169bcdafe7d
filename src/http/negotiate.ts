/** What the client accepts and what it sends: `Accept` (W53) and `Content-Type` (W54). */

import type { IncomingHttpHeaders } from 'node:http';

/**
 * Says whether `Accept` leaves room for `application/json` (RFC 9110 §12.5.1): the most specific range that
 * matches decides, and weight 0 excludes.
 */
export function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return true;
  let best = -1;
  let accepted = false;
  for (const range of splitList(accept)) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const specificity = RANGES.indexOf(type.toLowerCase());
    if (specificity < best || specificity < 0) continue;
    const fits = isNotExcluded(parameters);
    // Of two ranges that are as specific the kinder one counts.
    accepted = specificity === best ? accepted || fits : fits;
    best = specificity;
  }
  return accepted || accept.trim() === '';
}

const RANGES = ['*/*', 'application/*', 'application/json'];

function isNotExcluded(parameters: readonly string[]): boolean {
  const weight = parameters
    .map((parameter) => /^q\s*=\s*(.*)$/i.exec(parameter)?.[1])
    .find((q) => q !== undefined);
  // Only a weight of zero excludes; one that is no number excludes nothing.
  return weight === undefined || !/^0(\.0{0,3})?$/.test(weight);
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

function splitUnquoted(text: string, separator: ',' | ';'): string[] {
  const piece = separator === ',' ? /(?:"(?:\\.|[^"\\])*"|[^,])+/g : /(?:"(?:\\.|[^"\\])*"|[^;])+/g;
  return (text.match(piece) ?? []).map((part) => part.trim()).filter((part) => part !== '');
}
