/** Whether deliveries keep up with the events of many clients: those delivered while events come, to those accepted. */

import { setTimeout as delay } from 'node:timers/promises';
import type { CountQuestion } from '../baseline/receiver.ts';
import { askChild } from '../children.ts';
import { type Delivering, endDelivering, PAYLOAD, startDelivering, WEBHOOK } from '../delivering.ts';
import type { Experiment, Outcome } from '../experiment.ts';
import type { LoadRequest, LoadResult } from '../load/job.ts';
import { waitForIdleMachine } from '../machine.ts';
import { countsWithoutErrors } from '../pairs.ts';
import type { Receiver, Stage } from '../stage.ts';
import { describeRates } from './rate-outcome.ts';
import { wallRate } from './read-outcome.ts';

/** Four times the calls that a turn of the event loop may begin (`delivery/pace.ts`). */
const CONNECTIONS = 256;

/** Deliveries for each second of the middle half of what is counted of a load that begins now. */
async function countDeliveries(stage: Stage, receiver: Receiver): Promise<number> {
  const { options, warmUpSeconds } = stage;
  const question: CountQuestion = { asked: 'count' };
  await delay((warmUpSeconds + options.seconds / 4) * 1000);
  const before = await askChild<number>(receiver.child, question);
  const beganAt = performance.now();
  await delay((options.seconds / 2) * 1000);
  const after = await askChild<number>(receiver.child, question);
  return ((after - before) * 1000) / (performance.now() - beganAt);
}

/** Sends events at full speed to a server; answers the load's result and the deliveries a second meanwhile. */
async function sendEvents(
  stage: Stage,
  delivering: Delivering,
  receiver: Receiver,
): Promise<[LoadResult, number]> {
  const body = JSON.stringify({ webhook: WEBHOOK, payload: JSON.parse(PAYLOAD) as unknown });
  const requests = delivering.applications.map(
    (id): LoadRequest => ({
      method: 'POST',
      path: `/jackfield/v1/applications/${id}/events`,
      body,
      status: 202,
    }),
  );
  const load = stage.load(delivering.server, [{ name: 'events', connections: CONNECTIONS, requests }]);
  return Promise.all([load, countDeliveries(stage, receiver)]);
}

/** Each round on a server of its own: what one left in the queue would be delivered in the next. */
async function runRound(stage: Stage, receiver: Receiver): Promise<[LoadResult, number]> {
  await waitForIdleMachine();
  const delivering = await startDelivering(stage, 'sqlite', receiver);
  try {
    return await sendEvents(stage, delivering, receiver);
  } finally {
    await endDelivering(stage, delivering);
  }
}

async function measure(stage: Stage): Promise<Outcome[]> {
  await using receiver = await stage.openReceiver('answering');
  const accepted: number[] = [];
  const delivered: number[] = [];
  const notes: string[] = [];
  for (let round = 1; round <= stage.options.rounds; round++) {
    const [result, rate] = await runRound(stage, receiver);
    const run = countsWithoutErrors(result);
    if ('void' in run) {
      notes.push(`round ${round} does not count: ${run.void}`);
      continue;
    }
    accepted.push(wallRate(result));
    delivered.push(rate);
  }
  return [
    {
      figures: delivered.map((rate, at) => rate / (accepted[at] ?? Number.NaN)),
      ours: `${describeRates(delivered)} delivered`,
      bare: `${describeRates(accepted)} accepted`,
      notes,
    },
  ];
}

export const eventsKeptUp: Experiment = {
  rows: [
    {
      name: 'events-kept-up',
      title: 'deliveries while events come from 256 connections, to those events',
      target: { atLeast: 0.9 },
      unit: 'ratio',
      decidedBy: 'wall clock',
    },
  ],
  measure,
};
