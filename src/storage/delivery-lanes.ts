/**
 * The list of what has due work: a lane is the queue of one application's webhook, once for first attempts and once
 * for repeats.
 */

import { chain, type Database, type MaybePromise, type Write, write } from './database.ts';
import { deliveryStatement, inTurn, textStatement } from './statement.ts';

/** What names a lane. */
export interface Lane {
  readonly account: string;
  readonly application: string;
  readonly webhook: string;
  readonly repeated: boolean;
}

/** A lane, and a time no later than the first of its deliveries is due. */
export interface DueLane extends Lane {
  readonly dueAt: number;
}

interface LaneParameters {
  account: string;
  application: string;
  webhook: string;
  repeated: number;
}

interface LaneRow extends LaneParameters {
  due_at: number;
}

const upsert = deliveryStatement<LaneRow, never>(`
  insert into delivery_lanes (account, application, webhook, repeated, due_at)
  values (:account, :application, :webhook, :repeated, :due_at)
  on conflict (account, application, webhook, repeated) do update set due_at = excluded.due_at
  where delivery_lanes.due_at > excluded.due_at`);

const THIS_LANE =
  'account = :account and application = :application and webhook = :webhook and repeated = :repeated';

/** In turn with what is accepted, which could not be seen otherwise. */
const deleteEmpty = inTurn(
  deliveryStatement<LaneParameters, never>(`
    delete from delivery_lanes where ${THIS_LANE}
      and not exists (select 1 from deliveries where ${THIS_LANE} and due_at is not null)`),
);

const updateDue = deliveryStatement<LaneParameters, never>(`
  update delivery_lanes set due_at = (
    select due_at from deliveries where ${THIS_LANE} and due_at is not null order by due_at limit 1)
  where ${THIS_LANE}`);

/** The time of lanes whose application was removed: nothing is due so early by itself. */
export const HURRIED = 0;

const hurry = deliveryStatement<{ account: string; application: string }, never>(
  'update delivery_lanes set due_at = 0 where account = :account and application = :application',
);

const selectDue = textStatement<LaneRow & { now: number; limit: number }, LaneRow>(`
  select account, application, webhook, repeated, due_at from delivery_lanes
  where due_at <= :now and (due_at, account, application, webhook, repeated)
    > (:due_at, :account, :application, :webhook, :repeated)
  order by due_at, account, application, webhook, repeated limit :limit`);

/** Deliveries counted at most: a million would hold up everybody else. */
const COUNTED = 100_000;

const selectCount = textStatement<{ limit: number }, { count: number }>(`
  select count(*) as count from (select 1 from deliveries where due_at is not null limit :limit) as queued`);

const selectFirst = textStatement<Record<never, never>, { due_at: number }>(
  'select due_at from delivery_lanes order by due_at limit 1',
);

/** The parameters that name a lane in a statement. */
export function nameLane({ account, application, webhook, repeated }: Lane): LaneParameters {
  return { account, application, webhook, repeated: repeated ? 1 : 0 };
}

/** Puts a lane on the list, or makes it due sooner. */
export function enlistLane(lane: Lane, dueAt: number): Write {
  return write(upsert, { ...nameLane(lane), due_at: dueAt });
}

/** Takes a lane off the list when it is empty, else notes when its next delivery is due. */
export function settleLane(lane: Lane): Write[] {
  return [write(deleteEmpty, nameLane(lane)), write(updateDue, nameLane(lane))];
}

/** Makes the lanes of an application due, so that somebody looks at them. */
export function hurryLanes(account: string, application: string): Write {
  return write(hurry, { account, application });
}

/** Lanes that are due at `now`, those behind `after`, in the order in which they became due. */
export function findDueLanes(
  db: Database,
  { now, after, limit }: { now: number; after: DueLane | undefined; limit: number },
): MaybePromise<DueLane[]> {
  const from = after ?? { account: '', application: '', webhook: '', repeated: false, dueAt: -1 };
  const parameters = { ...nameLane(from), due_at: from.dueAt, now, limit };
  return chain(db.all(selectDue, parameters), (rows) =>
    rows.map(({ account, application, webhook, repeated, due_at }) => ({
      account,
      application,
      webhook,
      repeated: repeated === 1,
      dueAt: due_at,
    })),
  );
}

/** When the first lane is due, in ms since the epoch; undefined when nothing is queued. */
export function findFirstDue(db: Database): MaybePromise<number | undefined> {
  return chain(db.all(selectFirst, {}), (rows) => rows[0]?.due_at);
}

/** How many deliveries have not ended, of all accounts; beyond a bound the bound. */
export function countQueued(db: Database): MaybePromise<number> {
  return chain(db.all(selectCount, { limit: COUNTED }), (rows) => rows[0]?.count ?? 0);
}
