/** Pages of 100 of accounts of 1,000, 100,000 and 1,000,000 applications: the first, the middle, the last. */

import { fillApplications } from '../database/filling.ts';
import type { Experiment, Outcome, Row } from '../experiment.ts';
import { medianOf } from '../figures.ts';
import {
  accountOf,
  databaseUrlOf,
  type Home,
  type JackfieldServer,
  startJackfield,
} from '../jackfield-server.ts';
import type { LoadRequest } from '../load/job.ts';
import { countsAlways, countsWithoutErrors, measurePairs } from '../pairs.ts';
import type { DatabaseKind, Stage } from '../stage.ts';
import { fetchBody } from './stored-answers.ts';

const PAGE = 100;

/** Answers of which the median is taken, and such as come before and are not counted. */
const ANSWERS = 60;
const WARM_UP_ANSWERS = 20;

/** Each size, as the names of rows and the titles have it. */
const SIZES = [
  { applications: 1_000, short: '1k', title: '1,000' },
  { applications: 100_000, short: '100k', title: '100,000' },
  { applications: 1_000_000, short: '1m', title: '1,000,000' },
] as const;

/** Medians in ms. */
interface Latencies {
  readonly first: number;
  readonly middle: number;
  readonly last: number;
}

/** The latencies of each round on an account of one size. */
interface Measured {
  readonly rounds: readonly Latencies[];
  readonly notes: readonly string[];
}

function getPage(page: number): LoadRequest {
  return { method: 'GET', path: `/v2/applications?page_size=${PAGE}&page=${page}`, status: 200 };
}

function startUncached(stage: Stage, home: Home): Promise<JackfieldServer> {
  return startJackfield(stage.children, home, { core: stage.cores.server, profile: stage.options.profile });
}

/** An account with one application, after which all others are made. */
async function createSeededHome(stage: Stage, database: DatabaseKind): Promise<Home> {
  const settings = { JACKFIELD_CACHE_MB: '0', JACKFIELD_KEY_POOL_SIZE: '0' };
  const home = await stage.createHome(settings, database);
  const server = await startUncached(stage, home);
  const seeded = await stage.load(server, [{ name: 'seed', connections: 1, requests: [stage.create] }], {
    answers: 1,
  });
  await stage.children.stop(server.child);
  const error = seeded.groups[0]?.firstError ?? null;
  if (error !== null) throw new Error(`the first application could not be created: ${error}`);
  return home;
}

/** Fails when the list is not as long as it was filled. */
async function checkLength(server: JackfieldServer, pages: number): Promise<void> {
  const last = JSON.parse(await fetchBody(server, getPage(pages).path)) as {
    total_items: number;
    _embedded: { applications: readonly unknown[] };
  };
  const { total_items: total } = last;
  if (total !== pages * PAGE || last._embedded.applications.length !== PAGE) {
    throw new Error(`the list tells of ${total} applications where ${pages * PAGE} were filled in`);
  }
}

/** The median latency of a page on one connection, in ms. */
async function timePage(stage: Stage, server: JackfieldServer, page: number): Promise<number> {
  const groups = [{ name: `page ${page}`, connections: 1, requests: [getPage(page)] }];
  const run = async (answers: number) => {
    const counted = countsWithoutErrors(await stage.load(server, groups, { answers }));
    if ('void' in counted) throw new Error(counted.void);
    return counted.result.groups[0]?.p50Ms ?? Number.NaN;
  };
  await run(WARM_UP_ANSWERS);
  return run(ANSWERS);
}

async function measureSize(stage: Stage, home: Home, applications: number): Promise<Measured> {
  const pages = applications / PAGE;
  const server = await startUncached(stage, home);
  await checkLength(server, pages);
  const { pairs, notes } = await measurePairs(
    stage.options.rounds,
    async () => {
      const first = await timePage(stage, server, 1);
      const middle = await timePage(stage, server, pages / 2);
      return countsAlways({ first, middle });
    },
    async () => countsAlways(await timePage(stage, server, pages)),
  );
  await stage.children.stop(server.child);
  return { rounds: pairs.map(({ ours, bare: last }) => ({ ...ours, last })), notes };
}

function composeOutcome({ rounds, notes }: Measured): Outcome {
  const median = (page: keyof Latencies): string => medianOf(rounds.map((round) => round[page])).toFixed(2);
  return {
    figures: rounds.map(({ first, last }) => last / first),
    ours: `first ${median('first')}, middle ${median('middle')}, last ${median('last')} ms`,
    bare: '',
    notes,
  };
}

/** How much longer the last page of the largest takes than that of the smallest, round by round. */
function composeGrowth(measured: readonly Measured[]): Outcome {
  const lasts = measured.map(({ rounds }) => rounds.map(({ last }) => last));
  const [smallest = []] = lasts;
  const largest = lasts.at(-1) ?? [];
  const describe = (values: readonly number[]): string => `${medianOf(values).toFixed(2)} ms`;
  return {
    figures: largest.map((last, at) => last / (smallest[at] ?? Number.NaN)),
    ours: describe(largest),
    bare: describe(smallest),
    notes: [],
  };
}

async function measure(stage: Stage, database: DatabaseKind): Promise<Outcome[]> {
  await stage.stopServer();
  const home = await createSeededHome(stage, database);
  const measured: Measured[] = [];
  let there = 1;
  for (const { applications } of SIZES) {
    await fillApplications(databaseUrlOf(home), accountOf(home), applications - there);
    there = applications;
    measured.push(await measureSize(stage, home, applications));
  }
  await stage.removeHome(home);
  return [composeGrowth(measured), ...measured.map(composeOutcome)];
}

function composeRows(database: DatabaseKind, title: string): Row[] {
  const judged = { unit: 'ratio', decidedBy: 'wall clock' } as const;
  return [
    {
      name: `paging-${database}`,
      title: `${title}: last page of 1,000,000 to last page of 1,000`,
      target: null,
      ...judged,
    },
    ...SIZES.map((size) => ({
      name: `paging-${database}-${size.short}`,
      title: `${title}: last page to first, ${size.title} applications`,
      target: { atMost: 1.5 },
      ...judged,
    })),
  ];
}

export const pagingSqlite: Experiment = {
  rows: composeRows('sqlite', 'SQLite'),
  measure: (stage) => measure(stage, 'sqlite'),
};

export const pagingPostgres: Experiment = {
  rows: composeRows('postgres', 'PostgreSQL'),
  measure: (stage) => measure(stage, 'postgres'),
};
