/** Creates with an own public key, durable, against a bare loop of single-row transactions on the same disk. */

import type { Experiment, Outcome, Row } from '../experiment.ts';
import { countsAlways, countsWithoutErrors, measurePairs } from '../pairs.ts';
import type { Stage } from '../stage.ts';
import { presentRates } from './rate-outcome.ts';
import { CONNECTIONS } from './read-outcome.ts';
import { fetchBody, fetchIds } from './stored-answers.ts';

async function measureCreates(stage: Stage, connections: number): Promise<Outcome[]> {
  const ours = await stage.server('written');
  const [id = ''] = await fetchIds(ours, 1);
  const rowBytes = Buffer.byteLength(await fetchBody(ours, `/v2/applications/${id}`));
  await using bare = await stage.openBareTransactions(rowBytes);
  const groups = [{ name: 'create', connections, requests: [stage.create] }];
  const measured = await measurePairs(
    stage.options.rounds,
    async () => countsWithoutErrors(await stage.load(ours, groups)),
    async () => countsAlways(await bare.run(stage.options.seconds)),
  );
  return [presentRates(measured, rowBytes)];
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
