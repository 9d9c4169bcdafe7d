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
      left: Math.floor(bucket.tokens),
      seconds: Math.ceil(missing / this.#perSecond),
    };
  }

  /** Gives a token back that turned out not to be owed. */
  giveBack(name: string): void {
    const bucket = this.#buckets.get(name);
    if (bucket !== undefined) bucket.tokens = Math.min(this.#capacity, bucket.tokens + 1);
  }

  #fill(name: string, now: number): Bucket {
    const known = this.#buckets.get(name);
    if (known === undefined) {
      this.#forgetOldest();
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

  #forgetOldest(): void {
    if (this.#buckets.size < this.#maximum) return;
    const oldest = this.#buckets.keys().next().value;
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
