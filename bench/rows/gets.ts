/** GET of one application: one hot id, ids spread over 5,000, and where nothing is cached. */

import type { Experiment, Outcome, Row } from '../experiment.ts';
import type { LoadRequest } from '../load/job.ts';
import type { ServerKind, Stage } from '../stage.ts';
import { measureReads } from './read-outcome.ts';
import { fetchBodies, fetchBody, fetchIds } from './stored-answers.ts';

const SPREAD = 5000;

const bareItem = {
  route: '/v2/applications/:id',
  contentType: 'application/json; charset=utf-8',
  form: 'string',
} as const;

function getItem(id: string): LoadRequest {
  return { method: 'GET', path: `/v2/applications/${id}`, status: 200 };
}

async function measureHot(stage: Stage): Promise<Outcome[]> {
  const ours = await stage.server('cached');
  const [id = ''] = await fetchIds(ours, 1);
  const all = await fetchBody(ours, `/v2/applications/${id}`);
  await using bare = await stage.openBareRoute({ ...bareItem, bodies: { all } });
  return [await measureReads(stage, { ours, bare }, [getItem(id)])];
}

async function measureSpread(stage: Stage, kind: ServerKind): Promise<Outcome[]> {
  const ours = await stage.server(kind);
  const ids = await fetchIds(ours, SPREAD);
  const byId = await fetchBodies(ours, ids);
  await using bare = await stage.openBareRoute({ ...bareItem, bodies: { byId } });
  return [await measureReads(stage, { ours, bare }, ids.map(getItem))];
}

const judged = { unit: 'ratio', decidedBy: 'processor time' } as const;

const hotRow: Row = {
  name: 'get-hot',
  title: 'GET, one hot id',
  target: { atLeast: 0.8 },
  ...judged,
};

const spreadRow: Row = {
  name: 'get-spread',
  title: 'GET, ids spread over 5,000',
  target: { atLeast: 0.75 },
  ...judged,
};

const uncachedRow: Row = {
  name: 'get-uncached',
  title: 'GET, ids spread over 5,000, nothing cached',
  target: { atLeast: 0.55 },
  ...judged,
};

export const getHot: Experiment = { rows: [hotRow], measure: measureHot };
export const getSpread: Experiment = {
  rows: [spreadRow],
  measure: (stage) => measureSpread(stage, 'cached'),
};
export const getUncached: Experiment = {
  rows: [uncachedRow],
  measure: (stage) => measureSpread(stage, 'uncached'),
};
