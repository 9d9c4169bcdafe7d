/** All rows of the table, in the order in which they are measured: those that share a server stand together. */

import type { Experiment } from './experiment.ts';
import { clocks } from './rows/clocks.ts';
import { createFromMany, createFromOne } from './rows/creates.ts';
import { deliveries, getsBesideDeliveries, postgresDeliveries } from './rows/deliveries.ts';
import { eventsKeptUp } from './rows/events.ts';
import { deliveriesBesideHung } from './rows/fairness.ts';
import { createFromPool, createGenerated } from './rows/generated-keys.ts';
import { getHot, getSpread, getUncached } from './rows/gets.ts';
import { getsBesideCreates } from './rows/gets-beside-creates.ts';
import {
  listAfterCreate,
  listUncached,
  listUncachedToBytes,
  listUnchanged,
  listUnchangedToBytes,
} from './rows/lists.ts';
import { pagingPostgres, pagingSqlite } from './rows/paging.ts';
import {
  postgresCreateFromMany,
  postgresCreateFromOne,
  postgresCreateManyToOne,
  postgresGetHot,
  postgresGetSpread,
  postgresList,
} from './rows/postgres.ts';
import { queuedMemory } from './rows/queued-memory.ts';
import { selfCheck } from './rows/self-check.ts';
import { idleMemory, ready } from './rows/start.ts';

const experiments: readonly Experiment[] = [
  selfCheck,
  getHot,
  getSpread,
  listUnchanged,
  listUnchangedToBytes,
  getUncached,
  listUncached,
  listUncachedToBytes,
  listAfterCreate,
  createFromMany,
  createFromOne,
  getsBesideCreates,
  createGenerated,
  createFromPool,
  ready,
  idleMemory,
  clocks,
  postgresGetSpread,
  postgresGetHot,
  postgresList,
  postgresCreateFromMany,
  postgresCreateFromOne,
  postgresCreateManyToOne,
  pagingSqlite,
  pagingPostgres,
  deliveries,
  postgresDeliveries,
  getsBesideDeliveries,
  deliveriesBesideHung,
  eventsKeptUp,
  queuedMemory,
];

/** The experiments that hold a row that was asked for, all when none was; throws on a name that is none. */
export function chooseExperiments(only: readonly string[]): readonly Experiment[] {
  const names = experiments.flatMap((experiment) => experiment.rows.map((row) => row.name));
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`no row "${unknown}"; there are: ${names.join(', ')}`);
  if (only.length === 0) return experiments;
  return experiments.filter((experiment) => experiment.rows.some((row) => only.includes(row.name)));
}
