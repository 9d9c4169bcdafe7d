/** Waits for something that comes about by itself, and fails when it does not. */

import { setTimeout as pause } from 'node:timers/promises';

/** How often a condition is looked at, in ms. */
const EVERY_MS = 5;

/**
 * Resolves as soon as `probe` answers true.
 *
 * @param what is named when it has not come about within `withinMs`.
 */
export async function until(
  what: string,
  probe: () => boolean | Promise<boolean>,
  withinMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await probe())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await pause(EVERY_MS);
  }
}
