/** Lines of a stream of UTF-8 bytes; only a line feed ends one, for JSON may contain all else that ends lines elsewhere. */

/**
 * The lines of a stream, without their line feeds; an empty rest behind the last one is no line.
 *
 * @param maxCharacters a longer line is refused rather than kept.
 * @throws {RangeError} and what the stream throws.
 */
export async function* splitLines(
  stream: AsyncIterable<Uint8Array>,
  maxCharacters = Number.POSITIVE_INFINITY,
): AsyncIterable<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let rest = '';
  for await (const piece of stream) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxCharacters) throw new RangeError(`a line of more than ${maxCharacters} characters`);
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
