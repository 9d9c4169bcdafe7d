/** Creates that let the server make the key pair: with an empty pool against bare key pairs, and from a full pool. */

import { composeApplication } from '../application.ts';
import type { Experiment, Outcome, Row } from '../experiment.ts';
import { medianOf } from '../figures.ts';
import type { JackfieldServer } from '../jackfield-server.ts';
import { readPoolLevel, waitForFullPool } from '../key-pool.ts';
import type { LoadRequest, LoadResult } from '../load/job.ts';
import { countsAlways, countsWithoutErrors, measurePairs, type Run } from '../pairs.ts';
import type { Stage } from '../stage.ts';
import { wallRate } from './read-outcome.ts';

/** Enough that a create always waits for the next pair, few enough that none is refused. */
const CONNECTIONS = 4;
/** The time one pair takes varies by half, so these runs are longer than others by this factor. */
const LONGER = 5;
/** Sequential creates of one run from the pool, at most. */
const MOST_FROM_POOL = 50;

const generated: LoadRequest = {
  method: 'POST',
  path: '/v2/applications',
  body: composeApplication(),
  status: 201,
};

/** Takes all pairs out of the pool; the connections that create during the warm-up keep it empty. */
async function emptyPool(stage: Stage, ours: JackfieldServer): Promise<void> {
  const size = await waitForFullPool(ours);
  const groups = [{ name: 'empty the pool', connections: CONNECTIONS, requests: [generated] }];
  await stage.load(ours, groups, { answers: size + CONNECTIONS });
}

async function measureGenerated(stage: Stage): Promise<Outcome[]> {
  const ours = await stage.server('written');
  await using bare = await stage.openBareKeyPairs();
  const seconds = stage.options.seconds * LONGER;
  const groups = [{ name: 'create', connections: CONNECTIONS, requests: [generated] }];
  const { pairs, notes } = await measurePairs(
    stage.options.rounds,
    async () => {
      await emptyPool(stage, ours);
      const run = countsWithoutErrors(await stage.load(ours, groups, { seconds }));
      await waitForFullPool(ours);
      return run;
    },
    async () => countsAlways(await bare.run(seconds)),
  );
  const oursRates = pairs.map((pair) => wallRate(pair.ours));
  const bareRates = pairs.map((pair) => pair.bare.count / pair.bare.seconds);
  return [
    {
      figures: oursRates.map((rate, at) => rate / (bareRates[at] ?? Number.NaN)),
      ours: `${medianOf(oursRates).toFixed(1)}/s`,
      bare: `${medianOf(bareRates).toFixed(1)}/s`,
      notes,
    },
  ];
}

async function measureFromPool(stage: Stage): Promise<Outcome[]> {
  const ours = await stage.server('written');
  const { size } = await readPoolLevel(ours);
  const answers = Math.max(1, Math.min(size - 1, MOST_FROM_POOL));
  const run = async (request: LoadRequest): Promise<Run<LoadResult>> => {
    await waitForFullPool(ours);
    const groups = [{ name: 'create', connections: 1, requests: [request] }];
    return countsWithoutErrors(await stage.load(ours, groups, { answers }));
  };
  await run(stage.create);
  const { pairs, notes } = await measurePairs(
    Math.max(stage.options.rounds, 7),
    () => run(generated),
    () => run(stage.create),
  );
  const p50 = (result: LoadResult): number => result.groups[0]?.p50Ms ?? Number.NaN;
  return [
    {
      figures: pairs.map((pair) => p50(pair.ours) / p50(pair.bare)),
      ours: `${medianOf(pairs.map((pair) => p50(pair.ours))).toFixed(2)} ms`,
      bare: `${medianOf(pairs.map((pair) => p50(pair.bare))).toFixed(2)} ms`,
      notes: [...notes, `${answers} creates a run, from a pool of ${size}`],
    },
  ];
}

const generatedRow: Row = {
  name: 'create-generated',
  title: 'create with generated key, empty pool',
  target: { atLeast: 0.9 },
  unit: 'ratio',
  decidedBy: 'wall clock',
};

const fromPoolRow: Row = {
  name: 'create-from-pool',
  title: 'create from a full pool, p50 to own key',
  target: { atMost: 3 },
  unit: 'ratio',
  decidedBy: 'wall clock',
};

export const createGenerated: Experiment = { rows: [generatedRow], measure: measureGenerated };
export const createFromPool: Experiment = { rows: [fromPoolRow], measure: measureFromPool };
