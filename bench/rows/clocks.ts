/** How exactly the clocks of calls fire, against receivers that never accept, never answer, stop and drip. */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { Sender, type Sent } from '../../src/delivery/send.ts';
import { createEgressRules } from '../../src/domain/egress-rules.ts';
import type { Experiment, Outcome } from '../experiment.ts';
import { medianOf } from '../figures.ts';
import type { Stage } from '../stage.ts';

/** A timeout that nothing in these measurements reaches, in ms. */
const NEVER = 60_000;

/** Between the beginnings of waits that run at the same time, in ms. */
const APART_MS = 20;

/** A way to wait in vain: where, for which clock, and how long it was in the end, measured from when that clock began. */
interface Wait {
  readonly name: string;
  readonly place: 'full' | 'silent' | 'stopping' | 'dripping';
  readonly clock: 'connect' | 'socket';
  /** In ms. */
  readonly timeouts: readonly number[];
  readonly times: number;
  readonly measure: (sent: Sent) => number;
}

const WAITS: readonly Wait[] = [
  {
    name: 'never accepts (connect)',
    place: 'full',
    clock: 'connect',
    timeouts: [300, 500, 1000, 5000],
    times: 1,
    measure: ({ totalMs }) => totalMs,
  },
  {
    name: 'never answers (socket)',
    place: 'silent',
    clock: 'socket',
    timeouts: [300, 500, 1000, 5000, 10_000],
    times: 1,
    measure: ({ totalMs, connectMs = Number.NaN }) => totalMs - connectMs,
  },
  {
    name: 'stops after a byte (socket)',
    place: 'stopping',
    clock: 'socket',
    timeouts: [300, 1000, 5000],
    times: 1,
    measure: ({ totalMs, connectMs = Number.NaN, firstByteMs = Number.NaN }) =>
      totalMs - connectMs - firstByteMs,
  },
  {
    name: 'a byte every 50 ms (socket, three times)',
    place: 'dripping',
    clock: 'socket',
    timeouts: [300, 1000],
    times: 3,
    measure: ({ totalMs, connectMs = Number.NaN }) => totalMs - connectMs,
  },
];

/** Receivers in a thread of their own; the one that is full stands in another, which never comes back to its loop. */
const RECEIVERS = `
  const { createServer } = require('node:net');
  const { parentPort, workerData } = require('node:worker_threads');
  const treat = {
    full: () => {},
    silent: () => {},
    stopping: (socket) => socket.once('data', () => socket.write('H')),
    dripping: (socket) => socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\\r\\n\\r\\n');
      const timer = setInterval(() => socket.write('x'), 50);
      socket.on('close', () => clearInterval(timer));
    }),
  }[workerData];
  const server = createServer((socket) => {
    socket.on('error', () => {}).resume();
    treat(socket);
  }).listen({ port: 0, host: '127.0.0.1', backlog: workerData === 'full' ? 1 : 511 }, () => {
    parentPort.postMessage(server.address().port);
    if (workerData === 'full') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

/** A receiver, and the connections that fill the line of one that never accepts. */
class Place implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #fillers: Socket[] = [];
  port = 0;

  constructor(place: Wait['place']) {
    this.#worker = new Worker(RECEIVERS, { eval: true, workerData: place });
  }

  async open(isFull: boolean): Promise<this> {
    const [port]: unknown[] = await once(this.#worker, 'message');
    this.port = Number(port);
    for (let at = 0; isFull && at < 4; at++) {
      const filler = connect(this.port, '127.0.0.1').on('error', () => {});
      this.#fillers.push(filler);
      // A backlog of one holds two; the others wait in vain, and keep it full.
      if (at < 2) await once(filler, 'connect');
    }
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const filler of this.#fillers) filler.destroy();
    await this.#worker.terminate();
  }
}

/** The errors of a wait in ms, and beside each that of a bare timer which ran for as long at the same time. */
interface Errors {
  readonly ours: readonly number[];
  readonly bare: readonly number[];
}

async function timeBareTimer(ms: number): Promise<number> {
  const startedAt = performance.now();
  await new Promise((resolve) => setTimeout(resolve, ms));
  return performance.now() - startedAt - ms;
}

/** Waits in vain so many times at once, begun a few ms apart. */
async function measureErrors(
  sender: Sender,
  port: number,
  wait: Wait,
  timeout: number,
  times: number,
): Promise<Errors> {
  const url = `http://127.0.0.1:${port}/`;
  const call = { url, method: 'POST', headers: {}, body: Buffer.from('{}'), payloadHash: '' } as const;
  const timeouts = { connectTimeoutMs: NEVER, socketTimeoutMs: NEVER, [`${wait.clock}TimeoutMs`]: timeout };
  const pairs = Array.from({ length: times }, async (_, at) => {
    await new Promise((resolve) => setTimeout(resolve, at * APART_MS));
    const whole = wait.times * timeout;
    const [bare, sent] = await Promise.all([timeBareTimer(whole), sender.send(call, timeouts)]);
    if (sent.outcome !== `${wait.clock}_timeout`) throw new Error(`${wait.name}: ${sent.outcome}`);
    return { ours: wait.measure(sent) - whole, bare };
  });
  const errors = await Promise.all(pairs);
  return { ours: errors.map(({ ours }) => ours), bare: errors.map(({ bare }) => bare) };
}

function describeErrors(name: string, timeout: number, { ours, bare }: Errors): string {
  const sorted = ours.toSorted((a, b) => a - b);
  const at = (part: number) => (sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0).toFixed(1);
  return (
    `${name}, ${timeout} ms, ${ours.length} times: error min ${at(0)}, median ${at(0.5)}, p95 ${at(0.95)}, ` +
    `p99 ${at(0.99)}, max ${at(1)} ms; a bare timer beside it: max ${worstOf(bare).toFixed(1)} ms`
  );
}

const worstOf = (errors: readonly number[]) => Math.max(...errors.map(Math.abs));

async function measureClocks(stage: Stage): Promise<Outcome[]> {
  await using stack = new AsyncDisposableStack();
  const sender = new Sender({ rules: createEgressRules('local'), clock: { now: Date.now } });
  stack.defer(() => sender.close());
  const times = stage.options.rounds * 10;
  const all: Errors[] = [];
  const notes: string[] = [];
  for (const wait of WAITS) {
    const { port } = await stack.use(new Place(wait.place)).open(wait.place === 'full');
    // Not counted: what a process does for the first time takes longer.
    await measureErrors(sender, port, wait, Math.min(...wait.timeouts), stage.options.rounds);
    for (const timeout of wait.timeouts) {
      const errors = await measureErrors(sender, port, wait, timeout, times);
      all.push(errors);
      notes.push(describeErrors(wait.name, timeout, errors));
    }
  }
  const [ours, bare] = [all.flatMap((errors) => errors.ours), all.flatMap((errors) => errors.bare)];
  const describe = (errors: readonly number[]) =>
    `median ${medianOf(errors).toFixed(1)}, max ${worstOf(errors).toFixed(1)} ms`;
  return [{ figures: [worstOf(ours)], ours: describe(ours), bare: describe(bare), notes }];
}

export const clocks: Experiment = {
  rows: [
    {
      name: 'clocks',
      title: 'timeouts of calls: the largest error',
      target: { atMost: 20 },
      unit: 'ms',
      decidedBy: 'wall clock',
    },
  ],
  measure: measureClocks,
};
