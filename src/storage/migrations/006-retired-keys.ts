/** Public keys that were replaced by a rotation and stay valid for a while. */

import type { Kysely, RawBuilder } from 'kysely';

interface Words {
  readonly byKeyAlone: RawBuilder<unknown>;
}

export async function up(db: Kysely<unknown>, { byKeyAlone }: Words): Promise<void> {
  await db.schema
    .createTable('retired_keys')
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('application', 'text', (column) => column.notNull())
    // SPKI, PEM, as the document of the application had it.
    .addColumn('public_key', 'text', (column) => column.notNull())
    // Milliseconds since the Unix epoch; from then on the row counts for nothing.
    .addColumn('valid_until', 'bigint', (column) => column.notNull())
    // One for each application: another rotation takes its place.
    .addPrimaryKeyConstraint('retired_keys_key', ['account', 'application'])
    .addForeignKeyConstraint(
      'retired_keys_application',
      ['account', 'application'],
      'applications',
      ['account', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .modifyEnd(byKeyAlone)
    .execute();
}
