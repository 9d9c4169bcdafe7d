/** Deliveries of webhooks: the queue, what was sent, and what changed. */

import { type CreateTableBuilder, type Kysely, type RawBuilder, sql } from 'kysely';

interface Words {
  readonly bytes: RawBuilder<unknown>;
  readonly counter: 'integer' | 'bigserial';
  readonly inOrder: boolean;
  readonly byKeyAlone: RawBuilder<unknown>;
}

export async function up(db: Kysely<unknown>, words: Words): Promise<void> {
  await createDeliveries(db, words);
  await indexDeliveries(db);
  await createBodies(db, words);
  await createAttempts(db);
  await createChanges(db, words);
  await createLanes(db, words);
  await createGoneAddresses(db, words);
}

/** A table of an account's own, whose rows go with the account. */
function accountTable(db: Kysely<unknown>, name: string): CreateTableBuilder<string, 'account'> {
  return db.schema
    .createTable(name)
    .addColumn('account', 'text', (column) =>
      column.notNull().references('accounts.api_key').onDelete('cascade'),
    );
}

async function createDeliveries(db: Kysely<unknown>, { byKeyAlone }: Words): Promise<void> {
  await accountTable(db, 'deliveries')
    // A UUID version 7: its order is that of acceptance, to the millisecond.
    .addColumn('id', 'text', (column) => column.notNull())
    // Not a reference: deliveries outlive their application.
    .addColumn('application', 'text', (column) => column.notNull())
    .addColumn('webhook', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    // The order of acceptance within a process, in µs since the epoch.
    .addColumn('position', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    // When it may be taken; while somebody works on it, when his lease ends. Null once it has ended.
    .addColumn('due_at', 'bigint')
    // 1 once a round of attempts has failed: repeats queue apart from what was never tried.
    .addColumn('repeated', 'integer', (column) => column.notNull())
    // Who works on it.
    .addColumn('claim', 'text')
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('rounds', 'integer', (column) => column.notNull())
    .addColumn('replay_of', 'text')
    .addColumn('payload_bytes', 'integer', (column) => column.notNull())
    // Lower-case hex.
    .addColumn('payload_sha256', 'text', (column) => column.notNull())
    // Whether its bodies stay when it has ended.
    .addColumn('keeps_body', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('deliveries_key', ['account', 'id'])
    .modifyEnd(byKeyAlone)
    .execute();
}

async function indexDeliveries(db: Kysely<unknown>): Promise<void> {
  await sql`
    create index deliveries_due on deliveries (account, application, webhook, repeated, due_at, position)
    where due_at is not null`.execute(db);
  await db.schema
    .createIndex('deliveries_status')
    .on('deliveries')
    // What is filtered by besides stands in it too, so that a row is read only once it is found.
    .columns(['account', 'status', 'id', 'application', 'webhook'])
    .execute();
  await db.schema
    .createIndex('deliveries_application')
    .on('deliveries')
    .columns(['account', 'application', 'id', 'webhook'])
    .execute();
}

/** Apart from the row that changes, so that a change of status never writes a payload anew. */
async function createBodies(db: Kysely<unknown>, { bytes }: Words): Promise<void> {
  await db.schema
    .createTable('delivery_bodies')
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('delivery', 'text', (column) => column.notNull())
    .addColumn('ncco', bytes)
    // As it was accepted: compact JSON in UTF-8.
    .addColumn('payload', bytes, (column) => column.notNull())
    .addPrimaryKeyConstraint('delivery_bodies_key', ['account', 'delivery'])
    .addForeignKeyConstraint(
      'delivery_bodies_delivery',
      ['account', 'delivery'],
      'deliveries',
      ['account', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute();
}

async function createAttempts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('delivery_attempts')
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('delivery', 'text', (column) => column.notNull())
    // Counted from 1.
    .addColumn('number', 'integer', (column) => column.notNull())
    // The `jti` of its token.
    .addColumn('id', 'text', (column) => column.notNull())
    // The query stands apart, because it goes with the bodies.
    .addColumn('url', 'text', (column) => column.notNull())
    .addColumn('query', 'text')
    .addColumn('method', 'text', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    // Milliseconds; null where it did not come so far.
    .addColumn('connect_ms', 'double precision')
    .addColumn('first_byte_ms', 'double precision')
    .addColumn('total_ms', 'double precision', (column) => column.notNull())
    .addColumn('status_code', 'integer')
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    // JSON, without the token.
    .addColumn('request_headers', 'text', (column) => column.notNull())
    .addColumn('excerpt', 'text')
    .addPrimaryKeyConstraint('delivery_attempts_key', ['account', 'delivery', 'number'])
    .addForeignKeyConstraint(
      'delivery_attempts_delivery',
      ['account', 'delivery'],
      'deliveries',
      ['account', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute();
}

/** What the stream of an account tells; each row is one change of a status. */
async function createChanges(db: Kysely<unknown>, { counter, inOrder }: Words): Promise<void> {
  const table = accountTable(db, 'delivery_changes')
    // Rises with each change, and is never given again.
    .addColumn('sequence', counter, (column) => (inOrder ? column.primaryKey().autoIncrement() : column))
    .addColumn('delivery', 'text', (column) => column.notNull())
    .addColumn('application', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .addColumn('due_at', 'bigint');
  if (!inOrder) {
    await table.addPrimaryKeyConstraint('delivery_changes_key', ['account', 'sequence']).execute();
    return;
  }
  await table.execute();
  await db.schema
    .createIndex('delivery_changes_order')
    .on('delivery_changes')
    .columns(['account', 'sequence'])
    .execute();
}

/** The list of what has due work: a row for each application and webhook with a queue, gone when that is empty. */
async function createLanes(db: Kysely<unknown>, { byKeyAlone }: Words): Promise<void> {
  await accountTable(db, 'delivery_lanes')
    .addColumn('application', 'text', (column) => column.notNull())
    .addColumn('webhook', 'text', (column) => column.notNull())
    .addColumn('repeated', 'integer', (column) => column.notNull())
    // No later than the first of its deliveries is due.
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('delivery_lanes_key', ['account', 'application', 'webhook', 'repeated'])
    .modifyEnd(byKeyAlone)
    .execute();
  await db.schema
    .createIndex('delivery_lanes_due')
    .on('delivery_lanes')
    .columns(['due_at', 'account', 'application', 'webhook', 'repeated'])
    .execute();
}

/** Addresses that answered 410; forgotten when their application is written. */
async function createGoneAddresses(db: Kysely<unknown>, { byKeyAlone }: Words): Promise<void> {
  await accountTable(db, 'gone_addresses')
    .addColumn('application', 'text', (column) => column.notNull())
    .addColumn('webhook', 'text', (column) => column.notNull())
    // Hex: an address may be longer than a key.
    .addColumn('address_sha256', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('gone_addresses_key', ['account', 'application', 'webhook', 'address_sha256'])
    .modifyEnd(byKeyAlone)
    .execute();
}
