/** Accounts, their secrets and their applications. */

import { type Kysely, type RawBuilder, sql } from 'kysely';

/** The words for columns that each database has its own for. */
interface Words {
  readonly bytes: RawBuilder<unknown>;
  readonly counter: 'integer' | 'bigserial';
}

export async function up(db: Kysely<unknown>, words: Words): Promise<void> {
  await createAccountTables(db, words);
  await createApplicationTable(db, words);
  await createBookkeeping(db, words);
}

async function createAccountTables(db: Kysely<unknown>, { bytes }: Words): Promise<void> {
  await db.schema
    .createTable('accounts')
    .addColumn('api_key', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('enabled', 'integer', (column) => column.notNull())
    // One salt for all API secrets of an account: one slow hash then answers for each of them,
    // and a wrong secret takes as long as an unknown account.
    .addColumn('secret_salt', bytes, (column) => column.notNull())
    // Kept in the transaction of each create and delete, so that a list never counts.
    .addColumn('application_count', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('secrets')
    .addColumn('account', 'text', (column) =>
      column.notNull().references('accounts.api_key').onDelete('cascade'),
    )
    .addColumn('id', 'text', (column) => column.notNull())
    // `api`: content is a slow hash. `signature`: content is encrypted under the master key.
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('content', bytes, (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('secrets_key', ['account', 'id'])
    .execute();
}

async function createApplicationTable(db: Kysely<unknown>, { counter }: Words): Promise<void> {
  await db.schema
    .createTable('applications')
    // The order of a list (W35). Not the id: an import brings ids of its own.
    .addColumn('position', counter, (column) => column.primaryKey())
    .addColumn('account', 'text', (column) =>
      column.notNull().references('accounts.api_key').onDelete('cascade'),
    )
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    // The item of a list as it goes over the wire, made once, when the application is written.
    .addColumn('document', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('applications_id', ['account', 'id'])
    .execute();
  await db.schema
    .createIndex('applications_order')
    .on('applications')
    .columns(['account', 'position'])
    .execute();
}

async function createBookkeeping(db: Kysely<unknown>, { bytes }: Words): Promise<void> {
  await db.schema
    .createTable('settings')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('value', bytes, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('revisions')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('value', 'bigint', (column) => column.notNull())
    .execute();
  // Rises with each change that can make a remembered credential wrong.
  await sql`insert into revisions (name, value) values ('credentials', 1)`.execute(db);
}
