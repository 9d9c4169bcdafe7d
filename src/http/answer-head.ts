/**
 * Heads of answers: Node writes the first of each second, and the others are put together like it.
 *
 * For each header of each answer Node looks again at every letter, and joins it to the text so far: 6 of 63 µs of a GET
 * for our seven. What Node adds itself (`Date`, `Connection`, `Keep-Alive`) is the same for a second on all connections
 * that stay open, so it is taken over from what Node wrote last, if that begins as ours would have: should Node ever
 * write heads in another way, all are Node's (`docs/decisions/006-answers-around-the-reply.md`).
 */

import type { ServerResponse } from 'node:http';

/** The members of an answer of Node's that hold its head; its types do not tell of them. */
type WithHead = ServerResponse & { _header: unknown; _headerSent: boolean };

/** Writes the heads of one server's answers with 200. */
export class AnswerHeads {
  #second = 0;
  #added: string | undefined;

  /**
   * Writes the head of one answer.
   *
   * @param headers names and values in turn; nothing in them comes from a client as it was sent.
   */
  write(response: ServerResponse, headers: string[]): void {
    const raw = response as WithHead;
    const isPlain = raw.shouldKeepAlive && raw._header === null && raw.getHeaderNames().length === 0;
    const second = Math.trunc(Date.now() / 1000);
    if (isPlain && second === this.#second && this.#added !== undefined) {
      raw.statusCode = 200;
      raw._header = compose(headers) + this.#added;
      raw._headerSent = false;
      return;
    }
    raw.writeHead(200, headers);
    if (!isPlain) return;
    this.#second = second;
    this.#added = findAdded(raw._header, compose(headers), second);
  }
}

function compose(headers: readonly string[]): string {
  let head = 'HTTP/1.1 200 OK\r\n';
  for (let at = 0; at < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return head;
}

/** What Node has put behind `ours`; undefined when its head does not begin like that, or its clock is behind. */
function findAdded(head: unknown, ours: string, second: number): string | undefined {
  if (typeof head !== 'string' || !head.startsWith(ours)) return undefined;
  const added = head.slice(ours.length);
  return added.includes(`Date: ${new Date(second * 1000).toUTCString()}\r\n`) ? added : undefined;
}
