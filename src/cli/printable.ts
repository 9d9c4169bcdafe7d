/** Text of others as it may be printed: a terminal takes some signs as orders. */

/** Control characters of C0, C1 and DEL, and signs that turn the direction of a line. */
const UNPRINTABLE = /[\p{Cc}\u{202a}-\u{202e}\u{2066}-\u{2069}]/gu;

/** The same text with each sign that is none for print written as an escape; line breaks only stay if asked. */
export function makePrintable(text: string, { lines = false } = {}): string {
  return text.replace(UNPRINTABLE, (sign) => {
    if (lines && (sign === '\n' || sign === '\t')) return sign;
    return `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}

/** At most so many characters of a text, and what is left out. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  // A pair of surrogates is not cut in two.
  return `${text.slice(0, most).toWellFormed()}… (${text.length - most} characters more)`;
}
