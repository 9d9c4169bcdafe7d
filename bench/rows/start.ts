/** From process start to the first answer, and what the idle server holds in memory. */

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Experiment, Outcome, Row } from '../experiment.ts';
import { medianOf } from '../figures.ts';
import { type Home, spawnJackfield, startJackfield } from '../jackfield-server.ts';
import { waitForFullPool } from '../key-pool.ts';
import { waitForIdleMachine } from '../machine.ts';
import { readResidentMegabytes } from '../processor-time.ts';
import type { Stage } from '../stage.ts';

const FEWEST_STARTS = 7;
const MEMORY_STARTS = 3;
const IDLE_MS = 5_000;
const POLL_MS = 2;
const PATIENCE_MS = 20_000;

/** A port that was free a moment ago. */
async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port to be had');
  return address.port;
}

/** Asks once; resolves with whether a 200 came back. */
function asksWell(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: '127.0.0.1', port });
  socket.once('connect', () => socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'));
  socket.once('data', (chunk) => {
    resolve(chunk.toString('latin1', 0, 12) === 'HTTP/1.1 200');
    socket.destroy();
  });
  socket.once('error', () => resolve(false));
  socket.once('close', () => resolve(false));
  return promise;
}

/** Starts the server and asks until it answers; resolves with the milliseconds from before the spawn. */
async function timeStart(stage: Stage, home: Home, core: number | null): Promise<number> {
  const port = await findFreePort();
  const { profile } = stage.options;
  const startedAt = performance.now();
  const child = spawnJackfield(stage.children, home, { core, profile }, { JACKFIELD_PORT: String(port) });
  try {
    while (performance.now() - startedAt < PATIENCE_MS && child.exitCode === null) {
      if (await asksWell(port)) return performance.now() - startedAt;
      await delay(POLL_MS);
    }
    throw new Error('the server did not answer after its start');
  } finally {
    await stage.children.stop(child);
  }
}

function composeOutcome(times: readonly number[], notes: readonly string[]): Outcome {
  return { figures: times, ours: `${medianOf(times).toFixed(0)} ms`, bare: '', notes };
}

async function measureReady(stage: Stage): Promise<Outcome[]> {
  const home = await stage.createHome();
  const first = await timeStart(stage, home, null);
  const anywhere: number[] = [];
  const pinned: number[] = [];
  for (let start = 0; start < Math.max(FEWEST_STARTS, stage.options.rounds); start++) {
    await waitForIdleMachine();
    anywhere.push(await timeStart(stage, home, null));
    pinned.push(await timeStart(stage, home, stage.cores.server));
  }
  const notes = [`one start before these was not counted: ${first.toFixed(0)} ms`];
  return [composeOutcome(anywhere, notes), composeOutcome(pinned, [])];
}

async function measureMemory(stage: Stage): Promise<Outcome[]> {
  const figures: number[] = [];
  for (let start = 0; start < MEMORY_STARTS; start++) {
    const home = await stage.createHome();
    const { profile } = stage.options;
    const server = await startJackfield(stage.children, home, { core: null, profile });
    await waitForFullPool(server);
    await delay(IDLE_MS);
    const megabytes = readResidentMegabytes(server.processId);
    if (megabytes !== null) figures.push(megabytes);
    await stage.children.stop(server.child);
  }
  const notes = figures.length === 0 ? ['no /proc here: not measured'] : [];
  return [{ figures, ours: `${medianOf(figures).toFixed(0)} MB`, bare: '', notes }];
}

const readyRows: readonly Row[] = [
  {
    name: 'ready',
    title: 'process start to first answer, all cores',
    target: { atMost: 400 },
    unit: 'ms',
    decidedBy: 'wall clock',
  },
  {
    name: 'ready-pinned',
    title: 'process start to first answer, one core',
    target: { atMost: 400 },
    unit: 'ms',
    decidedBy: 'wall clock',
  },
];

const memoryRow: Row = {
  name: 'idle-memory',
  title: 'resident memory, idle, key pool full',
  target: { atMost: 140 },
  unit: 'MB',
  decidedBy: 'memory',
};

export const ready: Experiment = { rows: readyRows, measure: measureReady };
export const idleMemory: Experiment = { rows: [memoryRow], measure: measureMemory };
