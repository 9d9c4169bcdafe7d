/** Whether deliveries keep up with the events of many clients: those delivered while events come, to those accepted. */

import { setTimeout as delay } from 'node:timers/promises';
import type { CountQuestion } from '../baseline/receiver.ts';
import { askChild } from '../children.ts';
import { type Delivering, endDelivering, PAYLOAD, startDelivering, WEBHOOK } from '../delivering.ts';
import type { Experiment, Outcome } from '../experiment.ts';
import type { LoadRequest } from '../load/job.ts';
import { waitForIdleMachine } from '../machine.ts';
import { countsWithoutErrors, type Run } from '../pairs.ts';
import type { Receiver, Stage } from '../stage.ts';
import { describeRates } from './rate-outcome.ts';
import { wallRate } from './read-outcome.ts';

/** More than any turn of the event loop has calls for. */
const CONNECTIONS = 256;

interface Rates {
  readonly accepted: number;
  readonly delivered: number;
}

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

async function runEvents(stage: Stage, delivering: Delivering, receiver: Receiver): Promise<Run<Rates>> {
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
  const [result, delivered] = await Promise.all([load, countDeliveries(stage, receiver)]);
  const run = countsWithoutErrors(result);
  // The receiver is at work besides, and is no other.
  return 'void' in run ? run : { result: { accepted: wallRate(result), delivered }, disturbed: false };
}

/** Each run on a server of its own: what one left in the queue would be delivered in the next. */
async function measure(stage: Stage): Promise<Outcome[]> {
  await using receiver = await stage.openReceiver('answering');
  const rates: Rates[] = [];
  const notes: string[] = [];
  for (let round = 1; round <= stage.options.rounds; round++) {
    await waitForIdleMachine();
    const delivering = await startDelivering(stage, 'sqlite', receiver);
    const run = await runEvents(stage, delivering, receiver);
    await endDelivering(stage, delivering);
    if ('void' in run) notes.push(`round ${round} does not count: ${run.void}`);
    else rates.push(run.result);
  }
  return [
    {
      figures: rates.map(({ accepted, delivered }) => delivered / accepted),
      ours: `${describeRates(rates.map(({ delivered }) => delivered))} delivered`,
      bare: `${describeRates(rates.map(({ accepted }) => accepted))} accepted`,
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
