/** A database of an earlier release is brought up to date, with all that it holds. */

import assert from 'node:assert/strict';
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
import {
  FIRST_ACCOUNTS as ACCOUNTS,
  fillFirstRelease,
  FIRST_PER_ACCOUNT as PER_ACCOUNT,
} from './first-release.ts';
import { openFolder } from './folder.ts';

describe('a database of the first release', () => {
  it('keeps its applications, their order and their counts', async () => {
    await using folder = await openFolder();
    fillFirstRelease(folder.file('test.db'));
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
    fillFirstRelease(folder.file('test.db'));
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
    fillFirstRelease(folder.file('test.db'));
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
