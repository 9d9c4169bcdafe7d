/** How many wrong credentials are taken: for each API key from each address, and for each address over all keys (W58). */

import { type Taken, TokenBuckets } from './token-bucket.ts';

/** What an address may get wrong over all keys, as a multiple of what it may for one. */
const KEYS_OF_ADDRESS = 10;

/** Two counts that a failure is taken from. */
export class FailureLimit {
  readonly #ofKey: TokenBuckets;
  readonly #ofAddress: TokenBuckets;

  constructor(perMinute: number) {
    const ofAddress = perMinute * KEYS_OF_ADDRESS;
    this.#ofKey = new TokenBuckets(perMinute, perMinute / 60);
    this.#ofAddress = new TokenBuckets(ofAddress, ofAddress / 60);
  }

  /**
   * Counts a failure; one that is refused is not counted.
   *
   * @param bucket the name of the pair of key and address.
   * @param now ms of a steady clock.
   */
  take(bucket: string, address: string, now: number): Taken {
    const ofAddress = this.#ofAddress.take(address, now);
    if (!ofAddress.allowed) return ofAddress;
    const ofKey = this.#ofKey.take(bucket, now);
    if (!ofKey.allowed) this.#ofAddress.giveBack(address);
    return ofKey;
  }

  /** Takes back a failure that turned out to be none. */
  giveBack(bucket: string, address: string): void {
    this.#ofKey.giveBack(bucket);
    this.#ofAddress.giveBack(address);
  }
}
