/** What is remembered of creates with an `Idempotency-Key`, so that a repeat is answered like the first. */

import type { Kysely, RawBuilder } from 'kysely';

interface Words {
  readonly bytes: RawBuilder<unknown>;
}

// Neither `idempotency_keys` nor `idempotency_due` belongs into a backup, a copy or an export: who has one must not
// have what opens with a key that a client may still hold.
export async function up(db: Kysely<unknown>, { bytes }: Words): Promise<void> {
  await db.schema
    .createTable('idempotency_keys')
    .addColumn('account', 'text', (column) =>
      column.notNull().references('accounts.api_key').onDelete('cascade'),
    )
    // A slow hash of the key; the key itself is kept nowhere.
    .addColumn('key_hash', bytes, (column) => column.notNull())
    // A keyed hash of the body, by which another one is told.
    .addColumn('body_hash', bytes, (column) => column.notNull())
    .addColumn('application', 'text', (column) => column.notNull())
    // What was answered, encrypted under the key.
    .addColumn('answer', bytes, (column) => column.notNull())
    // The private key that was answered, encrypted under the key and the master key; null where there was none, or no longer.
    .addColumn('private_key', bytes)
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    // When something of the row is to be removed: the private key first, then all of it.
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('idempotency_keys_key', ['account', 'key_hash'])
    .execute();
  await db.schema
    .createIndex('idempotency_keys_due')
    .on('idempotency_keys')
    .columns(['account', 'due_at'])
    .execute();
  // The accounts that have such rows, and when the first of them is due: all that whoever cleans up has to look through.
  await db.schema
    .createTable('idempotency_due')
    .addColumn('account', 'text', (column) =>
      column.primaryKey().notNull().references('accounts.api_key').onDelete('cascade'),
    )
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .execute();
}
