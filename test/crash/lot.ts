/** Numbers drawn by lot, the same again for the same seed. */

/** Draws from 0 (inclusive) to 1 (exclusive). */
export type Lot = () => number;

/** The generator known as mulberry32: 32 bits of state are plenty for choosing what to do next. */
export function createLot(seed: number): Lot {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of several. */
export function drawOne<T>(lot: Lot, items: readonly T[]): T | undefined {
  return items[Math.floor(lot() * items.length)];
}
