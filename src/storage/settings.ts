/** Small values of the whole installation. */

import { chain, type Database, type MaybePromise, type Write, write } from './database.ts';
import { statement, textStatement } from './statement.ts';

/** Read at every start, before the server listens. */
const selectSetting = textStatement<{ name: string }, { value: Uint8Array }>(
  'select value from settings where name = :name',
);

const upsertSetting = statement<{ name: string; value: Uint8Array }>((db, parameter) =>
  db
    .insertInto('settings')
    .values({ name: parameter('name'), value: parameter('value') })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: parameter('value') })),
);

const insertSetting = statement<{ name: string; value: Uint8Array }>((db, parameter) =>
  db
    .insertInto('settings')
    .values({ name: parameter('name'), value: parameter('value') })
    .onConflict((conflict) => conflict.column('name').doNothing()),
);

export function findSetting(db: Database, name: string): MaybePromise<Uint8Array | undefined> {
  return chain(db.all(selectSetting, { name }), (rows) => rows[0]?.value);
}

/** Sets a value, whatever it was. */
export function putSetting(name: string, value: Uint8Array): Write {
  return write(upsertSetting, { name, value });
}

/** Sets a value if there is none; its unit fails when another was first. */
export function addSetting(name: string, value: Uint8Array): Write {
  return write(insertSetting, { name, value }, 1);
}
