/** What the answer to a call means: which statuses are success, and how long it asks to wait (D03). */

/** What came of an answer with a status. */
export type AnswerOutcome = 'delivered' | 'redirect' | 'http_error';

/** Judges the final status of an answer: 200 to 205 are success; a 3xx is a failure of its own, since redirects are not followed (D03). */
export function judgeAnswer(statusCode: number): AnswerOutcome {
  if (statusCode >= 200 && statusCode <= 205) return 'delivered';
  return statusCode >= 300 && statusCode <= 399 ? 'redirect' : 'http_error';
}

/** IMF-fixdate, and the two forms that RFC 9110 §5.6.7 has recipients take as well. */
const HTTP_DATE =
  /^(?:[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4})$/;

/**
 * The seconds that a `Retry-After` asks to wait (RFC 9110 §10.2.3), from whole seconds or from a date; undefined
 * when it is neither. A date that has passed is 0.
 *
 * @param now milliseconds since the Unix epoch.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text), Number.MAX_SAFE_INTEGER);
  if (!HTTP_DATE.test(text)) return undefined;
  const time = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(time) ? undefined : Math.max(0, Math.ceil((time - now) / 1000));
}
