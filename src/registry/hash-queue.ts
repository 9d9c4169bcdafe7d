/** Few slow hashes at a time, and each client address in its turn. */

import { JackfieldError } from '../errors.ts';

/** Hashes that may wait at all; beyond it the server says so instead of falling behind for minutes. */
const MAX_WAITING = 256;

/** Hashes that may wait of one address; behind a proxy that is not named in the settings all clients have the same. */
const MAX_WAITING_OF_ADDRESS = 32;

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
  /** `performance.now()` at which the rest ends. */
  #restUntil = 0;

  /**
   * @param address whose turn it takes.
   * @param run answers whether the credentials were right.
   * @throws `overloaded` when too many wait: of this address, or at all, unless another address has more of them.
   */
  push(address: string, run: () => Promise<boolean>): Promise<boolean> {
    const line = this.#waiting.get(address) ?? [];
    if (line.length >= MAX_WAITING_OF_ADDRESS || !this.#makeRoom(line)) return Promise.reject(overloaded());
    return new Promise((resolve, reject) => {
      line.push({ run, resolve, reject });
      this.#waiting.set(address, line);
      this.#count += 1;
      if (!this.#busy) void this.#drain();
    });
  }

  /** Turns away the newest of the longest line for one of a line that is shorter; says whether there is room. */
  #makeRoom(line: readonly Job[]): boolean {
    if (this.#count < MAX_WAITING) return true;
    let longest: Job[] = [];
    for (const other of this.#waiting.values()) if (other.length > longest.length) longest = other;
    // One more must not make it the longest itself.
    if (longest.length <= line.length + 1) return false;
    longest.pop()?.reject(overloaded());
    this.#count -= 1;
    return true;
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    while (this.#count > 0) {
      const rest = this.#restUntil - performance.now();
      if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
      const job = this.#take();
      if (job === undefined) break;
      const begun = performance.now();
      const right = await this.#runJob(job);
      const ended = performance.now();
      if (!right) this.#restUntil = ended + (ended - begun);
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

function overloaded(): JackfieldError {
  return new JackfieldError('overloaded', 'Too many credentials wait to be checked', { retryAfter: 5 });
}
