/** What is remembered of creates with an idempotency key, and how it is forgotten. */

import { lockAccount } from './accounts.ts';
import { chain, type Database, type MaybePromise, type Write, write } from './database.ts';
import { statement } from './statement.ts';
import type { IdempotencyRow } from './tables.ts';

export type { IdempotencyRow } from './tables.ts';

const selectRow = statement<{ account: string; key_hash: Uint8Array }, IdempotencyRow>((db, parameter) =>
  db
    .selectFrom('idempotency_keys')
    .selectAll()
    .where('account', '=', parameter('account'))
    .where('key_hash', '=', parameter('key_hash')),
);

const deleteExpired = statement<{ account: string; key_hash: Uint8Array; now: number }>((db, parameter) =>
  db
    .deleteFrom('idempotency_keys')
    .where('account', '=', parameter('account'))
    .where('key_hash', '=', parameter('key_hash'))
    .where('expires_at', '<=', parameter('now')),
);

const insertRow = statement<{ [column in keyof IdempotencyRow]: IdempotencyRow[column] }>((db, parameter) =>
  db.insertInto('idempotency_keys').values({
    account: parameter('account'),
    key_hash: parameter('key_hash'),
    body_hash: parameter('body_hash'),
    application: parameter('application'),
    answer: parameter('answer'),
    private_key: parameter('private_key'),
    expires_at: parameter('expires_at'),
    due_at: parameter('due_at'),
  }),
);

const noteDue = statement<{ account: string; due_at: number }>((db, parameter) =>
  db
    .insertInto('idempotency_due')
    .values({ account: parameter('account'), due_at: parameter('due_at') })
    .onConflict((conflict) =>
      conflict
        .column('account')
        .doUpdateSet((to) => ({ due_at: to.ref('excluded.due_at') }))
        .whereRef('idempotency_due.due_at', '>', 'excluded.due_at'),
    ),
);

/** Does not name an account: nobody asks it for a request. */
const selectDue = statement<{ now: number; limit: number }, { account: string }>((db, parameter) =>
  db
    .selectFrom('idempotency_due')
    .select('account')
    .where('due_at', '<=', parameter('now'))
    .orderBy('due_at')
    .limit(parameter('limit')),
);

interface Stretch {
  account: string;
  now: number;
  limit: number;
}

const deleteDue = statement<Stretch>((db, parameter) =>
  db
    .deleteFrom('idempotency_keys')
    .where('account', '=', parameter('account'))
    .where('key_hash', 'in', (rows) =>
      rows
        .selectFrom('idempotency_keys as due')
        .select('due.key_hash')
        .where('due.account', '=', parameter('account'))
        .where('due.due_at', '<=', parameter('now'))
        .where('due.expires_at', '<=', parameter('now'))
        .orderBy('due.due_at')
        .limit(parameter('limit')),
    ),
);

const forgetPrivateKeys = statement<Stretch>((db, parameter) =>
  db
    .updateTable('idempotency_keys')
    .set((to) => ({ private_key: null, due_at: to.ref('expires_at') }))
    .where('account', '=', parameter('account'))
    .where('key_hash', 'in', (rows) =>
      rows
        .selectFrom('idempotency_keys as due')
        .select('due.key_hash')
        .where('due.account', '=', parameter('account'))
        .where('due.due_at', '<=', parameter('now'))
        .where('due.expires_at', '>', parameter('now'))
        .orderBy('due.due_at')
        .limit(parameter('limit')),
    ),
);

const dropFromDue = statement<{ account: string }>((db, parameter) =>
  db
    .deleteFrom('idempotency_due')
    .where('account', '=', parameter('account'))
    .where((row) =>
      row.not(
        row.exists(
          row.selectFrom('idempotency_keys').select('key_hash').where('account', '=', parameter('account')),
        ),
      ),
    ),
);

const renewDue = statement<{ account: string }>((db, parameter, { sql }) =>
  db
    .updateTable('idempotency_due')
    .set({
      due_at: sql<number>`(select min(due_at) from idempotency_keys where account = ${parameter('account')})`,
    })
    .where('account', '=', parameter('account')),
);

/** Finds what is remembered of a key, expired or not. */
export function findIdempotencyKey(
  db: Database,
  account: string,
  keyHash: Uint8Array,
): MaybePromise<IdempotencyRow | undefined> {
  return chain(db.all(selectRow, { account, key_hash: keyHash }), ([row]) => row);
}

/**
 * Belongs behind the unit of a create; the unit fails when the key is remembered already.
 *
 * Behind, because the create locks the account first: two processes with the same key then wait for each other there,
 * and in no circle.
 */
export function insertIdempotencyKey(row: IdempotencyRow, now: number): Write[] {
  const { account, key_hash, due_at } = row;
  return [
    write(deleteExpired, { account, key_hash, now }),
    write(insertRow, { ...row }, 1),
    write(noteDue, { account, due_at }),
  ];
}

/** The accounts that have something to be forgotten by `now`, `limit` at most. */
export function findDueAccounts(db: Database, now: number, limit: number): MaybePromise<string[]> {
  return chain(db.all(selectDue, { now, limit }), (rows) => rows.map(({ account }) => account));
}

/** The unit that forgets what is due of an account, `limit` rows of each kind at most; it fails when the account is gone. */
export function forgetDue(account: string, now: number, limit: number): Write[] {
  return [
    lockAccount(account),
    write(deleteDue, { account, now, limit }),
    write(forgetPrivateKeys, { account, now, limit }),
    write(dropFromDue, { account }),
    write(renewDue, { account }),
  ];
}
