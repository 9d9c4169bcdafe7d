/** Signed deliveries to a receiver on loopback, against a bare loop of `undici.request`, and GET beside them. */

import type { Arrival, Expectation } from '../baseline/receiver.ts';
import { askChild } from '../children.ts';
import {
  callsOf,
  endDelivering,
  PAYLOAD,
  queueDeliveries,
  runDeliveries,
  startDelivering,
} from '../delivering.ts';
import type { Experiment, Outcome, Row } from '../experiment.ts';
import { medianOf } from '../figures.ts';
import type { LoadResult } from '../load/job.ts';
import { countsAlways, countsWithoutErrors, measurePairs, type Run } from '../pairs.ts';
import type { DatabaseKind, Receiver, Stage } from '../stage.ts';
import { describeRates } from './rate-outcome.ts';
import { CONNECTIONS } from './read-outcome.ts';

function expectArrival(receiver: Receiver, expectation: Expectation): Promise<Arrival> {
  return askChild<Arrival>(receiver.child, expectation);
}

function describe(arrivals: readonly Arrival[]): string {
  const rates = arrivals.map(({ count, seconds }) => count / seconds);
  const each = medianOf(
    arrivals.map(({ count, processorSeconds }) => ((processorSeconds ?? 0) * 1e6) / count),
  );
  return `${describeRates(rates)}, ${each.toFixed(0)} µs of processor`;
}

async function measureRate(stage: Stage, database: DatabaseKind): Promise<Outcome[]> {
  await using receiver = await stage.openReceiver('answering');
  await using bare = await stage.openBareCalls(receiver.url, CONNECTIONS, PAYLOAD);
  const delivering = await startDelivering(stage, database, receiver);
  const { seconds } = stage.options;
  const calls = callsOf(seconds);
  const { pairs, notes } = await measurePairs(
    stage.options.rounds,
    async () => countsAlways(await runDeliveries(delivering, receiver, seconds)),
    async () => {
      const arrival = expectArrival(receiver, { calls, processId: bare.child.pid ?? 0 });
      const [result] = await Promise.all([arrival, askChild(bare.child, { calls })]);
      return countsAlways(result);
    },
  );
  await endDelivering(stage, delivering);
  const rateOf = ({ count, seconds }: Arrival): number => count / seconds;
  const timeOf = ({ count, seconds, processorSeconds }: Arrival): number =>
    (processorSeconds ?? seconds) / count;
  return [
    {
      figures: pairs.map((pair) => timeOf(pair.bare) / timeOf(pair.ours)),
      wall: pairs.map((pair) => rateOf(pair.ours) / rateOf(pair.bare)),
      ours: describe(pairs.map((pair) => pair.ours)),
      bare: describe(pairs.map((pair) => pair.bare)),
      notes,
    },
  ];
}

async function measureBeside(stage: Stage): Promise<Outcome[]> {
  await using receiver = await stage.openReceiver('answering');
  const delivering = await startDelivering(stage, 'sqlite', receiver);
  const requests = delivering.applications.map(
    (id) => ({ method: 'GET', path: `/v2/applications/${id}`, status: 200 }) as const,
  );
  const runGets = async (): Promise<Run<LoadResult>> =>
    countsWithoutErrors(
      await stage.load(delivering.server, [{ name: 'GET', connections: CONNECTIONS, requests }]),
    );
  const calls = callsOf(stage.options.seconds + 2);
  const rates: number[] = [];
  const runBeside = async (): Promise<Run<LoadResult>> => {
    const arrival = expectArrival(receiver, { calls, processId: delivering.server.processId });
    await queueDeliveries(delivering, calls);
    const [gets, arrived] = await Promise.all([runGets(), arrival]);
    rates.push(arrived.count / arrived.seconds);
    // The receiver is at work besides, and is no other.
    return 'void' in gets ? gets : { ...gets, disturbed: false };
  };
  const { pairs, notes } = await measurePairs(stage.options.rounds, runBeside, runGets);
  await endDelivering(stage, delivering);
  const p99Of = (result: LoadResult): number => result.groups[0]?.p99Ms ?? Number.NaN;
  const meanwhile = `${describeRates(rates)} deliveries, some of them after the GETs`;
  return [
    {
      figures: pairs.map((pair) => p99Of(pair.ours) / p99Of(pair.bare)),
      ours: `${medianOf(pairs.map((pair) => p99Of(pair.ours))).toFixed(2)} ms`,
      bare: `${medianOf(pairs.map((pair) => p99Of(pair.bare))).toFixed(2)} ms`,
      notes: [...notes, meanwhile],
    },
  ];
}

function ratioRow(name: string, title: string, decidedBy: Row['decidedBy'], target: Row['target']): Row {
  return { name, title, target, unit: 'ratio', decidedBy };
}

export const deliveries: Experiment = {
  rows: [
    ratioRow('deliveries', 'signed deliveries out of the queue, to bare signed calls', 'processor time', {
      atLeast: 0.6,
    }),
  ],
  measure: (stage) => measureRate(stage, 'sqlite'),
};

export const postgresDeliveries: Experiment = {
  rows: [ratioRow('pg-deliveries', 'PostgreSQL: signed deliveries, to the same', 'processor time', null)],
  measure: (stage) => measureRate(stage, 'postgres'),
};

export const getsBesideDeliveries: Experiment = {
  rows: [
    ratioRow('deliveries-get-p99', 'GET beside deliveries, p99 to that of GET alone', 'wall clock', {
      atMost: 3,
    }),
  ],
  measure: measureBeside,
};
