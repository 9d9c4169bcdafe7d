/**
 * The audit: what was changed in an account, one entry after the other, each sealed by a hash over all before it.
 *
 * An entry is written in the unit of the change it tells of. Sequence and hash come from the last entry of the account,
 * so each unit that adds one changes the row of the account first: on PostgreSQL that makes others wait.
 */

import { sha256 } from './audit-hash.ts';
import { chain, type Database, type MaybePromise, type Write, write } from './database.ts';
import { raw, statement } from './statement.ts';
import type { AuditRow } from './tables.ts';

export type { AuditRow } from './tables.ts';

/** The account of what belongs to none, such as the master key. */
export const INSTALLATION = '';

const insertNext = statement<{ account: string; at: number; entry: string }>(
  (db, parameter, { sql, sha256 }) =>
    raw(
      db,
      sql<never>`
        insert into audit (account, sequence, at, entry, hash)
        select account, sequence, at, entry,
          ${sha256(sql`previous || account || ':' || sequence || ':' || at || ':' || entry`)}
        from (
          select given.account, coalesce(last.sequence, 0) + 1 as sequence, coalesce(last.hash, '') as previous, at, entry
          from (
            select cast(${parameter('account')} as text) as account, cast(${parameter('at')} as bigint) as at,
              cast(${parameter('entry')} as text) as entry
          ) as given left join (
            select sequence, hash from audit where account = ${parameter('account')}
            order by sequence desc limit 1
          ) as last on true
        ) as next`,
    ),
);

const selectPage = statement<{ account: string; after: number; since: number; limit: number }, AuditRow>(
  (db, parameter) =>
    db
      .selectFrom('audit')
      .selectAll()
      .where('account', '=', parameter('account'))
      .where('sequence', '>', parameter('after'))
      .where('at', '>=', parameter('since'))
      .orderBy('sequence')
      .limit(parameter('limit')),
);

const selectLast = statement<{ account: string }, AuditRow>((db, parameter) =>
  db
    .selectFrom('audit')
    .selectAll()
    .where('account', '=', parameter('account'))
    .orderBy('sequence', 'desc')
    .limit(1),
);

/** One after the other, each found in the key of the table: there may be millions of entries for a few accounts. */
const selectNextAccount = statement<{ after: string }, { account: string | null }>((db, parameter) =>
  db
    .selectFrom('audit')
    .select((row) => row.fn.min<string | null>('account').as('account'))
    .where('account', '>', parameter('after')),
);

/** The write of an entry; it belongs behind the write that changes the row of the account. */
export function insertAuditEntry(account: string, at: number, entry: string): Write {
  return write(insertNext, { account, at, entry }, 1);
}

/**
 * Entries of an account in their order.
 *
 * @param after the sequence behind which they begin.
 * @param since only those of this time or later, in ms.
 */
export function findAuditPage(
  db: Database,
  { account, after, since, limit }: { account: string; after: number; since: number; limit: number },
): MaybePromise<AuditRow[]> {
  return db.all(selectPage, { account, after, since, limit });
}

export function findLastAuditEntry(db: Database, account: string): MaybePromise<AuditRow | undefined> {
  return chain(db.all(selectLast, { account }), (rows) => rows[0]);
}

/** The next account that has entries, in the order of their keys; begin with that of the installation. */
export function findAuditedAccount(db: Database, after: string): MaybePromise<string | undefined> {
  return chain(db.all(selectNextAccount, { after }), (rows) => rows[0]?.account ?? undefined);
}

/** The hash that an entry must have behind the one with the hash `previous`, which is empty for the first. */
export function expectedHash(
  previous: string,
  { account, sequence, at, entry }: Omit<AuditRow, 'hash'>,
): string {
  return sha256(`${previous}${account}:${sequence}:${at}:${entry}`);
}
