/** What each process has counted of the requests of an account, for the others. */

import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('rate_usage')
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('process', 'text', (column) => column.notNull())
    // Requests let in since the process began.
    .addColumn('used', 'bigint', (column) => column.notNull())
    // Requests that the account had left then, in thousandths; less than none when several processes let some in at a time.
    .addColumn('level', 'bigint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('rate_usage_key', ['account', 'process'])
    .execute();
}
