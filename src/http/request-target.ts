/** The target of a request in the one form in which it is routed (RFC 9112 §3.2). */

/** A path at which there is nothing. */
const NOWHERE = '/*';

const SCHEME_AND_AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/**
 * The path and query that a target stands for.
 *
 * A target without a `%` that begins with a slash, as nearly all do, is one already. A whole URL is taken by its path.
 * Each segment of the path is encoded anew: one that cannot be decoded is escaped, so that it is decoded to what was
 * sent (W44). What is no path, like `*`, is at none of ours.
 */
export function normalizeTarget(target: string): string {
  const isPath = target.startsWith('/');
  if (isPath && !target.includes('%')) return target;
  if (!isPath && !SCHEME_AND_AUTHORITY.test(target)) return NOWHERE;
  const relative = isPath ? target : target.replace(SCHEME_AND_AUTHORITY, '');
  const path = pathOf(relative);
  const segments = path === '' ? ['', ''] : path.split('/');
  return segments.map(encodeSegment).join('/') + relative.slice(path.length);
}

/** The path of a target, without its query. */
export function pathOf(target: string): string {
  const end = target.search(/[?#]/);
  return end < 0 ? target : target.slice(0, end);
}

function encodeSegment(segment: string): string {
  try {
    return encodeURIComponent(decodeURIComponent(segment));
  } catch {
    return encodeURIComponent(segment);
  }
}
