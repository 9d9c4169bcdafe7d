/** The applications of an account, each kept as the text that goes over the wire. */

import { chain, type Database, type MaybePromise, type Write, write } from './database.ts';
import { statement } from './statement.ts';

interface Key {
  account: string;
  id: string;
}

/** An application as stored: its document and the number of its writes. */
export interface StoredApplication {
  document: string;
  version: number;
}

/** A page of a list: the documents joined by commas, in UTF-8, and the number of applications on all pages. */
export interface StoredPage {
  documents: Uint8Array;
  total: number;
}

const NOTHING = new Uint8Array();

const selectOne = statement<Key, StoredApplication>((db, parameter) =>
  db
    .selectFrom('applications')
    .select(['document', 'version'])
    .where('account', '=', parameter('account'))
    .where('id', '=', parameter('id')),
);

const selectPage = statement<
  { account: string; limit: number; offset: number },
  { documents: Uint8Array | null }
>((db, parameter, { joined }) =>
  db
    .selectFrom((from) =>
      from
        .selectFrom('applications')
        .select('document')
        .where('account', '=', parameter('account'))
        .orderBy('position')
        .limit(parameter('limit'))
        .offset(parameter('offset'))
        .as('page'),
    )
    .select(joined('document').as('documents')),
);

const selectTotal = statement<{ account: string }, { application_count: number }>((db, parameter) =>
  db.selectFrom('accounts').select('application_count').where('api_key', '=', parameter('account')),
);

const insertOne = statement<Key & { document: string; now: number }>((db, parameter) =>
  db.insertInto('applications').values({
    account: parameter('account'),
    id: parameter('id'),
    version: 1,
    document: parameter('document'),
    created_at: parameter('now'),
    updated_at: parameter('now'),
  }),
);

const updateOne = statement<Key & { document: string; now: number; version: number }>((db, parameter) =>
  db
    .updateTable('applications')
    .set((to) => ({
      document: parameter('document'),
      updated_at: parameter('now'),
      version: to('version', '+', 1),
    }))
    .where('account', '=', parameter('account'))
    .where('id', '=', parameter('id'))
    .where('version', '=', parameter('version')),
);

const deleteOne = statement<Key>((db, parameter) =>
  db.deleteFrom('applications').where('account', '=', parameter('account')).where('id', '=', parameter('id')),
);

const addToTotal = statement<{ account: string; by: number }>((db, parameter) =>
  db
    .updateTable('accounts')
    .set((to) => ({ application_count: to('application_count', '+', parameter('by')) }))
    .where('api_key', '=', parameter('account')),
);

/** Finds an application of an account; another account's is not found. */
export function findApplication(db: Database, key: Key): MaybePromise<StoredApplication | undefined> {
  return chain(db.all(selectOne, key), (rows) => rows[0]);
}

/** Reads `limit` documents from `offset` on, oldest first (W35). */
export function findApplicationPage(
  db: Database,
  page: { account: string; limit: number; offset: number },
): MaybePromise<StoredPage> {
  const total = chain(
    db.all(selectTotal, { account: page.account }),
    (rows) => rows[0]?.application_count ?? 0,
  );
  return chain(total, (count) =>
    page.offset >= count
      ? { documents: NOTHING, total: count }
      : chain(db.all(selectPage, page), (rows) => ({
          documents: rows[0]?.documents ?? NOTHING,
          total: count,
        })),
  ) as MaybePromise<StoredPage>;
}

/** The unit that adds an application; it fails (at 0) when the account is gone. */
export function insertApplication(key: Key, document: string, now: number): Write[] {
  return [
    write(addToTotal, { account: key.account, by: 1 }, 1),
    write(insertOne, { account: key.account, id: key.id, document, now }),
  ];
}

/** The unit that replaces an application; it fails when `version` is no longer the stored one. */
export function updateApplication(key: Key, document: string, version: number, now: number): Write[] {
  return [write(updateOne, { account: key.account, id: key.id, document, version, now }, 1)];
}

/** The unit that removes an application; it fails when there is none. */
export function deleteApplication(key: Key): Write[] {
  return [write(deleteOne, key, 1), write(addToTotal, { account: key.account, by: -1 }, 1)];
}
