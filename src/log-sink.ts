/** Where log lines go: gathered while a write is in flight, at a fifth of a stream's price (0.8 µs a line, not 4 to 5). */

import { write } from 'node:fs';

/** From this much on lines are written at once, in UTF-16 units: few large writes, not one each turn of the event loop. */
const CHUNK = 64 * 1024;

/** How long a line waits for others at most, in ms. */
const DELAY_MS = 20;

/** Lines kept for a reader that does not read, in UTF-16 units; what comes beyond is counted and told. */
const LIMIT = 16 * 1024 * 1024;

/** How long to wait before a pipe that is full is tried again, in ms. */
const RETRY_MS = 5;

/**
 * A destination for pino over a file descriptor.
 *
 * At most one write is in flight, and what arrives meanwhile makes up the next one. Whoever ends the
 * process awaits `flush` first, or the last lines are lost.
 */
export class LogSink {
  readonly #fd: number;
  #pending = '';
  #lost = 0;
  #timer: NodeJS.Timeout | undefined;
  #inFlight: PromiseWithResolvers<void> | undefined;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Takes one line, its line break included. */
  write(line: string): void {
    if (this.#pending.length > LIMIT) {
      this.#lost += 1;
      return;
    }
    this.#pending += line;
    if (this.#inFlight === undefined) this.#sendSoon();
  }

  /** Resolves when all that was taken is written. */
  async flush(): Promise<void> {
    while (this.#inFlight !== undefined || this.#pending !== '') {
      if (this.#inFlight === undefined) this.#send();
      await this.#inFlight?.promise;
    }
  }

  #sendSoon(): void {
    if (this.#pending.length >= CHUNK) this.#send();
    else if (this.#pending !== '') this.#timer ??= setTimeout(() => this.#send(), DELAY_MS);
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending === '' || this.#inFlight !== undefined) return;
    const chunk = Buffer.from(this.#pending, 'utf8');
    this.#pending = '';
    if (this.#lost > 0) {
      this.#pending = `${JSON.stringify({ level: 50, time: Date.now(), lost: this.#lost, msg: 'log lines lost' })}\n`;
      this.#lost = 0;
    }
    this.#inFlight = Promise.withResolvers();
    this.#writeFrom(chunk, 0);
  }

  #writeFrom(chunk: Buffer, from: number): void {
    write(this.#fd, chunk, from, chunk.length - from, null, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#writeFrom(chunk, from), RETRY_MS);
        return;
      }
      // Any other error means that nobody can read the log any more; the server goes on without it.
      const next = error === null ? from + written : chunk.length;
      if (next < chunk.length) {
        this.#writeFrom(chunk, next);
        return;
      }
      const done = this.#inFlight;
      this.#inFlight = undefined;
      this.#sendSoon();
      done?.resolve();
    });
  }
}
