/** The public key that an application had before its last rotation, one at a time, with the end of its validity. */

import { chain, type Database, type Key, type MaybePromise, type Write, write } from './database.ts';
import { statement } from './statement.ts';

/** A retired key: SPKI, PEM; `validUntil` in ms since the Unix epoch, itself not included. */
export interface RetiredKey {
  readonly publicKey: string;
  readonly validUntil: number;
}

/** What tokens of an application are verified with: the document that holds its key, and the one before that. */
export interface StoredKeys {
  readonly document: string;
  readonly retired: RetiredKey | undefined;
}

interface RetiredRow {
  readonly public_key: string;
  readonly valid_until: number;
}

interface KeysRow {
  readonly document: string;
  readonly public_key: string | null;
  readonly valid_until: number | null;
}

const selectRetired = statement<{ account: string; id: string }, RetiredRow>((db, parameter) =>
  db
    .selectFrom('retired_keys')
    .select(['public_key', 'valid_until'])
    .where('account', '=', parameter('account'))
    .where('application', '=', parameter('id')),
);

const selectKeys = statement<{ account: string; id: string }, KeysRow>((db, parameter) =>
  db
    .selectFrom('applications')
    .innerJoin('accounts', 'accounts.api_key', 'applications.account')
    .leftJoin('retired_keys', (on) =>
      on
        .onRef('retired_keys.account', '=', 'applications.account')
        .onRef('retired_keys.application', '=', 'applications.id'),
    )
    .select(['applications.document', 'retired_keys.public_key', 'retired_keys.valid_until'])
    .where('applications.account', '=', parameter('account'))
    .where('applications.id', '=', parameter('id'))
    .where('accounts.enabled', '=', 1),
);

const upsertRetired = statement<{ account: string; id: string; key: string; until: number }>(
  (db, parameter) =>
    db
      .insertInto('retired_keys')
      .values({
        account: parameter('account'),
        application: parameter('id'),
        public_key: parameter('key'),
        valid_until: parameter('until'),
      })
      .onConflict((conflict) =>
        conflict.columns(['account', 'application']).doUpdateSet((row) => ({
          public_key: row.ref('excluded.public_key'),
          valid_until: row.ref('excluded.valid_until'),
        })),
      ),
);

const deleteEnded = statement<{ account: string; id: string; now: number }>((db, parameter) =>
  db
    .deleteFrom('retired_keys')
    .where('account', '=', parameter('account'))
    .where('application', '=', parameter('id'))
    .where('valid_until', '<=', parameter('now')),
);

/** Finds the retired key of an application, whether its time is up or not. */
export function findRetiredKey(db: Database, { account, id }: Key): MaybePromise<RetiredKey | undefined> {
  return chain(db.all(selectRetired, { account, id }), ([row]) =>
    row === undefined ? undefined : { publicKey: row.public_key, validUntil: row.valid_until },
  );
}

/** Finds the keys of an application of an account that is enabled. */
export function findKeys(db: Database, { account, id }: Key): MaybePromise<StoredKeys | undefined> {
  return chain(
    db.all(selectKeys, { account, id }),
    ([row]) => row && { document: row.document, retired: retiredOf(row) },
  );
}

function retiredOf({ public_key, valid_until }: KeysRow): RetiredKey | undefined {
  if (public_key === null || valid_until === null) return undefined;
  return { publicKey: public_key, validUntil: valid_until };
}

/** Retires a key in place of the one that was retired before; belongs into the unit that replaces it. */
export function retireKey({ account, id }: Key, { publicKey, validUntil }: RetiredKey): Write {
  return write(upsertRetired, { account, id, key: publicKey, until: validUntil }, 1);
}

/** Removes the retired key of an application if its time is up. */
export function forgetEndedKey({ account, id }: Key, now: number): Write {
  return write(deleteEnded, { account, id, now });
}
