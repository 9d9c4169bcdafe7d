/** Few slow hashes at a time, and each client address in its turn. */

import { JackfieldError } from '../errors.ts';

/** Hashes that may wait at all; beyond it the server says so instead of falling behind for minutes. */
const MAX_WAITING = 256;

interface Job {
  run(): Promise<boolean>;
  resolve(outcome: boolean): void;
  reject(error: unknown): void;
}

/**
 * Runs jobs one at a time; after one that came to nothing it rests as long as that took.
 *
 * A flood of wrong credentials so takes at most half a core, and since addresses take turns, it
 * delays a client elsewhere by one hash, not by the whole flood.
 */
export class HashQueue {
  readonly #waiting = new Map<string, Job[]>();
  #count = 0;
  #busy = false;

  /**
   * @param address whose turn it takes.
   * @param run answers whether the credentials were right.
   * @throws `overloaded` when too many wait.
   */
  push(address: string, run: () => Promise<boolean>): Promise<boolean> {
    if (this.#count >= MAX_WAITING) {
      return Promise.reject(
        new JackfieldError('overloaded', 'Too many credentials wait to be checked', { retryAfter: 5 }),
      );
    }
    return new Promise((resolve, reject) => {
      const job = { run, resolve, reject };
      const line = this.#waiting.get(address);
      if (line === undefined) this.#waiting.set(address, [job]);
      else line.push(job);
      this.#count += 1;
      if (!this.#busy) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    for (let job = this.#take(); job !== undefined; job = this.#take()) {
      const begun = performance.now();
      const right = await this.#runJob(job);
      const rest = performance.now() - begun;
      if (!right && this.#count > 0) await new Promise((resolve) => setTimeout(resolve, rest));
    }
    this.#busy = false;
  }

  async #runJob(job: Job): Promise<boolean> {
    try {
      const right = await job.run();
      job.resolve(right);
      return right;
    } catch (error) {
      job.reject(error);
      return false;
    }
  }

  /** The oldest job of the address that waited longest for its turn. */
  #take(): Job | undefined {
    const first = this.#waiting.entries().next().value;
    if (first === undefined) return undefined;
    const [address, line] = first;
    const job = line.shift();
    this.#waiting.delete(address);
    if (line.length > 0) this.#waiting.set(address, line);
    this.#count -= 1;
    return job;
  }
}
