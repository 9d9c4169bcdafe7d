/** What was sent and what came of it: the attempts of deliveries. */

import { type Database, type Key, type MaybePromise, type Write, write } from './database.ts';
import { deliveryStatement, textStatement } from './statement.ts';

/** An attempt as it is kept; times in ms. */
export interface AttemptRow {
  readonly id: string;
  readonly url: string;
  /** Without its question mark; null when there is none or when it was dropped. */
  readonly query: string | null;
  readonly method: string;
  readonly started_at: number;
  readonly connect_ms: number | null;
  readonly first_byte_ms: number | null;
  readonly total_ms: number;
  readonly status_code: number | null;
  readonly outcome: string;
  readonly reason: string | null;
  /** JSON. */
  readonly request_headers: string;
  readonly excerpt: string | null;
}

const COLUMNS =
  'id, url, query, method, started_at, connect_ms, first_byte_ms, total_ms, status_code, outcome, reason, request_headers, excerpt';

const insertOne = deliveryStatement<
  AttemptRow & { account: string; delivery: string; number: number },
  never
>(`
  insert into delivery_attempts (account, delivery, number, ${COLUMNS})
  values (:account, :delivery, :number, :id, :url, :query, :method, :started_at, :connect_ms, :first_byte_ms,
    :total_ms, :status_code, :outcome, :reason, :request_headers, :excerpt)`);

const selectAll = textStatement<Key, AttemptRow>(`
  select ${COLUMNS} from delivery_attempts where account = :account and delivery = :id order by number`);

const blankOut = deliveryStatement<Key, never>(`
  update delivery_attempts set query = null, excerpt = null where account = :account and delivery = :id`);

/** The write of a delivery's attempt; `number` counts from 1. */
export function insertAttempt({ account, id }: Key, number: number, attempt: AttemptRow): Write {
  return write(insertOne, { ...attempt, account, delivery: id, number }, 1);
}

/** The attempts of a delivery, oldest first. */
export function findAttempts(db: Database, key: Key): MaybePromise<AttemptRow[]> {
  return db.all(selectAll, key);
}

/** Takes the content out of a delivery's attempts (D34). */
export function blankAttempts(key: Key): Write {
  return write(blankOut, key);
}
