/** Creates with an own public key, durable, against a bare loop of single-row transactions on the same disk. */

import type { Experiment, Outcome, Row } from '../experiment.ts';
import { medianOf } from '../figures.ts';
import { countsAlways, countsWithoutErrors, measurePairs } from '../pairs.ts';
import type { Stage } from '../stage.ts';
import { CONNECTIONS, wallRate } from './read-outcome.ts';
import { fetchBody, fetchIds } from './stored-answers.ts';

function describeRates(rates: readonly number[]): string {
  return `${Math.round(medianOf(rates)).toLocaleString('en')}/s`;
}

async function measureCreates(stage: Stage, connections: number): Promise<Outcome[]> {
  const ours = await stage.server('written');
  const [id = ''] = await fetchIds(ours, 1);
  const rowBytes = Buffer.byteLength(await fetchBody(ours, `/v2/applications/${id}`));
  await using bare = await stage.openBareTransactions(rowBytes);
  const groups = [{ name: 'create', connections, requests: [stage.create] }];
  const { pairs, notes } = await measurePairs(
    stage.options.rounds,
    async () => countsWithoutErrors(await stage.load(ours, groups)),
    async () => countsAlways(await bare.run(stage.options.seconds)),
  );
  const oursRates = pairs.map((pair) => wallRate(pair.ours));
  const bareRates = pairs.map((pair) => pair.bare.count / pair.bare.seconds);
  return [
    {
      figures: oursRates.map((rate, at) => rate / (bareRates[at] ?? Number.NaN)),
      ours: describeRates(oursRates),
      bare: `${describeRates(bareRates)}, rows of ${rowBytes} bytes`,
      notes,
    },
  ];
}

const judged = { unit: 'ratio', decidedBy: 'wall clock' } as const;

const manyRow: Row = {
  name: 'create-32',
  title: 'create with own key, durable, 32 connections',
  target: { atLeast: 1.2 },
  ...judged,
};

const oneRow: Row = {
  name: 'create-1',
  title: 'create with own key, durable, 1 connection',
  target: { atLeast: 0.3 },
  ...judged,
};

export const createFromMany: Experiment = {
  rows: [manyRow],
  measure: (stage) => measureCreates(stage, CONNECTIONS),
};
export const createFromOne: Experiment = { rows: [oneRow], measure: (stage) => measureCreates(stage, 1) };
