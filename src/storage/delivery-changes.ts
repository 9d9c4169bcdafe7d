/** The changes of deliveries in their order, for those who follow them. */

import { chain, type Database, type MaybePromise, type Write, write } from './database.ts';
import { deliveryStatement, inTurn, textStatement } from './statement.ts';
import type { DeliveryStatus } from './tables.ts';

/** A change with the delivery it is of; what is of the delivery may be of a later change already. */
export interface ChangeRow {
  readonly sequence: number;
  readonly status: DeliveryStatus;
  readonly due_at: number | null;
  readonly id: string;
  readonly application: string;
  readonly webhook: string;
  readonly created_at: number;
  readonly replay_of: string | null;
  readonly payload_bytes: number;
  readonly payload_sha256: string;
  readonly has_body: number;
  readonly ncco: Uint8Array | null;
}

/** A change whose delivery was removed since. */
export interface ForgottenChange {
  readonly sequence: number;
  readonly id: null;
}

const insertOne = inTurn(
  deliveryStatement<
    {
      account: string;
      delivery: string;
      application: string;
      status: string;
      changed_at: number;
      due_at: number | null;
    },
    never
  >(`
    insert into delivery_changes (account, delivery, application, status, changed_at, due_at)
    values (:account, :delivery, :application, :status, :changed_at, :due_at)`),
);

const COLUMNS = `c.sequence, c.status, c.due_at, d.id, d.application, d.webhook, d.created_at, d.replay_of,
  d.payload_bytes, d.payload_sha256, case when b.delivery is null then 0 else 1 end as has_body, b.ncco`;

/** Changes are found before anything is joined to them: a plan could join all of them otherwise. */
function following(filter: string): string {
  return `
  select ${COLUMNS} from (
    select account, sequence, delivery, status, due_at from delivery_changes
    where account = :account and sequence > :after ${filter}
    order by sequence limit :limit) c
  left join deliveries d on d.account = c.account and d.id = c.delivery
  left join delivery_bodies b on b.account = c.account and b.delivery = c.delivery
  order by c.sequence`;
}

const selectAfter = textStatement<
  { account: string; after: number; limit: number },
  ChangeRow | ForgottenChange
>(following(''));

const selectAfterOf = textStatement<
  { account: string; after: number; limit: number; application: string },
  ChangeRow | ForgottenChange
>(following('and application = :application'));

const selectLast = textStatement<{ account: string }, { sequence: number }>(
  'select sequence from delivery_changes where account = :account order by sequence desc limit 1',
);

/** Removed oldest first; numbers and times rise together. */
export const deleteOldChanges = deliveryStatement<
  { account: string; before: number; limit: number },
  { sequence: number }
>(`
  delete from delivery_changes where changed_at < :before and (account, sequence) in (
    select account, sequence from delivery_changes where account = :account order by sequence limit :limit)
  returning sequence`);

/** The write that tells of a change. */
export function insertChange(change: {
  account: string;
  delivery: string;
  application: string;
  status: DeliveryStatus;
  at: number;
  dueAt: number | null;
}): Write {
  const { account, delivery, application, status, at, dueAt } = change;
  return write(insertOne, { account, delivery, application, status, changed_at: at, due_at: dueAt }, 1);
}

/** Changes of an account after a number, in their order; of one application where that is given. */
export function findChanges(
  db: Database,
  { account, application, after, limit }: FollowQuery,
): MaybePromise<(ChangeRow | ForgottenChange)[]> {
  return application === undefined
    ? db.all(selectAfter, { account, after, limit })
    : db.all(selectAfterOf, { account, after, limit, application });
}

/** Which changes somebody follows. */
interface FollowQuery {
  readonly account: string;
  readonly application: string | undefined;
  readonly after: number;
  readonly limit: number;
}

/** The number of an account's last change; 0 when there is none. */
export function findLastChange(db: Database, account: string): MaybePromise<number> {
  return chain(db.all(selectLast, { account }), (rows) => rows[0]?.sequence ?? 0);
}
