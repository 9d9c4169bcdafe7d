/** The end of deliveries: dropped with their application, removed by age or with their account; always a bounded number. */

import { chain, type Database, type MaybePromise, take, takeRows, type Write, write } from './database.ts';
import { deleteOldChanges } from './delivery-changes.ts';
import { hurryLanes } from './delivery-lanes.ts';
import { forgetGone } from './gone-addresses.ts';
import { deliveryStatement, inTurn, textStatement } from './statement.ts';

interface DropParameters {
  account: string;
  application: string;
  now: number;
  limit: number;
}

/**
 * What of an application waits: what somebody works on ends by itself. In the order of the index, for a million may wait.
 * The keys are whole, so that a plan begins with them (`takeDue`).
 */
const WAITING = `select account, id, application, keeps_body, attempts from deliveries
  where account = :account and application = :application and due_at is not null
    and claim is null
  order by webhook, repeated, due_at, position limit :limit`;

const tellDropped = inTurn(
  deliveryStatement<DropParameters, never>(`
    insert into delivery_changes (account, delivery, application, status, changed_at)
    select account, id, application, 'dropped', cast(:now as bigint) from (${WAITING}) as waiting`),
);

const blankBodies = deliveryStatement<DropParameters, never>(`
  delete from delivery_bodies where (account, delivery) in (
    select account, id from (${WAITING}) as waiting where keeps_body = 0)`);

const blankAttempts = deliveryStatement<DropParameters, never>(`
  update delivery_attempts set query = null, excerpt = null where (account, delivery) in (
    select account, id from (${WAITING}) as waiting where keeps_body = 0 and attempts > 0)`);

const drop = deliveryStatement<DropParameters, { id: string }>(`
  update deliveries set status = 'dropped', due_at = null, claim = null
  where (account, id) in (select account, id from (${WAITING}) as waiting) returning id`);

const deleteEnded = deliveryStatement<{ account: string; before: string; limit: number }, { id: string }>(`
  delete from deliveries where (account, id) in (
    select account, id from deliveries where account = :account and id < :before and due_at is null order by id limit :limit)
  returning id`);

const deleteAny = deliveryStatement<{ account: string; limit: number }, { id: string }>(`
  delete from deliveries where (account, id) in (
    select account, id from deliveries where account = :account order by id limit :limit)
  returning id`);

const selectNextAccount = textStatement<{ after: string }, { account: string }>(
  'select account from deliveries where account > :after order by account limit 1',
);

/** Deliveries dropped together with their application; whatever is more is dropped by an engine soon after. */
const DROPPED_WITH_APPLICATION = 1000;

/** The writes that belong into the unit that removes an application: what waits is dropped (D35). */
export function abandonDeliveries(account: string, application: string, now: number): Write[] {
  return [
    forgetGone(account, application),
    hurryLanes(account, application),
    ...dropDeliveries(account, application, now, DROPPED_WITH_APPLICATION),
  ];
}

/** The writes that drop up to `limit` waiting deliveries of an application. */
function dropDeliveries(account: string, application: string, now: number, limit: number): Write[] {
  const parameters = { account, application, now, limit };
  return [
    write(tellDropped, parameters),
    write(blankBodies, parameters),
    write(blankAttempts, parameters),
    write(drop, parameters),
  ];
}

/** Drops up to `limit` waiting deliveries of an application and answers their number. */
export async function dropSome(
  db: Database,
  { account, application, now, limit }: DropParameters,
): Promise<number> {
  const result = await db.write([
    ...dropDeliveries(account, application, now, limit).slice(0, -1),
    take(drop, { account, application, now, limit }),
  ]);
  return result.ok ? (result.rows?.length ?? 0) : 0;
}

/** Removes up to `limit` of an account's oldest deliveries that have ended and whose id is less; answers their number. */
export async function removeEnded(
  db: Database,
  parameters: { account: string; before: string; limit: number },
): Promise<number> {
  return (await takeRows(db, take(deleteEnded, parameters))).length;
}

/** Removes up to `limit` of an account's deliveries, whatever their state, and answers their number. */
export async function removeSome(
  db: Database,
  parameters: { account: string; limit: number },
): Promise<number> {
  return (await takeRows(db, take(deleteAny, parameters))).length;
}

/** Removes up to `limit` of an account's changes from before a time, and answers their number. */
export async function removeOldChanges(
  db: Database,
  parameters: { account: string; before: number; limit: number },
): Promise<number> {
  return (await takeRows(db, take(deleteOldChanges, parameters))).length;
}

/** The next account that has deliveries, in the order of keys; found without looking at the deliveries of any. */
export function findNextAccount(db: Database, after: string): MaybePromise<string | undefined> {
  return chain(db.all(selectNextAccount, { after }), (rows) => rows[0]?.account);
}
