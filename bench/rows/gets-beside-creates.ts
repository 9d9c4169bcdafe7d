/** GET from 32 connections while 32 others create, against the same total that only reads, and 32 that read alone. */

import type { Experiment, Outcome, Row } from '../experiment.ts';
import { medianOf } from '../figures.ts';
import type { GroupResult, LoadGroup, LoadResult } from '../load/job.ts';
import { countsWithoutErrors, measurePairs, type Run } from '../pairs.ts';
import type { Stage } from '../stage.ts';
import { CONNECTIONS } from './read-outcome.ts';
import { fetchIds } from './stored-answers.ts';

/** The GETs of one run; the group of that name comes first in every load here. */
function getsOf(result: LoadResult): GroupResult {
  const [gets] = result.groups;
  if (gets === undefined) throw new Error('the load had no group');
  return gets;
}

interface Alone {
  readonly sameTotal: LoadResult;
  readonly sameGets: LoadResult;
}

interface Latencies {
  readonly beside: GroupResult;
  readonly sameTotal: GroupResult;
  readonly sameGets: GroupResult;
}

function compare(
  latencies: readonly Latencies[],
  against: 'sameTotal' | 'sameGets',
  percentile: 'p50Ms' | 'p99Ms',
): Omit<Outcome, 'notes'> {
  const describe = (side: keyof Latencies): string =>
    `${medianOf(latencies.map((round) => round[side][percentile])).toFixed(2)} ms`;
  return {
    figures: latencies.map((round) => round.beside[percentile] / round[against][percentile]),
    ours: describe('beside'),
    bare: describe(against),
  };
}

async function measure(stage: Stage): Promise<Outcome[]> {
  const ours = await stage.server('written');
  const ids = await fetchIds(ours, 100);
  const requests = ids.map((id) => ({ method: 'GET', path: `/v2/applications/${id}`, status: 200 }) as const);
  const gets = (connections: number): LoadGroup => ({ name: 'GET', connections, requests });
  const creates: LoadGroup = { name: 'create', connections: CONNECTIONS, requests: [stage.create] };
  const run = async (...groups: LoadGroup[]): Promise<Run<LoadResult>> =>
    countsWithoutErrors(await stage.load(ours, groups));

  const { pairs, notes } = await measurePairs(
    stage.options.rounds,
    () => run(gets(CONNECTIONS), creates),
    async (): Promise<Run<Alone>> => {
      const sameTotal = await run(gets(CONNECTIONS * 2));
      if ('void' in sameTotal) return sameTotal;
      const sameGets = await run(gets(CONNECTIONS));
      if ('void' in sameGets) return sameGets;
      const disturbed = sameTotal.disturbed || sameGets.disturbed;
      return { result: { sameTotal: sameTotal.result, sameGets: sameGets.result }, disturbed };
    },
  );
  const latencies = pairs.map((pair) => ({
    beside: getsOf(pair.ours),
    sameTotal: getsOf(pair.bare.sameTotal),
    sameGets: getsOf(pair.bare.sameGets),
  }));
  const created = medianOf(pairs.map((pair) => (pair.ours.groups[1]?.answers ?? 0) / pair.ours.seconds));
  const beside = `meanwhile ${Math.round(created).toLocaleString('en')} creates/s`;
  return [
    { ...compare(latencies, 'sameTotal', 'p99Ms'), notes: [...notes, beside] },
    { ...compare(latencies, 'sameTotal', 'p50Ms'), notes: [] },
    { ...compare(latencies, 'sameGets', 'p50Ms'), notes: [] },
  ];
}

const judged = { target: { atMost: 3 }, unit: 'ratio', decidedBy: 'wall clock' } as const;

const rows: readonly Row[] = [
  { name: 'beside-p99', title: 'GET beside 32 creating, p99 to 64 that only GET', ...judged },
  { name: 'beside-p50', title: 'GET beside 32 creating, p50 to 64 that only GET', ...judged },
  { name: 'beside-p50-alone', title: 'GET beside 32 creating, p50 to the 32 GET alone', ...judged },
];

export const getsBesideCreates: Experiment = { rows, measure };
