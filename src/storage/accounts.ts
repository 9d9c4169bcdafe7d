/** Accounts: who may come in at all. */

import { chain, type Database, type MaybePromise, type Write, write } from './database.ts';
import { statement } from './statement.ts';
import type { AccountRow } from './tables.ts';

export type { AccountRow } from './tables.ts';

const COLUMNS = ['api_key', 'name', 'enabled', 'secret_salt', 'application_count', 'created_at'] as const;

const selectAccount = statement<{ account: string }, AccountRow>((db, parameter) =>
  db.selectFrom('accounts').select(COLUMNS).where('api_key', '=', parameter('account')),
);

const selectAccounts = statement<Record<never, never>, AccountRow>((db) =>
  db.selectFrom('accounts').select(COLUMNS).orderBy('created_at').orderBy('api_key'),
);

const insertRow = statement<{ account: string; name: string; salt: Uint8Array; now: number }>(
  (db, parameter, { sql, nextAccountNumber }) =>
    db.insertInto('accounts').values({
      api_key: parameter('account'),
      name: parameter('name'),
      enabled: 1,
      secret_salt: parameter('salt'),
      application_count: 0,
      number: nextAccountNumber,
      last_position: sql<number>`0`,
      created_at: parameter('now'),
    }),
);

const updateEnabled = statement<{ account: string; enabled: number }>((db, parameter) =>
  db
    .updateTable('accounts')
    .set({ enabled: parameter('enabled') })
    .where('api_key', '=', parameter('account')),
);

const deleteRow = statement<{ account: string; at_most: number }>((db, parameter) =>
  db
    .deleteFrom('accounts')
    .where('api_key', '=', parameter('account'))
    .where('application_count', '<=', parameter('at_most')),
);

const touch = statement<{ account: string }>((db, parameter) =>
  db
    .updateTable('accounts')
    .set((to) => ({ application_count: to('application_count', '+', 0) }))
    .where('api_key', '=', parameter('account')),
);

const raiseRevision = statement<Record<never, never>>(
  (db) =>
    db
      .updateTable('revisions')
      .set((to) => ({ value: to('value', '+', 1) }))
      .where('name', '=', 'credentials'),
  'credentials',
);

export function findAccount(db: Database, account: string): MaybePromise<AccountRow | undefined> {
  return chain(db.all(selectAccount, { account }), (rows) => rows[0]);
}

/** All accounts, oldest first. */
export function findAccounts(db: Database): MaybePromise<AccountRow[]> {
  return db.all(selectAccounts, {});
}

/** Adds an account; its unit fails when there is one of that key. */
export function insertAccount(account: { key: string; name: string; salt: Uint8Array; now: number }): Write {
  return write(insertRow, { account: account.key, name: account.name, salt: account.salt, now: account.now });
}

/** The unit that enables or disables an account; it fails when there is none. */
export function setAccountEnabled(account: string, enabled: boolean): Write[] {
  return [write(updateEnabled, { account, enabled: enabled ? 1 : 0 }, 1), credentialsChanged()];
}

/** The unit that removes an account and all that is its own; it fails when it has more than `atMost` applications. */
export function deleteAccount(account: string, atMost: number): Write[] {
  return [write(deleteRow, { account, at_most: atMost }, 1), credentialsChanged()];
}

/** Makes a unit wait for others that change the same account; it fails when there is none. */
export function lockAccount(account: string): Write {
  return write(touch, { account }, 1);
}

/** Belongs into every unit after which remembered credentials may be wrong. */
export function credentialsChanged(): Write {
  return write(raiseRevision, {}, 1);
}
