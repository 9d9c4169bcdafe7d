/** The signals that end a server: the first asks it to, the second makes it. */

import { constants } from 'node:os';

const SIGNALS: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGBREAK', 'SIGHUP'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** `npm` passes on the Ctrl-C that the terminal has already sent to everybody: one press, two signals. */
const SAME_PRESS_MS = 100;

/** Resolves with the first signal; from then on another one ends the process at once, with 128 and its number. */
export function awaitStopSignal(): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let first: { readonly signal: NodeJS.Signals; readonly at: number } | undefined;
  const receive = (signal: NodeJS.Signals) => {
    if (first === undefined) {
      first = { signal, at: performance.now() };
      resolve(signal);
      return;
    }
    const samePress =
      signal === 'SIGINT' && first.signal === signal && performance.now() - first.at < SAME_PRESS_MS;
    if (!samePress) process.exit(128 + constants.signals[signal]);
  };
  for (const signal of SIGNALS) process.on(signal, receive);
  return promise;
}
