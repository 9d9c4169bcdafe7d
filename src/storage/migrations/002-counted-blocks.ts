/** Positions that rise within each account, and the counts by which a page is found. */

import { type Kysely, type RawBuilder, sql } from 'kysely';

/** As they were when this migration was written. */
const SHIFT = sql.lit(6);
const LEVELS = [1, 2, 3];
const ACCOUNT_BITS = sql.lit(32);

interface Words {
  readonly inOrder: boolean;
  readonly byKeyAlone: RawBuilder<unknown>;
}

export async function up(db: Kysely<unknown>, words: Words): Promise<void> {
  await numberAccounts(db, words);
  await renumberApplications(db, words);
  await sql`
    update accounts set last_position = coalesce(
      (select max(position) from applications where applications.account = accounts.api_key), 0)`.execute(db);
  await createBlocks(db, words);
}

async function numberAccounts(db: Kysely<unknown>, { inOrder }: Words): Promise<void> {
  await db.schema
    .alterTable('accounts')
    // The positions of its applications begin with this number times 2 to the power of 32.
    .addColumn('number', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .alterTable('accounts')
    // Positions only rise: what was removed leaves a gap. 0 before the first.
    .addColumn('last_position', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  await sql`
    update accounts set number = (
      select count(*) from accounts as earlier where earlier.api_key <= accounts.api_key)`.execute(db);
  if (!inOrder) {
    // Where there is one writer at a time, the next number is read off the table.
    await sql`create sequence account_numbers`.execute(db);
    await sql`select setval('account_numbers', (select count(*) from accounts) + 1, false)`.execute(db);
  }
  await db.schema.createIndex('accounts_number').unique().on('accounts').column('number').execute();
}

async function renumberApplications(db: Kysely<unknown>, { inOrder }: Words): Promise<void> {
  const table = db.schema
    .createTable('numbered_applications')
    // The order of a list (W35), an account's own. Not the id: an import brings ids of its own.
    .addColumn('position', inOrder ? 'integer' : 'bigint', (column) =>
      inOrder ? column.primaryKey() : column.notNull(),
    )
    .addColumn('account', 'text', (column) =>
      column.notNull().references('accounts.api_key').onDelete('cascade'),
    )
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('version', 'bigint', (column) => column.notNull())
    // The item of a list as it goes over the wire, made once, when the application is written.
    .addColumn('document', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull());
  await (inOrder
    ? table.addUniqueConstraint('numbered_applications_id', ['account', 'id'])
    : table
        .addPrimaryKeyConstraint('numbered_applications_id', ['account', 'id'])
        .addUniqueConstraint('numbered_applications_position', ['account', 'position'])
  ).execute();
  await sql`
    insert into numbered_applications (position, account, id, version, document, created_at, updated_at)
    select (number << ${ACCOUNT_BITS}) + row_number() over (partition by account order by position),
      account, id, version, document, applications.created_at, updated_at
    from applications join accounts on api_key = account`.execute(db);
  await db.schema.dropTable('applications').execute();
  await db.schema.alterTable('numbered_applications').renameTo('applications').execute();
}

async function createBlocks(db: Kysely<unknown>, { byKeyAlone }: Words): Promise<void> {
  await db.schema
    .createTable('application_blocks')
    .addColumn('account', 'text', (column) =>
      column.notNull().references('accounts.api_key').onDelete('cascade'),
    )
    // A block of level n covers 64 to the power of n positions.
    .addColumn('level', 'integer', (column) => column.notNull())
    .addColumn('block', 'bigint', (column) => column.notNull())
    // The applications there are in it. Kept in the transaction of each create and delete.
    .addColumn('live', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('application_blocks_key', ['account', 'level', 'block'])
    .modifyEnd(byKeyAlone)
    .execute();
  for (const level of LEVELS) {
    await sql`
      insert into application_blocks (account, level, block, live)
      select account, ${sql.lit(level)}, position >> (${SHIFT} * ${sql.lit(level)}), count(*)
      from applications group by 1, 2, 3`.execute(db);
  }
}
