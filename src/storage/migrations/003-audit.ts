/** The audit: what was changed by whom, each entry sealed by a hash over all before it. */

import { type Kysely, type RawBuilder, sql } from 'kysely';

interface Words {
  sha256(text: RawBuilder<unknown>): RawBuilder<unknown>;
  appendOnly(table: string): readonly RawBuilder<unknown>[];
}

export async function up(db: Kysely<unknown>, words: Words): Promise<void> {
  await db.schema
    .createTable('audit')
    // Of no account when it is empty. It refers to nothing: entries stay when their account goes.
    .addColumn('account', 'text', (column) => column.notNull())
    // 1, 2, 3, … within an account, without gaps.
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    // JSON: who, what, of what, and the request it came by.
    .addColumn('entry', 'text', (column) => column.notNull())
    // SHA-256 in hexadecimal: of the hash before, and of account, sequence, time and entry with colons in between.
    .addColumn('hash', 'text', (column) => column.notNull())
    // Beside the rows, on SQLite too: a tree that has the rows within itself is deep, and takes twice as long.
    .addPrimaryKeyConstraint('audit_key', ['account', 'sequence'])
    .execute();
  await beginChains(db, words);
  for (const guard of words.appendOnly('audit')) await guard.execute(db);
}

/** So that every account has a chain, and one without has lost it. */
async function beginChains(db: Kysely<unknown>, { sha256 }: Words): Promise<void> {
  const now = sql.lit(Date.now());
  await sql`
    insert into audit (account, sequence, at, entry, hash)
    select account, 1, ${now}, entry,
      ${sha256(sql`account || ':1:' || cast(${now} as bigint) || ':' || entry`)}
    from (
      select api_key as account,
        '{"action":"chain.began","subject":"' || api_key || '","applications":' || application_count || '}' as entry
      from accounts
    ) as begun`.execute(db);
}
