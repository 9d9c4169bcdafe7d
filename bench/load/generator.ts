/** The load generator, a process of its own: takes a job, runs it, tells what it saw, waits for the next. */

import { setTimeout as delay } from 'node:timers/promises';
import { readFamilySeconds, readMachineSeconds, readProcessorSeconds } from '../processor-time.ts';
import { GroupRun } from './group-run.ts';
import type { LoadJob, LoadResult } from './job.ts';
import { stayAwake, type Turns } from './wakefulness.ts';

/** What is under way when counting ends must be answered within this time, or it is an error. */
const DRAIN_MS = 10_000;
/** A job that ends by a number of answers ends after this time at the latest. */
const LONGEST_MS = 300_000;

/** Waits for the promise, but no longer than the time given. */
async function within(promise: Promise<unknown>, milliseconds: number): Promise<void> {
  const giveUp = new AbortController();
  const late = delay(milliseconds, undefined, { signal: giveUp.signal }).catch(() => undefined);
  await Promise.race([promise, late]);
  giveUp.abort();
}

async function countedTime(job: LoadJob, runs: readonly GroupRun[]): Promise<void> {
  if ('seconds' in job.until) await delay(job.until.seconds * 1000);
  else await within(Promise.all(runs.map((run) => run.finished())), LONGEST_MS);
}

interface Clocks {
  readonly wall: number;
  readonly server: number | null;
  readonly database: number;
  readonly machine: number | null;
  readonly own: number;
  readonly turns: Turns;
}

/** All clocks at one moment, in seconds. */
function readClocks(job: LoadJob, turns: Turns): Clocks {
  const { user, system } = process.cpuUsage();
  return {
    wall: performance.now() / 1000,
    server: readProcessorSeconds(job.processId),
    database: (job.databaseProcessId === null ? null : readFamilySeconds(job.databaseProcessId)) ?? 0,
    machine: readMachineSeconds()?.busy ?? null,
    own: (user + system) / 1e6,
    turns,
  };
}

function compareClocks(before: Clocks, after: Clocks): Omit<LoadResult, 'groups'> {
  const seconds = after.wall - before.wall;
  const own = after.own - before.own;
  const server = before.server === null || after.server === null ? null : after.server - before.server;
  const busy = before.machine === null || after.machine === null ? null : after.machine - before.machine;
  const known = own + after.database - before.database;
  return {
    seconds,
    processorSeconds: server,
    generatorShare: (after.turns.busy - before.turns.busy) / (after.turns.all - before.turns.all),
    othersBusy: busy === null || server === null ? null : Math.max(0, busy - server - known) / seconds,
  };
}

/** Runs one job: connect, warm up, count, drain. */
async function runJob(job: LoadJob): Promise<LoadResult> {
  const url = new URL(job.url);
  const address = { host: url.hostname, port: Number(url.port) };
  const runs = job.groups.map((group) => new GroupRun(group, job));
  const wakefulness = stayAwake(() => runs.reduce((sum, run) => sum + run.answered, 0));
  const fixedNumber = 'answers' in job.until;
  if (fixedNumber) for (const run of runs) run.beginCounting();
  await Promise.all(job.groups.map((group, at) => runs[at]?.start(group.connections, address)));
  if (!fixedNumber) await delay(job.warmUpSeconds * 1000);

  const before = readClocks(job, wakefulness.turns());
  for (const run of runs) run.beginCounting();
  await countedTime(job, runs);
  const after = readClocks(job, wakefulness.turns());
  wakefulness.sleep();
  for (const run of runs) run.endCounting();

  await within(Promise.all(runs.map((run) => run.drain())), DRAIN_MS);
  return { ...compareClocks(before, after), groups: runs.map((run) => run.close()) };
}

process.on('disconnect', () => process.exit());
process.on('message', (job: LoadJob) => {
  runJob(job).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ failure: String(error) }),
  );
});
process.send?.({ result: 'ready' });
