/** Answers kept until anything but deliveries is written, by anybody. */

import type { Body } from './answer.ts';

interface Kept {
  readonly owner: string;
  readonly body: Body;
}

/** What an entry costs besides its body, in bytes: two map slots, a key, the record. */
const OVERHEAD = 200;

/**
 * A cache with one rule of invalidation: it holds what was put under the current version of the database.
 *
 * A hit costs 0.2 µs where reading the row costs 2 to 3.5. The bound is kept by two generations: when
 * the young one is half the bound, it becomes the old one and the old one goes; what is used comes back.
 */
export class AnswerCache {
  readonly #half: number;
  #young = new Map<string, Kept>();
  #old = new Map<string, Kept>();
  #youngBytes = 0;
  #version = Number.NaN;

  /** @param bytes the bound; 0 keeps nothing. */
  constructor(bytes: number) {
    this.#half = bytes / 2;
  }

  /**
   * Finds what `owner` put under `name`.
   *
   * @param version the version of the database now.
   */
  find(version: number, owner: string, name: string): Body | undefined {
    if (version !== this.#version) {
      this.#forget(version);
      return undefined;
    }
    const young = this.#young.get(name);
    if (young !== undefined) return young.owner === owner ? young.body : undefined;
    const old = this.#old.get(name);
    if (old === undefined || old.owner !== owner) return undefined;
    this.#keep(name, old);
    return old.body;
  }

  /** Keeps a body that was read under `version`, unless it is larger than a generation. */
  put(version: number, owner: string, name: string, body: Body): void {
    if (version === this.#version && body.bytes + OVERHEAD <= this.#half) this.#keep(name, { owner, body });
  }

  #keep(name: string, kept: Kept): void {
    this.#youngBytes += kept.body.bytes + OVERHEAD;
    if (this.#youngBytes > this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = kept.body.bytes + OVERHEAD;
    }
    this.#young.set(name, kept);
  }

  #forget(version: number): void {
    this.#version = version;
    if (this.#young.size > 0) this.#young = new Map();
    if (this.#old.size > 0) this.#old = new Map();
    this.#youngBytes = 0;
  }
}
