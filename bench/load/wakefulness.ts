/** Keeps the load generator from sleeping while it measures. */

/** How often the event loop turned, and in how many of the turns answers had come. */
export interface Turns {
  readonly all: number;
  readonly busy: number;
}

/**
 * Turns the event loop without a pause until `sleep` is called.
 *
 * A server that writes to a process which sleeps pays for waking it, several µs on a virtual machine, and one
 * whose client is never done with the last answers pays nothing: without this the faster of two servers
 * looks faster than it is.
 *
 * @param countAnswers how many answers have come so far.
 */
export function stayAwake(countAnswers: () => number): { turns(): Turns; sleep(): void } {
  let awake = true;
  let all = 0;
  let busy = 0;
  let seen = 0;
  const turn = (): void => {
    if (!awake) return;
    const answers = countAnswers();
    all += 1;
    if (answers !== seen) busy += 1;
    seen = answers;
    setImmediate(turn);
  };
  turn();
  return {
    turns: () => ({ all, busy }),
    sleep: () => {
      awake = false;
    },
  };
}
