/** What an application's id may be: those we make are UUIDs, those of other servers any text that a path can carry. */

const MAX_ID_CHARACTERS = 255;

/** Says what is wrong with an id that comes from elsewhere (W44); undefined when nothing is. */
export function findIdFault(id: unknown): string | undefined {
  if (id === undefined) return 'is required';
  if (typeof id !== 'string') return 'must be a string';
  const { length } = Array.from(id);
  if (length < 1 || length > MAX_ID_CHARACTERS)
    return `must be between 1 and ${MAX_ID_CHARACTERS} characters`;
  if (!id.isWellFormed()) return 'must be well-formed Unicode text';
  if (/\p{Cc}/u.test(id)) return 'must not contain control characters';
  // Clients take such segments out of a path before they send it (RFC 3986 §5.2.4).
  return id === '.' || id === '..' ? 'must not be a dot segment' : undefined;
}
