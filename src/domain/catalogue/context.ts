/** Where the values of generated events come from, so that tests own them, and the values that many events have. */

import type { Clock, Ids } from '../../clock.ts';

/** Time, ids and chance. */
export interface EventContext extends Clock, Ids {
  /** A number from 0 up to, but not, 1. */
  random(): number;
}

/** A context that hands out the same values for the same seed; time stands still. */
export function createSeededContext(seed: number, now: number): EventContext {
  let state = seed >>> 0;
  // Mulberry32: 32 bits of state are plenty for examples.
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const hex = (): string => Math.floor(random() * 16).toString(16);
  const uuid = (): string => 'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, () => hex());
  return { now: () => now, uuid, random };
}

/** A whole number from `least` to `most`. */
export function pickBetween({ random }: EventContext, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** As many digits as asked for; the first is not 0. */
export function pickDigits(context: EventContext, length: number): string {
  const rest = Array.from({ length: length - 1 }, () => pickBetween(context, 0, 9));
  return [pickBetween(context, 1, 9), ...rest].join('');
}

/** The number of a mobile phone out of the range that Ofcom keeps free for stories. */
export function pickMobile(context: EventContext): string {
  return `447700900${pickBetween(context, 0, 999).toString().padStart(3, '0')}`;
}

/** The number of a line in London out of the range that Ofcom keeps free for stories. */
export function pickLine(context: EventContext): string {
  return `442079460${pickBetween(context, 0, 999).toString().padStart(3, '0')}`;
}

/** A North American number out of those that are kept free for stories. */
export function pickAmerican(context: EventContext): string {
  return `120255501${pickBetween(context, 0, 99).toString().padStart(2, '0')}`;
}

/** A time so many seconds before now, to the millisecond. */
export function timeBefore({ now }: EventContext, seconds: number): string {
  return new Date(now() - seconds * 1000).toISOString();
}

/** Now, to the second, as messages have it. */
export function secondsNow({ now }: EventContext): string {
  return new Date(now()).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
