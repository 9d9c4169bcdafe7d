/** A flag that may be given more than once. */

/** Adds what was given to what was given before. */
export function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}
