/** Work on queued deliveries: taking them under a lease, keeping them, and letting go of them. */

import { type Database, type Key, take, takeRows, type Write, write } from './database.ts';
import { type AttemptRow, blankAttempts, insertAttempt } from './delivery-attempts.ts';
import { insertChange } from './delivery-changes.ts';
import { enlistLane, type Lane, nameLane, settleLane } from './delivery-lanes.ts';
import { deliveryStatement, inTurn, ofDeliveries, raw, statement } from './statement.ts';
import type { DeliveryStatus } from './tables.ts';

/** A delivery somebody works on. */
export interface ClaimedRow {
  readonly id: string;
  readonly position: number;
  readonly created_at: number;
  /** Attempts so far. */
  readonly attempts: number;
  /** Rounds of attempts so far that failed. */
  readonly rounds: number;
  readonly replay_of: string | null;
  readonly payload_bytes: number;
  readonly payload_sha256: string;
  /** JSON, as text or in UTF-8; null where it was not taken along, or was dropped. */
  readonly payload: string | Uint8Array | null;
}

/** What is to be taken of a lane. */
export interface Claim {
  readonly lane: Lane;
  /** The name of this taking, used never again. */
  readonly claim: string;
  readonly now: number;
  /** Until when nobody else takes it, in ms since the epoch. */
  readonly leaseUntil: number;
  readonly limit: number;
  /** Whether payloads that are not too large come along; the others are read when they are sent. */
  readonly takesPayloads: boolean;
}

interface ClaimParameters {
  account: string;
  application: string;
  webhook: string;
  repeated: number;
  claim: string;
  now: number;
  lease: number;
  limit: number;
  maxBytes: number;
}

/**
 * Payloads up to this size are taken along; beyond it taking ahead would cost memory. To take one along costs 5 µs, and to
 * read it for itself 20.
 */
const MAX_TAKEN_BYTES = 2048;

/** No payload is as short. */
const NONE = 0;

/**
 * The rows are picked once, in a query of their own: within the update a plan could pick them again and again.
 *
 * Their keys are whole. PostgreSQL keeps the plan that it made while the table was empty until the table is analyzed, a
 * minute later or more; by an account that stands in the statement besides, that plan went through all of its deliveries,
 * for 6 ms instead of 0.15 among 3,700 of them.
 */
const takeDue = ofDeliveries(
  statement<ClaimParameters, ClaimedRow>((db, parameter, { sql, skipLocked, handedOver }) =>
    raw(
      db,
      sql<ClaimedRow>`
    with picked as (
      select account, id from deliveries
      where account = ${parameter('account')} and application = ${parameter('application')}
        and webhook = ${parameter('webhook')} and repeated = ${parameter('repeated')}
        and due_at <= ${parameter('now')}
      order by due_at, position limit ${parameter('limit')} ${skipLocked})
    update deliveries set status = 'delivering', claim = ${parameter('claim')}, due_at = ${parameter('lease')}
    where (account, id) in (select account, id from picked)
    returning id, position, created_at, attempts, rounds, replay_of, payload_bytes, payload_sha256, case
      when payload_bytes <= ${parameter('maxBytes')} then (
        select ${handedOver(sql.ref('b.payload'))} from delivery_bodies b
        where b.account = deliveries.account and b.delivery = deliveries.id) end as payload`,
    ),
  ),
);

const tellTaken = inTurn(
  deliveryStatement<Omit<ClaimParameters, 'limit' | 'maxBytes'>, never>(`
    insert into delivery_changes (account, delivery, application, status, changed_at)
    select account, id, application, 'delivering', cast(:now as bigint) from deliveries
    where account = :account and application = :application and webhook = :webhook and repeated = :repeated
      and due_at = :lease and claim = :claim
    order by position`),
);

const extend = deliveryStatement<Key & { claim: string; lease: number }, never>(`
  update deliveries set due_at = :lease where account = :account and id = :id and claim = :claim`);

const update = deliveryStatement<
  Key & {
    claim: string;
    status: string;
    due_at: number | null;
    repeated: number;
    attempts: number;
    rounds: number;
    keeps_body: number;
  },
  never
>(`
  update deliveries set status = :status, due_at = :due_at, repeated = :repeated, claim = null, attempts = :attempts,
    rounds = :rounds, keeps_body = :keeps_body
  where account = :account and id = :id and claim = :claim`);

const deleteBody = deliveryStatement<Key, never>(
  'delete from delivery_bodies where account = :account and delivery = :id',
);

const updateNcco = deliveryStatement<Key & { ncco: Uint8Array }, never>(
  'update delivery_bodies set ncco = :ncco where account = :account and delivery = :id',
);

/**
 * Takes what is due of a lane, oldest first, and notes when the lane is due next.
 * Nobody else takes these rows before the lease ends.
 */
export async function claimDeliveries(db: Database, claim: Claim): Promise<ClaimedRow[]> {
  const { lane, now, leaseUntil, limit, takesPayloads } = claim;
  const parameters = { ...nameLane(lane), claim: claim.claim, now, lease: leaseUntil };
  const maxBytes = takesPayloads ? MAX_TAKEN_BYTES : NONE;
  const rows = await takeRows(db, take(takeDue, { ...parameters, limit, maxBytes }), [
    write(tellTaken, parameters),
    ...settleLane(lane),
  ]);
  return rows.toSorted((a, b) => a.position - b.position);
}

/** Holds a delivery longer; changes nothing when somebody else has it. */
export function extendLease(key: Key, claim: string, leaseUntil: number): Write {
  return write(extend, { ...key, claim, lease: leaseUntil });
}

/** How the work on a delivery ended. */
export interface Settlement {
  readonly lane: Lane;
  readonly id: string;
  readonly claim: string;
  readonly status: DeliveryStatus;
  readonly at: number;
  /** When it is due again; null when it has ended. */
  readonly dueAt: number | null;
  /** Whether it goes to the repeats from now on. */
  readonly repeated: boolean;
  readonly rounds: number;
  /** The number of attempts before these. */
  readonly attemptsBefore: number;
  readonly attempts: readonly AttemptRow[];
  readonly keepsBody: boolean;
  readonly ncco: Uint8Array | undefined;
}

/** The unit that lets go of a delivery; it fails (at 0) when somebody else has it by now. */
export function settleDelivery(settlement: Settlement): Write[] {
  const { lane, id, claim, status, at, dueAt, attempts, attemptsBefore, keepsBody } = settlement;
  const { account, application } = lane;
  const key = { account, id };
  const row = {
    ...key,
    claim,
    status,
    due_at: dueAt,
    repeated: settlement.repeated ? 1 : 0,
    attempts: attemptsBefore + attempts.length,
    rounds: settlement.rounds,
    keeps_body: keepsBody ? 1 : 0,
  };
  return [
    write(update, row, 1),
    ...attempts.map((attempt, index) => insertAttempt(key, attemptsBefore + index + 1, attempt)),
    ...(dueAt === null ? endBody(key, keepsBody, settlement.ncco) : []),
    ...(dueAt === null ? [] : [enlistLane({ ...lane, repeated: settlement.repeated }, dueAt)]),
    insertChange({ account, delivery: id, application, status, at, dueAt }),
  ];
}

/** What becomes of the bodies of a delivery that has ended (D34). */
export function endBody(key: Key, keepsBody: boolean, ncco: Uint8Array | undefined): Write[] {
  if (!keepsBody) return [write(deleteBody, key), blankAttempts(key)];
  return ncco === undefined ? [] : [write(updateNcco, { ...key, ncco })];
}
