/** A database of an earlier release is brought up to date, with all that it holds. */

import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { findAccount } from '../src/storage/accounts.ts';
import {
  deleteApplication,
  findApplication,
  findApplicationPage,
  insertApplication,
} from '../src/storage/applications.ts';
import { expectedHash, findLastAuditEntry } from '../src/storage/audit.ts';
import { openSqlite } from '../src/storage/sqlite.ts';
import { openFolder } from './folder.ts';

/** The tables as the first migration made them, in the words of SQLite. */
const FIRST = `
  create table migrations (name varchar(255) not null primary key, timestamp varchar(255) not null);
  create table migrations_lock (id varchar(255) not null primary key, is_locked integer default 0 not null);
  insert into migrations_lock (id) values ('migration_lock');
  insert into migrations values ('001-registry', '2026-01-01T00:00:00.000Z');
  create table accounts (api_key text not null primary key, name text not null, enabled integer not null,
    secret_salt blob not null, application_count bigint not null, created_at bigint not null);
  create table secrets (account text not null references accounts (api_key) on delete cascade, id text not null,
    kind text not null, content blob not null, created_at bigint not null,
    constraint secrets_key primary key (account, id));
  create table applications (position integer primary key,
    account text not null references accounts (api_key) on delete cascade, id text not null,
    version integer not null, document text not null, created_at bigint not null, updated_at bigint not null,
    constraint applications_id unique (account, id));
  create index applications_order on applications (account, position);
  create table settings (name text not null primary key, value blob not null);
  create table revisions (name text not null primary key, value bigint not null);
  insert into revisions values ('credentials', 1);
`;

const ACCOUNTS = ['aaaa1111', 'bbbb2222', 'cccc3333'] as const;
const PER_ACCOUNT = 150;

/** Applications of two accounts in turn; the third has none. */
function fill(file: string): void {
  const connection = new DatabaseSync(file);
  connection.exec(FIRST);
  const account = connection.prepare('insert into accounts values (?, ?, 1, ?, ?, 1)');
  for (const [index, key] of ACCOUNTS.entries())
    account.run(key, key, Buffer.of(1), index < 2 ? PER_ACCOUNT : 0);
  const application = connection.prepare(
    'insert into applications (account, id, version, document, created_at, updated_at) values (?, ?, 3, ?, 1, 2)',
  );
  for (let number = 0; number < PER_ACCOUNT * 2; number += 1) {
    const id = `id-${Math.floor(number / 2)}`;
    application.run(ACCOUNTS[number % 2] ?? '', id, JSON.stringify(id));
  }
  connection.close();
}

describe('a database of the first release', () => {
  it('keeps its applications, their order and their counts', async () => {
    await using folder = await openFolder();
    fill(folder.file('test.db'));
    await using database = await openSqlite({ path: folder.file('test.db'), writer: 'inline' });
    const list = async (account: string, limit: number, offset: number) => {
      const { documents, total } = await findApplicationPage(database, { account, limit, offset });
      return { ids: JSON.parse(`[${Buffer.from(documents).toString()}]`) as string[], total };
    };
    const ids = Array.from({ length: PER_ACCOUNT }, (_, number) => `id-${number}`);
    for (const account of ACCOUNTS.slice(0, 2)) {
      assert.deepEqual(await list(account, 1000, 0), { ids, total: PER_ACCOUNT });
      assert.deepEqual((await list(account, 5, 100)).ids, ids.slice(100, 105));
      assert.deepEqual((await list(account, 5, 148)).ids, ids.slice(148));
      assert.partialDeepStrictEqual(await findApplication(database, { account, id: 'id-7' }), { version: 3 });
    }
    assert.deepEqual(await list(ACCOUNTS[2], 10, 0), { ids: [], total: 0 });
  });

  it('takes new ones behind them, and gives old ones up', async () => {
    await using folder = await openFolder();
    fill(folder.file('test.db'));
    await using database = await openSqlite({ path: folder.file('test.db'), writer: 'inline' });
    for (const account of ACCOUNTS) {
      await database.write(insertApplication({ account, id: 'new' }, '"new"', 1));
      if (account !== ACCOUNTS[2]) await database.write(deleteApplication({ account, id: 'id-0' }));
      const expected = account === ACCOUNTS[2] ? 1 : PER_ACCOUNT;
      const { documents, total } = await findApplicationPage(database, {
        account,
        limit: 1,
        offset: expected - 1,
      });
      assert.deepEqual([Buffer.from(documents).toString(), total], ['"new"', expected]);
      assert.equal((await findAccount(database, account))?.application_count, expected);
    }
  });

  it('has an audit that begins with what was there', async () => {
    await using folder = await openFolder();
    fill(folder.file('test.db'));
    await using database = await openSqlite({ path: folder.file('test.db'), writer: 'inline' });
    for (const account of ACCOUNTS) {
      const last = await findLastAuditEntry(database, account);
      assert.ok(last);
      assert.equal(last.sequence, 1);
      assert.equal(last.hash, expectedHash('', last));
      assert.deepEqual(JSON.parse(last.entry), {
        action: 'chain.began',
        subject: account,
        applications: account === ACCOUNTS[2] ? 0 : PER_ACCOUNT,
      });
    }
  });
});
