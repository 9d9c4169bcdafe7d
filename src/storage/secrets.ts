/** The secrets of accounts: hashes of API secrets and encrypted signature secrets. */

import { credentialsChanged, lockAccount } from './accounts.ts';
import { chain, type Database, type MaybePromise, type Write, write } from './database.ts';
import { statement } from './statement.ts';
import type { SecretKind, SecretRow } from './tables.ts';

export type { SecretKind, SecretRow } from './tables.ts';

const selectSecrets = statement<{ account: string; kind: SecretKind }, SecretRow>((db, parameter) =>
  db
    .selectFrom('secrets')
    .selectAll()
    .where('account', '=', parameter('account'))
    .where('kind', '=', parameter('kind'))
    .orderBy('created_at')
    .orderBy('id'),
);

const selectAllOfKind = statement<{ kind: SecretKind }, SecretRow>((db, parameter) =>
  db.selectFrom('secrets').selectAll().where('kind', '=', parameter('kind')),
);

const selectValidity = statement<{ account: string; id: string }, { id: string }>((db, parameter) =>
  db
    .selectFrom('secrets')
    .innerJoin('accounts', 'accounts.api_key', 'secrets.account')
    .select('secrets.id')
    .where('secrets.account', '=', parameter('account'))
    .where('secrets.id', '=', parameter('id'))
    .where('accounts.enabled', '=', 1),
);

interface NewSecret {
  account: string;
  id: string;
  kind: SecretKind;
  content: Uint8Array;
  now: number;
  at_most: number;
}

const insertRow = statement<NewSecret>((db, parameter, { sql, bytes }) =>
  db
    .insertInto('secrets')
    .columns(['account', 'id', 'kind', 'content', 'created_at'])
    .expression((from) =>
      from
        .selectFrom('accounts')
        .select([
          'api_key',
          sql<string>`cast(${parameter('id')} as text)`.as('id'),
          sql<SecretKind>`cast(${parameter('kind')} as text)`.as('kind'),
          sql<Uint8Array>`cast(${parameter('content')} as ${bytes})`.as('content'),
          sql<number>`cast(${parameter('now')} as bigint)`.as('created_at'),
        ])
        .where('api_key', '=', parameter('account'))
        .where(
          (row) =>
            row
              .selectFrom('secrets')
              .select((count) => count.fn.countAll<number>().as('count'))
              .where('account', '=', parameter('account'))
              .where('kind', '=', parameter('kind')),
          '<',
          parameter('at_most'),
        ),
    ),
);

const updateContent = statement<{ account: string; id: string; content: Uint8Array }>((db, parameter) =>
  db
    .updateTable('secrets')
    .set({ content: parameter('content') })
    .where('account', '=', parameter('account'))
    .where('id', '=', parameter('id')),
);

/** Changes nothing but tells how many there are. */
const touchAllOfKind = statement<{ kind: SecretKind }>((db, parameter) =>
  db
    .updateTable('secrets')
    .set({ kind: parameter('kind') })
    .where('kind', '=', parameter('kind')),
);

const deleteRow = statement<{ account: string; id: string; kind: SecretKind; at_least: number }>(
  (db, parameter) =>
    db
      .deleteFrom('secrets')
      .where('account', '=', parameter('account'))
      .where('id', '=', parameter('id'))
      .where('kind', '=', parameter('kind'))
      .where(
        (row) =>
          row
            .selectFrom('secrets as others')
            .select((count) => count.fn.countAll<number>().as('count'))
            .where('others.account', '=', parameter('account'))
            .where('others.kind', '=', parameter('kind')),
        '>',
        parameter('at_least'),
      ),
);

/** The secrets of an account, oldest first. */
export function findSecrets(db: Database, kind: SecretKind, account: string): MaybePromise<SecretRow[]> {
  return db.all(selectSecrets, { account, kind });
}

/** The secrets of a kind of all accounts, for the change of the master key. */
export function findAllSecrets(db: Database, kind: SecretKind): MaybePromise<SecretRow[]> {
  return db.all(selectAllOfKind, { kind });
}

/** Says whether a secret still stands and its account is enabled. */
export function isSecretValid(db: Database, account: string, id: string): MaybePromise<boolean> {
  return chain(db.all(selectValidity, { account, id }), (rows) => rows.length === 1);
}

/** The writes that add a secret; their unit fails when the account is gone or has `atMost` of the kind already. */
export function insertSecret(
  secret: { kind: SecretKind; account: string; id: string; content: Uint8Array; now: number },
  atMost: number,
): Write[] {
  return [lockAccount(secret.account), write(insertRow, { ...secret, at_most: atMost }, 1)];
}

/** Replaces what is kept of a secret; its unit fails when the secret is gone. */
export function replaceSecretContent(account: string, id: string, content: Uint8Array): Write {
  return write(updateContent, { account, id, content }, 1);
}

/** Changes nothing; its unit fails when there are more or fewer than `count` secrets of a kind, of all accounts. */
export function requireSecretCount(kind: SecretKind, count: number): Write {
  return write(touchAllOfKind, { kind }, count);
}

/** The unit that removes a secret; it fails when there is none, or when fewer than `atLeast` of its kind would be left. */
export function deleteSecret(kind: SecretKind, account: string, id: string, atLeast: number): Write[] {
  return [
    lockAccount(account),
    write(deleteRow, { account, id, kind, at_least: atLeast }, 1),
    credentialsChanged(),
  ];
}
