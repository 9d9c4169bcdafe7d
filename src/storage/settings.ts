/** Small values of the whole installation. */

import { chain, type Database, type MaybePromise, type Write, write } from './database.ts';
import { statement, textStatement } from './statement.ts';

/** Read at every start, before the server listens. */
const selectSetting = textStatement<{ name: string }, { value: Uint8Array }>(
  'select value from settings where name = :name',
);

const insertSetting = statement<{ name: string; value: Uint8Array }>((db, parameter) =>
  db
    .insertInto('settings')
    .values({ name: parameter('name'), value: parameter('value') })
    .onConflict((conflict) => conflict.column('name').doNothing()),
);

const swapSetting = statement<{ name: string; from: Uint8Array; to: Uint8Array }>((db, parameter) =>
  db
    .updateTable('settings')
    .set({ value: parameter('to') })
    .where('name', '=', parameter('name'))
    .where('value', '=', parameter('from')),
);

export function findSetting(db: Database, name: string): MaybePromise<Uint8Array | undefined> {
  return chain(db.all(selectSetting, { name }), (rows) => rows[0]?.value);
}

/** Sets a value if there is none; its unit fails when another was first. */
export function addSetting(name: string, value: Uint8Array): Write {
  return write(insertSetting, { name, value }, 1);
}

/** Changes a value from what it was seen to be; its unit fails when it is another by now. */
export function replaceSetting(name: string, from: Uint8Array, to: Uint8Array): Write {
  return write(swapSetting, { name, from, to }, 1);
}

/** Changes nothing; its unit fails when the value is another than it was seen to be. */
export function requireSetting(name: string, seen: Uint8Array): Write {
  return replaceSetting(name, seen, seen);
}
