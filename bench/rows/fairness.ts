/** The deliveries of an application beside ten thousand of another whose endpoint never answers, to the same alone. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Arrival } from '../baseline/receiver.ts';
import {
  countDelivering,
  createApplication,
  type Delivering,
  endDelivering,
  queueDeliveries,
  runDeliveries,
  startDelivering,
} from '../delivering.ts';
import type { Experiment, Outcome } from '../experiment.ts';
import { countsAlways, measurePairs, type Run } from '../pairs.ts';
import type { Receiver, Stage } from '../stage.ts';
import { describeRates } from './rate-outcome.ts';

/** Deliveries that wait for the endpoint that never answers. */
const HUNG = 10_000;

/** The calls of it that are under way before anything is measured: as many as one lane may have (`delivery/lane-queues.ts`). */
const HUNG_CALLS = 32;

const POLL_MS = 100;
const POLLS = 300;

/** Queues what hangs, and waits until no more of it can be under way. */
async function hangUp(stage: Stage, delivering: Delivering, receiver: Receiver): Promise<void> {
  const id = await createApplication(stage, delivering.server, receiver.url);
  await queueDeliveries({ ...delivering, applications: [id] }, HUNG);
  for (let polls = 0; polls < POLLS; polls++) {
    if ((await countDelivering(delivering.server, id)) >= HUNG_CALLS) return;
    await delay(POLL_MS);
  }
  throw new Error(`fewer than ${HUNG_CALLS} calls hang`);
}

/** Each run on a server of its own, so that nothing of one is left in the other. */
async function runOnce(stage: Stage, answering: Receiver, hung: Receiver | undefined): Promise<Run<Arrival>> {
  const delivering = await startDelivering(stage, 'sqlite', answering);
  try {
    if (hung !== undefined) await hangUp(stage, delivering, hung);
    return countsAlways(await runDeliveries(delivering, answering, stage.options.seconds));
  } finally {
    await endDelivering(stage, delivering);
  }
}

const rateOf = ({ count, seconds }: Arrival): number => count / seconds;

function describe(arrivals: readonly Arrival[]): string {
  return describeRates(arrivals.map(rateOf));
}

async function measure(stage: Stage): Promise<Outcome[]> {
  await using answering = await stage.openReceiver('answering');
  await using hung = await stage.openReceiver('hung');
  const { pairs, notes } = await measurePairs(
    stage.options.rounds,
    () => runOnce(stage, answering, hung),
    () => runOnce(stage, answering, undefined),
  );
  return [
    {
      figures: pairs.map(({ ours, bare }) => rateOf(ours) / rateOf(bare)),
      ours: describe(pairs.map(({ ours }) => ours)),
      bare: describe(pairs.map(({ bare }) => bare)),
      notes,
    },
  ];
}

export const deliveriesBesideHung: Experiment = {
  rows: [
    {
      name: 'deliveries-beside-hung',
      title: 'deliveries beside 10,000 of a hung endpoint, to the same alone',
      target: { atLeast: 0.95 },
      unit: 'ratio',
      decidedBy: 'wall clock',
    },
  ],
  measure,
};
