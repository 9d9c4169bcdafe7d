/** What the tests of a database begin with: an empty one, opened, with two accounts. */

import assert from 'node:assert/strict';
import { findAccount, insertAccount } from '../../src/storage/accounts.ts';
import {
  deleteApplication,
  findApplication,
  findApplicationPage,
  insertApplication,
} from '../../src/storage/applications.ts';
import type { Database } from '../../src/storage/database.ts';

/** An empty database; each `open` gives another connection to the same one. */
interface Storage extends AsyncDisposable {
  open(): Promise<Database>;
}

/** Makes an empty database. */
export type PrepareStorage = () => Promise<Storage>;

export const FIRST = 'aaaa1111';
export const SECOND = 'bbbb2222';

/** A database with the accounts `FIRST` and `SECOND`, open on two connections. */
export interface World extends AsyncDisposable {
  readonly database: Database;
  readonly other: Database;
}

/** Prepares a database and its accounts. */
export async function openWorld(prepare: PrepareStorage): Promise<World> {
  await using opened = new AsyncDisposableStack();
  const storage = opened.use(await prepare());
  const database = opened.use(await storage.open());
  const other = opened.use(await storage.open());
  for (const key of [FIRST, SECOND]) {
    assert.deepEqual(await database.write([newAccount(key)]), { ok: true });
  }
  const kept = opened.move();
  return { database, other, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** The write of an account without secrets. */
export function newAccount(key: string, now = 1) {
  return insertAccount({ key, name: `account ${key}`, salt: Buffer.from(key), now });
}

/** Creates an application whose document is its id as JSON. */
export function create(database: Database, account: string, id: string) {
  return database.write(insertApplication({ account, id }, JSON.stringify(id), 1));
}

export function remove(database: Database, account: string, id: string) {
  return database.write(deleteApplication({ account, id }));
}

export async function read(database: Database, account: string, id: string): Promise<string | undefined> {
  return (await findApplication(database, { account, id }))?.document;
}

/** The ids on a page, and the total that it tells. */
export async function list(
  database: Database,
  account: string,
  limit = 1000,
  offset = 0,
): Promise<{ ids: string[]; total: number }> {
  const { documents, total } = await findApplicationPage(database, { account, limit, offset });
  return { ids: JSON.parse(`[${Buffer.from(documents).toString()}]`), total };
}

/** The number of applications as the account's own row tells it. */
export async function countOf(database: Database, account: string): Promise<number | undefined> {
  return (await findAccount(database, account))?.application_count;
}
