/** Reads, lists and creates on PostgreSQL: to bare queries over `pg`, and to the bare route as on SQLite. */

import type { BareQueries, QueriesResult } from '../baseline/bare-queries.ts';
import type { Experiment, Outcome, Row } from '../experiment.ts';
import { medianOf } from '../figures.ts';
import { accountOf, databaseUrlOf } from '../jackfield-server.ts';
import type { LoadRequest, LoadResult } from '../load/job.ts';
import { countsWithoutErrors, measurePairs, type Run } from '../pairs.ts';
import type { BareLoop, Stage } from '../stage.ts';
import { describeRates, presentRates } from './rate-outcome.ts';
import { CONNECTIONS, measureReads, microsecondsEach, wallRate } from './read-outcome.ts';
import { fetchBody, fetchIds } from './stored-answers.ts';

/** Applications that the ids of `pg-get-spread` are spread over. */
const SPREAD = 4000;

const list: LoadRequest = { method: 'GET', path: '/v2/applications?page_size=100', status: 200 };

function openBareQueries(stage: Stage, queries: BareQueries): Promise<BareLoop<QueriesResult>> {
  return stage.openLoopWith('baseline/bare-queries.ts', queries);
}

/** The load generator turns meanwhile, as it does beside the server: a core that sleeps costs who wakes it. */
async function runBareQueries(stage: Stage, bare: BareLoop<QueriesResult>): Promise<Run<QueriesResult>> {
  const [result, beside] = await Promise.all([
    bare.run(stage.options.seconds),
    stage.keepAwake(bare.processId),
  ]);
  const counted = countsWithoutErrors(beside);
  return 'void' in counted ? counted : { result, disturbed: counted.disturbed };
}

/** Microseconds of processor time for a query; wall clock where the server's is not told either. */
function microsecondsOfQuery(bare: QueriesResult, ours: LoadResult): number {
  const seconds = ours.processorSeconds === null ? bare.seconds : bare.processorSeconds;
  return (seconds * 1e6) / bare.count;
}

async function measureSpread(stage: Stage): Promise<Outcome[]> {
  const ours = await stage.server('postgres');
  const ids = await fetchIds(ours, SPREAD);
  const account = accountOf(ours.home);
  const databaseUrl = databaseUrlOf(ours.home);
  const queries = { databaseUrl, connections: CONNECTIONS, query: 'read', account, ids } as const;
  await using bare = await openBareQueries(stage, queries);
  const requests = ids.map((id) => ({ method: 'GET', path: `/v2/applications/${id}`, status: 200 }) as const);
  const groups = [{ name: 'GET', connections: CONNECTIONS, requests }];
  const { pairs, notes } = await measurePairs(
    stage.options.rounds,
    async () => countsWithoutErrors(await stage.load(ours, groups)),
    () => runBareQueries(stage, bare),
  );
  const oursTimes = pairs.map((pair) => microsecondsEach(pair.ours));
  const bareTimes = pairs.map((pair) => microsecondsOfQuery(pair.bare, pair.ours));
  const oursRates = pairs.map((pair) => wallRate(pair.ours));
  const bareRates = pairs.map((pair) => pair.bare.count / pair.bare.seconds);
  return [
    {
      figures: oursTimes.map((time, at) => (bareTimes[at] ?? Number.NaN) / time),
      wall: oursRates.map((rate, at) => rate / (bareRates[at] ?? Number.NaN)),
      ours: `${medianOf(oursTimes).toFixed(1)} µs, ${describeRates(oursRates)}`,
      bare: `${medianOf(bareTimes).toFixed(1)} µs, ${describeRates(bareRates)}`,
      notes,
    },
  ];
}

/** One request for all, to a bare route with the same body. */
async function measureRoute(stage: Stage, route: string, request: LoadRequest): Promise<Outcome[]> {
  const ours = await stage.server('postgres');
  const contentType = 'application/json; charset=utf-8';
  const bodies = { all: await fetchBody(ours, request.path) };
  await using bare = await stage.openBareRoute({ route, contentType, form: 'string', bodies });
  return [await measureReads(stage, { ours, bare }, [request])];
}

async function measureHot(stage: Stage): Promise<Outcome[]> {
  const [id = ''] = await fetchIds(await stage.server('postgres'), 1);
  const request: LoadRequest = { method: 'GET', path: `/v2/applications/${id}`, status: 200 };
  return measureRoute(stage, '/v2/applications/:id', request);
}

async function runCreates(stage: Stage, connections: number): Promise<Run<LoadResult>> {
  const groups = [{ name: 'create', connections, requests: [stage.create] }];
  return countsWithoutErrors(await stage.load(await stage.server('postgres'), groups));
}

async function measureCreates(stage: Stage, connections: number): Promise<Outcome[]> {
  const ours = await stage.server('postgres');
  const [id = ''] = await fetchIds(ours, 1);
  const rowBytes = Buffer.byteLength(await fetchBody(ours, `/v2/applications/${id}`));
  const databaseUrl = databaseUrlOf(ours.home);
  await using bare = await openBareQueries(stage, { databaseUrl, connections: 1, query: 'insert', rowBytes });
  const measured = await measurePairs(
    stage.options.rounds,
    () => runCreates(stage, connections),
    () => runBareQueries(stage, bare),
  );
  return [presentRates(measured, rowBytes)];
}

/** One account, many connections against one. */
async function measureManyToOne(stage: Stage): Promise<Outcome[]> {
  const { pairs, notes } = await measurePairs(
    stage.options.rounds,
    () => runCreates(stage, CONNECTIONS),
    () => runCreates(stage, 1),
  );
  const many = pairs.map((pair) => wallRate(pair.ours));
  const one = pairs.map((pair) => wallRate(pair.bare));
  return [
    {
      figures: many.map((rate, at) => rate / (one[at] ?? Number.NaN)),
      ours: describeRates(many),
      bare: describeRates(one),
      notes,
    },
  ];
}

function postgresRow(name: string, title: string, decidedBy: Row['decidedBy'], atLeast?: number): Row {
  const target = atLeast === undefined ? null : { atLeast };
  return { name, title: `PostgreSQL: ${title}`, target, unit: 'ratio', decidedBy };
}

export const postgresGetSpread: Experiment = {
  rows: [
    postgresRow('pg-get-spread', 'GET, ids spread over 4,000, to a bare query each', 'processor time', 0.9),
  ],
  measure: measureSpread,
};

export const postgresGetHot: Experiment = {
  rows: [postgresRow('pg-get-hot', 'GET, one hot id, to the bare route', 'processor time')],
  measure: measureHot,
};

export const postgresList: Experiment = {
  rows: [postgresRow('pg-list', 'list of 100, to the bare route', 'processor time')],
  measure: (stage) => measureRoute(stage, '/v2/applications', list),
};

export const postgresCreateFromMany: Experiment = {
  rows: [postgresRow('pg-create-32', 'create, durable, 32 connections, to bare inserts', 'wall clock')],
  measure: (stage) => measureCreates(stage, CONNECTIONS),
};

export const postgresCreateFromOne: Experiment = {
  rows: [postgresRow('pg-create-1', 'create, durable, 1 connection, to bare inserts', 'wall clock')],
  measure: (stage) => measureCreates(stage, 1),
};

export const postgresCreateManyToOne: Experiment = {
  rows: [postgresRow('pg-create-32-to-1', 'creates in one account, 32 connections to 1', 'wall clock', 1)],
  measure: measureManyToOne,
};
