/** Token buckets by name, with a bound on how many are remembered. */

/** What taking a token came to. */
export interface Taken {
  readonly allowed: boolean;
  /** Whole tokens left. */
  readonly left: number;
  /** Whole seconds until the bucket is full again, or, when refused, until there is a token. */
  readonly seconds: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** How far below nothing a bucket goes, in buckets: what is used elsewhere is owed, but not for ever. */
const MAX_DEBT = 10;

/** Buckets looked at for one to forget. */
const LOOKED_AT = 8;

/** A bucket holds `capacity` tokens and gains `perSecond`; time is in ms of any steady clock. */
export class TokenBuckets {
  readonly #capacity: number;
  readonly #perSecond: number;
  readonly #maximum: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(capacity: number, perSecond: number, maximum = 100_000) {
    this.#capacity = capacity;
    this.#perSecond = perSecond;
    this.#maximum = maximum;
  }

  take(name: string, now: number): Taken {
    const bucket = this.#fill(name, now);
    const allowed = bucket.tokens >= 1;
    if (allowed) bucket.tokens -= 1;
    const missing = allowed ? this.#capacity - bucket.tokens : 1 - bucket.tokens;
    return {
      allowed,
      left: Math.max(0, Math.floor(bucket.tokens)),
      seconds: Math.ceil(missing / this.#perSecond),
    };
  }

  /** Takes tokens that were used elsewhere; the bucket may go below nothing. */
  charge(name: string, tokens: number, now: number): void {
    if (tokens === 0) return;
    const bucket = this.#fill(name, now);
    bucket.tokens = Math.max(-MAX_DEBT * this.#capacity, bucket.tokens - tokens);
  }

  /** The tokens in a bucket. */
  level(name: string, now: number): number {
    return this.#fill(name, now).tokens;
  }

  /** Gives a token back that turned out not to be owed. */
  giveBack(name: string): void {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) return;
    bucket.tokens += 1;
    // A full bucket is like one that nobody has asked for yet.
    if (bucket.tokens >= this.#capacity) this.#buckets.delete(name);
  }

  #fill(name: string, now: number): Bucket {
    const known = this.#buckets.get(name);
    if (known === undefined) {
      this.#forgetFullest(now);
      const bucket = { tokens: this.#capacity, at: now };
      this.#buckets.set(name, bucket);
      return bucket;
    }
    const gained = ((now - known.at) / 1000) * this.#perSecond;
    known.tokens = Math.min(this.#capacity, known.tokens + Math.max(0, gained));
    // Requests come by their arrival, which is not the order in which they are counted: no time is gained twice.
    known.at = Math.max(known.at, now);
    return known;
  }

  /**
   * Makes room for another: of those in front the fullest goes, which is missed the least, and the others go to the
   * back. So names that are used up are not forgotten over names that were made up.
   */
  #forgetFullest(now: number): void {
    if (this.#buckets.size < this.#maximum) return;
    const front = [...this.#front()];
    let fullest = { name: '', tokens: -1 };
    for (const [name, { tokens, at }] of front) {
      const filled = Math.min(this.#capacity, tokens + ((now - at) / 1000) * this.#perSecond);
      if (filled > fullest.tokens) fullest = { name, tokens: filled };
    }
    for (const [name, bucket] of front) {
      this.#buckets.delete(name);
      if (name !== fullest.name) this.#buckets.set(name, bucket);
    }
  }

  *#front(): Generator<[string, Bucket]> {
    let left = LOOKED_AT;
    for (const entry of this.#buckets) {
      if (left === 0) return;
      left -= 1;
      yield entry;
    }
  }
}
