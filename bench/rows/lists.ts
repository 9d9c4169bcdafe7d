/** List of 100: unchanged, with the cache off (each list is then what it is after a write), and right after a create. */

import type { BareAnswers } from '../baseline/bare-route.ts';
import type { Experiment, Outcome, Row } from '../experiment.ts';
import { medianOf } from '../figures.ts';
import type { LoadTarget } from '../jackfield-server.ts';
import type { LoadRequest, LoadResult } from '../load/job.ts';
import { countsWithoutErrors, measurePairs, type Run } from '../pairs.ts';
import type { ServerKind, Stage } from '../stage.ts';
import { measureReads, microsecondsEach } from './read-outcome.ts';
import { fetchBody } from './stored-answers.ts';

const list: LoadRequest = { method: 'GET', path: '/v2/applications?page_size=100', status: 200 };

type Form = BareAnswers['form'];

async function openBareList(stage: Stage, body: string, form: Form): Promise<LoadTarget & AsyncDisposable> {
  return stage.openBareRoute({
    route: '/v2/applications',
    contentType: 'application/json; charset=utf-8',
    form,
    bodies: { all: body },
  });
}

async function measureList(stage: Stage, kind: ServerKind, form: Form): Promise<Outcome[]> {
  const ours = await stage.server(kind);
  await using bare = await openBareList(stage, await fetchBody(ours, list.path), form);
  return [await measureReads(stage, { ours, bare }, [list])];
}

/** The processor time of a create and a list after it, and of a create alone, in microseconds. */
interface ListAfterCreate {
  readonly both: number;
  readonly create: number;
}

async function runListAfterCreate(stage: Stage, ours: LoadTarget): Promise<Run<ListAfterCreate>> {
  const load = async (requests: readonly LoadRequest[]): Promise<Run<LoadResult>> =>
    countsWithoutErrors(await stage.load(ours, [{ name: 'create, list', connections: 1, requests }]));
  const both = await load([stage.create, list]);
  if ('void' in both) return both;
  const create = await load([stage.create]);
  if ('void' in create) return create;
  if (both.result.processorSeconds === null) return { void: 'no /proc here: processor time is needed' };
  const disturbed = both.disturbed || create.disturbed;
  return {
    disturbed,
    result: { both: microsecondsEach(both.result) * 2, create: microsecondsEach(create.result) },
  };
}

/** One connection, so that every list comes after a create that was answered; the creates' own time is taken off. */
async function measureListAfterCreate(stage: Stage): Promise<Outcome[]> {
  const ours = await stage.server('written');
  await using bare = await openBareList(stage, await fetchBody(ours, list.path), 'string');
  const { pairs, notes } = await measurePairs(
    stage.options.rounds,
    () => runListAfterCreate(stage, ours),
    async () =>
      countsWithoutErrors(await stage.load(bare, [{ name: 'list', connections: 1, requests: [list] }])),
  );
  const listTimes = pairs.map((pair) => pair.ours.both - pair.ours.create);
  const bareTimes = pairs.map((pair) => microsecondsEach(pair.bare));
  const both = medianOf(pairs.map((pair) => pair.ours.both)).toFixed(0);
  const create = medianOf(pairs.map((pair) => pair.ours.create)).toFixed(0);
  return [
    {
      figures: listTimes.map((time, at) => (bareTimes[at] ?? Number.NaN) / time),
      ours: `${medianOf(listTimes).toFixed(1)} µs (${both} − ${create})`,
      bare: `${medianOf(bareTimes).toFixed(1)} µs`,
      notes,
    },
  ];
}

function listRow(name: string, title: string, atLeast: number): Row {
  return { name, title, target: { atLeast }, unit: 'ratio', decidedBy: 'processor time' };
}

export const listUnchanged: Experiment = {
  rows: [listRow('list-unchanged', 'list of 100, unchanged', 0.8)],
  measure: (stage) => measureList(stage, 'cached', 'string'),
};

export const listUnchangedToBytes: Experiment = {
  rows: [listRow('list-unchanged-bytes', 'the same, to a bare route that keeps bytes', 0.8)],
  measure: (stage) => measureList(stage, 'cached', 'bytes'),
};

export const listUncached: Experiment = {
  rows: [listRow('list-uncached', 'list of 100, nothing cached (as after a write)', 0.4)],
  measure: (stage) => measureList(stage, 'uncached', 'string'),
};

export const listUncachedToBytes: Experiment = {
  rows: [listRow('list-uncached-bytes', 'the same, to a bare route that keeps bytes', 0.4)],
  measure: (stage) => measureList(stage, 'uncached', 'bytes'),
};

export const listAfterCreate: Experiment = {
  rows: [listRow('list-after-create', 'list of 100 right after a create, 1 connection', 0.4)],
  measure: measureListAfterCreate,
};
