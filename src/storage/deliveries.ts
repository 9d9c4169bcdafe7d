/** Deliveries as they are accepted, found and listed. */

import { chain, type Database, type Key, type MaybePromise, type Write, write } from './database.ts';
import { insertChange } from './delivery-changes.ts';
import { enlistLane } from './delivery-lanes.ts';
import {
  deliveryStatement,
  type Lookup,
  raw,
  type Statement,
  statement,
  textStatement,
} from './statement.ts';
import type { DeliveryStatus } from './tables.ts';

export type { DeliveryStatus } from './tables.ts';

/** A delivery as it is accepted. */
export interface NewDelivery {
  readonly account: string;
  readonly id: string;
  readonly application: string;
  readonly webhook: string;
  readonly status: DeliveryStatus;
  readonly position: number;
  readonly createdAt: number;
  /** When its first attempt is due; null when it has ended already. */
  readonly dueAt: number | null;
  readonly attempts: number;
  readonly replayOf: string | null;
  /** Compact JSON in UTF-8. */
  readonly payload: Uint8Array;
  readonly payloadSha256: string;
  readonly keepsBody: boolean;
}

/** A delivery as it is read; times in ms since the epoch. */
export interface DeliveryRow {
  readonly id: string;
  readonly application: string;
  readonly webhook: string;
  readonly status: DeliveryStatus;
  readonly created_at: number;
  readonly due_at: number | null;
  readonly replay_of: string | null;
  readonly payload_bytes: number;
  readonly payload_sha256: string;
  /** 1 while the payload is kept. */
  readonly has_body: number;
  readonly ncco: Uint8Array | null;
}

const insertOne = deliveryStatement<
  {
    account: string;
    application: string;
    id: string;
    webhook: string;
    status: string;
    position: number;
    created_at: number;
    due_at: number | null;
    attempts: number;
    replay_of: string | null;
    payload_bytes: number;
    payload_sha256: string;
    keeps_body: number;
  },
  never
>(`
  insert into deliveries (account, id, application, webhook, status, position, created_at, due_at, repeated, claim,
    attempts, rounds, replay_of, payload_bytes, payload_sha256, keeps_body)
  select account, cast(:id as text), id, cast(:webhook as text), cast(:status as text), cast(:position as bigint),
    cast(:created_at as bigint), cast(:due_at as bigint), 0, null, cast(:attempts as integer), 0,
    cast(:replay_of as text), cast(:payload_bytes as integer), cast(:payload_sha256 as text),
    cast(:keeps_body as integer)
  from applications where account = :account and id = :application`);

const insertBody = deliveryStatement<{ account: string; delivery: string; payload: Uint8Array }, never>(
  'insert into delivery_bodies (account, delivery, payload) values (:account, :delivery, :payload)',
);

/** An account's delivery whose application is gone waits for nothing any more, whether that is written yet or not (D35). */
const STATUS = `case when d.due_at is not null and d.claim is null and not exists (
    select 1 from applications a where a.account = d.account and a.id = d.application)
  then 'dropped' else d.status end`;

/** What a reader sees of a delivery `d` with its body `b`. */
const COLUMNS = `d.id, d.application, d.webhook, ${STATUS} as status, d.created_at,
  case when d.claim is null then d.due_at end as due_at, d.replay_of, d.payload_bytes, d.payload_sha256,
  case when b.delivery is null then 0 else 1 end as has_body, b.ncco`;

const WITH_BODY = 'left join delivery_bodies b on b.account = d.account and b.delivery = d.id';

const selectOne = textStatement<Key, DeliveryRow & { payload: Uint8Array | null }>(`
  select ${COLUMNS}, b.payload from deliveries d ${WITH_BODY} where d.account = :account and d.id = :id`);

const findOnePayload: Lookup<{ payload: Uint8Array }> = {
  one: textStatement('select payload from delivery_bodies where account = :account and delivery = :id'),
  many: statement((db, parameter, { sql }) =>
    raw(
      db,
      sql<{ id: string; payload: Uint8Array }>`
      select delivery as id, payload from delivery_bodies
      where account = ${parameter('account')} and delivery = any(${parameter('ids')})`,
    ),
  ),
};

/** Which deliveries of an account a list shows, newest first. */
export interface DeliveryQuery {
  readonly account: string;
  readonly application: string | undefined;
  readonly webhook: string | undefined;
  readonly status: DeliveryStatus | undefined;
  /** Only those with a lesser id. */
  readonly before: string;
  readonly limit: number;
}

interface ListParameters {
  readonly account: string;
  readonly before: string;
  readonly limit: number;
  readonly application: string | null;
  readonly webhook: string | null;
  readonly status: string | null;
}

type ListStatement = Statement<ListParameters, DeliveryRow>;

/** Each set of filters is a statement of its own, and finds ids first, so that each uses the index that fits it. */
const LISTS: ReadonlyMap<string, ListStatement> = new Map(
  [false, true].flatMap((application) =>
    [false, true].flatMap((webhook) =>
      [false, true].map((status): [string, ListStatement] => [
        nameFilters(application, webhook, status),
        textStatement(`
          select ${COLUMNS} from (
            select account, id from deliveries
            where account = :account and id < :before
              ${application ? 'and application = :application' : ''}
              ${webhook ? 'and webhook = :webhook' : ''}
              ${status ? 'and status = :status' : ''}
            order by id desc limit :limit) found
          join deliveries d on d.account = found.account and d.id = found.id ${WITH_BODY}
          order by d.id desc`),
      ]),
    ),
  ),
);

function nameFilters(application: boolean, webhook: boolean, status: boolean): string {
  return [application, webhook, status].map(Number).join('');
}

const selectSpan = textStatement<
  {
    account: string;
    application: string;
    webhook: string;
    status: string;
    after: string;
    before: string;
    limit: number;
  },
  { id: string }
>(`
  select d.id from deliveries d
  where d.account = :account and d.application = :application and d.webhook = :webhook and d.status = :status
    and d.id > :after and d.id < :before
  order by d.id limit :limit`);

/**
 * The unit that accepts a delivery; it fails (at 0) when the application is gone.
 * What is due is put on the list of lanes, and the change is told.
 */
export function insertDelivery(delivery: NewDelivery): Write[] {
  const { account, id, application, webhook, status, createdAt, dueAt } = delivery;
  const row = {
    account,
    application,
    id,
    webhook,
    status,
    position: delivery.position,
    created_at: createdAt,
    due_at: dueAt,
    attempts: delivery.attempts,
    replay_of: delivery.replayOf,
    payload_bytes: delivery.payload.length,
    // Of the bytes that are inserted beside it; calls are signed by it, so neither may ever be written without the other.
    payload_sha256: delivery.payloadSha256,
    keeps_body: delivery.keepsBody ? 1 : 0,
  };
  const change = { account, delivery: id, application, status, at: createdAt, dueAt };
  return [
    write(insertOne, row, 1),
    ...(dueAt === null && !delivery.keepsBody
      ? []
      : [write(insertBody, { account, delivery: id, payload: delivery.payload }, 1)]),
    ...(dueAt === null ? [] : [enlistLane({ account, application, webhook, repeated: false }, dueAt)]),
    insertChange(change),
  ];
}

/** Finds a delivery of an account; another account's is not found. */
export function findDelivery(
  db: Database,
  key: Key,
): MaybePromise<(DeliveryRow & { payload: Uint8Array | null }) | undefined> {
  return chain(db.all(selectOne, key), (rows) => rows[0]);
}

/** The payload of a delivery; undefined once it is dropped. */
export function findPayload(db: Database, key: Key): MaybePromise<Uint8Array | undefined> {
  return chain(db.one(findOnePayload, key), (row) => row?.payload);
}

/** A page of deliveries, newest first; `limit` rows at the most. */
export function findDeliveries(db: Database, query: DeliveryQuery): MaybePromise<DeliveryRow[]> {
  const { account, before, limit, application, webhook, status } = query;
  const name = nameFilters(application !== undefined, webhook !== undefined, status !== undefined);
  const parameters = {
    account,
    before,
    limit,
    application: application ?? null,
    webhook: webhook ?? null,
    status: status ?? null,
  };
  return db.all(LISTS.get(name) as ListStatement, parameters);
}

/** Deliveries of one application, webhook and status between two ids, oldest first. */
export function findDeliverySpan(
  db: Database,
  span: {
    account: string;
    application: string;
    webhook: string;
    status: DeliveryStatus;
    after: string;
    before: string;
    limit: number;
  },
): MaybePromise<{ id: string }[]> {
  return db.all(selectSpan, span);
}
