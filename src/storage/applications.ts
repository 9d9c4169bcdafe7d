/** The applications of an account, each kept as the text that goes over the wire. */

import type { RawBuilder } from 'kysely';
import { lockAccount } from './accounts.ts';
import {
  BLOCKS_OF_ONE,
  countNewest,
  discount,
  findPlace,
  NEAR,
  type Place,
  SHIFT,
  selectCounts,
  walkToPlace,
} from './application-blocks.ts';
import { chain, type Database, type Key, type MaybePromise, type Write, write } from './database.ts';
import { type Lookup, type Parameters, raw, statement, type Words } from './statement.ts';

/** The positions of an account begin at its number times 2 to the power of this. */
const ACCOUNT_BITS = 32;

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

const findOne: Lookup<StoredApplication> = {
  one: statement((db, parameter) =>
    db
      .selectFrom('applications')
      .select(['document', 'version'])
      .where('account', '=', parameter('account'))
      .where('id', '=', parameter('id')),
  ),
  many: statement((db, parameter, { sql }) =>
    db
      .selectFrom('applications')
      .select(['id', 'document', 'version'])
      .where('account', '=', parameter('account'))
      .where('id', '=', sql<string>`any(${parameter('ids')})`),
  ),
};

interface PageParameters {
  readonly account: string;
  readonly limit: number;
  readonly offset: number;
}

interface PageRow {
  readonly documents: Uint8Array | null;
  readonly total: number | null;
}

/** A page and the total in one go; what comes before is passed over, which is nothing or little. */
const selectNear = statement<PageParameters, PageRow>((db, parameter, words) => {
  const { sql } = words;
  const offset = sql`cast(${parameter('offset')} as bigint)`;
  return raw(
    db,
    pageOf(words, parameter, {
      tables: sql`with`,
      from: sql`(select first_position from owner)`,
      skip: offset,
    }),
  );
});

/** The same wherever the page is, in one round trip. */
const selectFar = statement<PageParameters, PageRow>((db, parameter, words) => {
  const place = findPlace(words.sql, parameter);
  return raw(db, pageOf(words, parameter, { ...place, tables: words.sql`${place.tables},` }));
});

/** A page that begins in a block that was found before. */
const selectFromBlock = statement<PageParameters & { block: number }, PageRow>((db, parameter, words) => {
  const { sql } = words;
  const from = sql`cast(${parameter('block')} as bigint) << ${sql.lit(SHIFT)}`;
  const skip = sql`cast(${parameter('offset')} as bigint)`;
  return raw(db, pageOf(words, parameter, { tables: sql`with`, from, skip }));
});

function pageOf(
  { sql, joined, byPosition }: Words,
  parameter: Parameters<PageParameters>,
  { tables, from, skip }: Pick<Place, 'tables'> & Record<'from' | 'skip', RawBuilder<unknown>>,
): RawBuilder<PageRow> {
  const account = parameter('account');
  return sql<PageRow>`
    ${tables} owner as (
      select application_count, number << ${sql.lit(ACCOUNT_BITS)} as first_position, last_position
      from accounts where api_key = ${account})
    select (select application_count from owner) as total, ${joined('document', 'position')} as documents
    from (
      select document, position from applications ${byPosition}
      where account = ${account}
        and position >= ${from}
        and position <= (select last_position from owner)
      order by position limit ${parameter('limit')} offset ${skip}
    ) as page`;
}

/** Gives an application of an account the next position and counts it. */
const takePosition = statement<{ account: string }>((db, parameter, { sql }) =>
  db
    .updateTable('accounts')
    .set((to) => ({
      application_count: to('application_count', '+', 1),
      last_position: sql<number>`case last_position when 0 then number << ${sql.lit(ACCOUNT_BITS)} else last_position end + 1`,
    }))
    .where('api_key', '=', parameter('account')),
);

const insertOne = statement<{ account: string; id: string; document: string; now: number }>(
  (db, parameter, { sql }) =>
    db
      .insertInto('applications')
      .columns(['account', 'id', 'position', 'version', 'document', 'created_at', 'updated_at'])
      .expression((from) =>
        from
          .selectFrom('accounts')
          .select([
            'api_key',
            sql<string>`cast(${parameter('id')} as text)`.as('id'),
            'last_position',
            sql<number>`1`.as('version'),
            sql<string>`cast(${parameter('document')} as text)`.as('document'),
            sql<number>`cast(${parameter('now')} as bigint)`.as('created_at'),
            sql<number>`cast(${parameter('now')} as bigint)`.as('updated_at'),
          ])
          .where('api_key', '=', parameter('account')),
      ),
);

const updateOne = statement<{
  account: string;
  id: string;
  document: string;
  now: number;
  version: number;
  replaced: string;
}>((db, parameter) =>
  db
    .updateTable('applications')
    .set((to) => ({
      document: parameter('document'),
      updated_at: parameter('now'),
      version: to('version', '+', 1),
    }))
    .where('account', '=', parameter('account'))
    .where('id', '=', parameter('id'))
    .where('version', '=', parameter('version'))
    .where('document', '=', parameter('replaced')),
);

/** Changes nothing but tells whether an application is as it was read. */
const touchUnchanged = statement<{ account: string; id: string; version: number; document: string }>(
  (db, parameter) =>
    db
      .updateTable('applications')
      .set((to) => ({ version: to('version', '+', 0) }))
      .where('account', '=', parameter('account'))
      .where('id', '=', parameter('id'))
      .where('version', '=', parameter('version'))
      .where('document', '=', parameter('document')),
);

const deleteOne = statement<{ account: string; id: string }>((db, parameter) =>
  db.deleteFrom('applications').where('account', '=', parameter('account')).where('id', '=', parameter('id')),
);

const giveUpPlace = statement<{ account: string }>((db, parameter) =>
  db
    .updateTable('accounts')
    .set((to) => ({ application_count: to('application_count', '-', 1) }))
    .where('api_key', '=', parameter('account')),
);

/** Finds an application of an account; another account's is not found. */
export function findApplication(db: Database, key: Key): MaybePromise<StoredApplication | undefined> {
  return db.one(findOne, key);
}

/** Reads `limit` documents from `offset` on, oldest first (W35); what it costs does not depend on where that is. */
export function findApplicationPage(db: Database, page: PageParameters): MaybePromise<StoredPage> {
  return chain(readPage(db, page), ([row]) => ({
    documents: row?.documents ?? NOTHING,
    total: row?.total ?? 0,
  }));
}

function readPage(db: Database, page: PageParameters): MaybePromise<PageRow[]> {
  const { account, limit, offset } = page;
  if (offset <= NEAR) return db.all(selectNear, page);
  if (db.paysRoundTrips) return db.all(selectFar, page);
  const place = walkToPlace((level, from, to) => {
    const rows = db.all(selectCounts, { account, level, from, to });
    if (rows instanceof Promise) throw new Error('rows that are not there at once');
    return rows;
  }, offset);
  return place === undefined
    ? db.all(selectNear, { account, limit: 0, offset: 0 })
    : db.all(selectFromBlock, { account, limit, offset: place.skip, block: place.block });
}

/** The unit that adds an application; it fails (at 0) when the account is gone. */
export function insertApplication({ account, id }: Key, document: string, now: number): Write[] {
  return [
    write(takePosition, { account }, 1),
    write(insertOne, { account, id, document, now }, 1),
    write(countNewest, { account }, BLOCKS_OF_ONE),
  ];
}

/**
 * The unit that replaces an application as it was read; it fails when that is no longer the stored one. Its version
 * alone does not tell: it comes again with the id, when an application is deleted and imported.
 */
export function updateApplication(
  { account, id }: Key,
  { version, document: replaced }: StoredApplication,
  document: string,
  now: number,
): Write[] {
  return [write(updateOne, { account, id, document, version, replaced, now }, 1)];
}

/** Belongs before the removal of an application that is meant as it was read; the unit fails when it is another now. */
export function requireUnchanged(key: Key, { version, document }: StoredApplication): Write[] {
  // The account first, as everywhere: two processes then never wait for each other.
  return [
    lockAccount(key.account),
    write(touchUnchanged, { account: key.account, id: key.id, version, document }, 1),
  ];
}

/** The unit that removes an application; it fails when there is none. */
export function deleteApplication(key: Key): Write[] {
  // The account first, as on creation: two processes then never wait for each other.
  return [
    write(giveUpPlace, { account: key.account }, 1),
    write(discount, key, BLOCKS_OF_ONE),
    write(deleteOne, key, 1),
  ];
}
