/** Cuts the bytes of a kept-alive connection into HTTP/1.1 answers: status line, Content-Length, body, nothing else. */

/** Takes each whole answer: its status, the length of its body, and the chunk it ended in (valid during the call). */
export type AnswerTaker = (status: number, bodyBytes: number, chunk: Buffer) => void;

const headEnd = Buffer.from('\r\n\r\n');

/** Reads status and body length out of a head; throws when it is not one this framing understands. */
function parseHead(head: string): { status: number; length: number } {
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
  if (status === undefined) throw new Error(`not an HTTP/1.1 answer: ${head.slice(0, 80)}`);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined && status !== '204') throw new Error(`${status} without Content-Length`);
  return { status: Number(status), length: Number(length ?? 0) };
}

/**
 * Creates the framing of one connection with at most one request under way.
 * The function it returns takes chunks as they arrive and throws on what it cannot read.
 */
export function createFraming(onAnswer: AnswerTaker): (chunk: Buffer) => void {
  let held: Buffer | undefined;
  let missing = 0;
  let status = 0;
  let length = 0;
  return (arrived) => {
    if (missing > 0) {
      if (arrived.length > missing) throw new Error('bytes after the answer');
      missing -= arrived.length;
      if (missing === 0) onAnswer(status, length, arrived);
      return;
    }
    const chunk = held === undefined ? arrived : Buffer.concat([held, arrived]);
    held = undefined;
    const end = chunk.indexOf(headEnd);
    if (end < 0) {
      held = Buffer.from(chunk);
      return;
    }
    ({ status, length } = parseHead(chunk.toString('latin1', 0, end)));
    missing = length - (chunk.length - end - headEnd.length);
    if (missing < 0) throw new Error('bytes after the answer');
    if (missing === 0) onAnswer(status, length, chunk);
  };
}
