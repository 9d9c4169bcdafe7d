/** What the processes on one PostgreSQL tell each other of the requests they let in; nothing of it is missed when it is lost. */

import type { Database, MaybePromise, Write } from './database.ts';
import { write } from './database.ts';
import { raw, statement } from './statement.ts';

/** How much of an account's limit a process has used since it began, and what it thought was left at `at` (ms). */
export interface RateUsage {
  readonly account: string;
  readonly process: string;
  readonly used: number;
  /** In thousandths of a request. */
  readonly level: number;
  readonly at: number;
}

const selectOthers = statement<{ accounts: readonly string[]; process: string; since: number }, RateUsage>(
  (db, parameter, { sql }) =>
    raw(
      db,
      sql<RateUsage>`
        select account, process, used, level, at from rate_usage
        where account = any(${parameter('accounts')}) and process <> ${parameter('process')}
          and at >= ${parameter('since')}`,
    ),
);

const upsertOwn = statement<{
  accounts: readonly string[];
  process: string;
  used: readonly string[];
  levels: readonly string[];
  now: number;
}>((db, parameter, { sql }) =>
  raw(
    db,
    sql<never>`
      insert into rate_usage (account, process, used, level, at)
      select account, cast(${parameter('process')} as text), cast(used as bigint), cast(level as bigint),
        cast(${parameter('now')} as bigint)
      from unnest(cast(${parameter('accounts')} as text[]), cast(${parameter('used')} as text[]),
        cast(${parameter('levels')} as text[])) as own (account, used, level)
      on conflict (account, process) do update
      set used = excluded.used, level = excluded.level, at = excluded.at`,
  ),
);

/** A row whose process is about to tell anew is left alone: two that wait for each other would hold up all their writes. */
const deleteOld = statement<{ accounts: readonly string[]; before: number }>(
  (db, parameter, { sql, skipLocked }) =>
    raw(
      db,
      sql<never>`
        delete from rate_usage where (account, process) in (
          select account, process from rate_usage
          where account = any(${parameter('accounts')}) and at < ${parameter('before')} ${skipLocked})`,
    ),
);

/** What other processes have told of some accounts since a time. */
export function findUsageOfOthers(
  db: Database,
  question: { accounts: readonly string[]; process: string; since: number },
): MaybePromise<RateUsage[]> {
  return db.all(selectOthers, question);
}

/** The unit that tells the others of what this process has let in, and forgets processes not heard of since `before`. */
export function tellUsage(
  process: string,
  usages: readonly Omit<RateUsage, 'process' | 'at'>[],
  { now, before }: { now: number; before: number },
): Write[] {
  const accounts = usages.map(({ account }) => account);
  const used = usages.map((usage) => `${usage.used}`);
  const levels = usages.map(({ level }) => `${level}`);
  return [
    write(upsertOwn, { accounts, process, used, levels, now }, accounts.length),
    write(deleteOld, { accounts, before }),
  ];
}
