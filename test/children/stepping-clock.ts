/**
 * Loaded before a program: gives it a wall clock that a signal sets, first an hour forward, then two hours back.
 *
 * Only what asks JavaScript for the time sees it; timers and `performance.now()` go on, as they do when the clock of a
 * machine is set.
 */

const HOUR_MS = 3_600_000;
const trueNow = Date.now;
const steps = [HOUR_MS, -2 * HOUR_MS];
let offset = 0;

Date.now = () => trueNow() + offset;

process.on('SIGUSR2', () => {
  offset += steps.shift() ?? 0;
  process.stdout.write(`the clock is off by ${offset} ms\n`);
});
