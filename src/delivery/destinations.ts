/** Where the URLs called lately lead, and what the guard says of it: neither changes while a process runs. */

import type { EgressRules } from '../domain/egress-rules.ts';
import type { Call } from '../domain/event.ts';
import { judgeAddresses, type Refusal, readTarget, type Target } from './egress.ts';

/** URLs kept, at most, and the longest of them. */
const MAX_KEPT = 1000;
const MAX_LENGTH = 2048;

/**
 * Reads URLs and judges the addresses that need no look-up, once for each URL: parsing it and its address and going
 * through the ranges took 13 of the 190 µs that a delivery took in the main thread. Those by GET hold a payload: each is
 * another, and none is kept (D34).
 */
export class Destinations {
  readonly #rules: EgressRules;
  readonly #known = new Map<string, Target | Refusal>();

  constructor(rules: EgressRules) {
    this.#rules = rules;
  }

  /** Where a call leads; a name is judged by who looks it up. */
  find({ url, method }: Pick<Call, 'url' | 'method'>): Target | Refusal {
    const known = this.#known.get(url);
    if (known !== undefined) return known;
    const found = this.#judge(readTarget(url));
    if (method === 'GET' || url.length > MAX_LENGTH) return found;
    if (this.#known.size >= MAX_KEPT) this.#known.clear();
    this.#known.set(url, found);
    return found;
  }

  #judge(target: Target | Refusal): Target | Refusal {
    if ('outcome' in target || target.addresses === undefined) return target;
    return judgeAddresses(target.addresses, this.#rules) ?? target;
  }
}
