/** The addresses that answered 410, until their application is written again (D30). */

import { createHash } from 'node:crypto';
import { chain, type Database, type MaybePromise, type Write, write } from './database.ts';
import { type Lookup, raw, statement, textStatement } from './statement.ts';

interface Place {
  readonly account: string;
  readonly application: string;
  readonly webhook: string;
}

/** Of one that is gone meanwhile nothing is kept. */
const insertOne = textStatement<Place & { address: string; version: number }, never>(`
  insert into gone_addresses (account, application, webhook, address_sha256)
  select account, id, cast(:webhook as text), cast(:address as text) from applications
  where account = :account and id = :application and version = :version
  on conflict do nothing`);

const deleteAll = textStatement<{ account: string; application: string }, never>(
  'delete from gone_addresses where account = :account and application = :application',
);

/** Few addresses of an account are gone at a time. */
const findHashes: Lookup<{ hashes: string }> = {
  one: textStatement(`
    select group_concat(address_sha256, ',') as hashes from gone_addresses
    where account = :account and application || '/' || webhook = :id group by application, webhook`),
  many: statement((db, parameter, { sql }) =>
    raw(
      db,
      sql<{ id: string; hashes: string }>`
      select application || '/' || webhook as id, string_agg(address_sha256, ',') as hashes from gone_addresses
      where account = ${parameter('account')} and application || '/' || webhook = any(${parameter('ids')})
      group by 1`,
    ),
  ),
};

const selectAny = textStatement<{ account: string; application: string }, { there: number }>(`
  select 1 as there from gone_addresses where account = :account and application = :application limit 1`);

/** Notes that an address is gone, unless its application was written after `version`. */
export function noteGone(place: Place, address: string, version: number): Write {
  const { account, application, webhook } = place;
  return write(insertOne, { account, application, webhook, address: digest(address), version });
}

/** Forgets what is gone of an application. */
export function forgetGone(account: string, application: string): Write {
  return write(deleteAll, { account, application });
}

/** Says whether an address is known to be gone. */
export function isGone(db: Database, place: Place, address: string): MaybePromise<boolean> {
  const { account, application, webhook } = place;
  const found = db.one(findHashes, { account, id: `${application}/${webhook}` });
  return chain(found, (row) => row?.hashes.split(',').includes(digest(address)) ?? false);
}

/** Says whether anything of an application is known to be gone. */
export function hasGone(db: Database, account: string, application: string): MaybePromise<boolean> {
  return chain(db.all(selectAny, { account, application }), (rows) => rows.length > 0);
}

function digest(address: string): string {
  return createHash('sha256').update(address).digest('hex');
}
