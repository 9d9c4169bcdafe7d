/** A database of an earlier release is brought up to date, with all that it holds. */

import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { verifyAudit } from '../src/registry/audit.ts';
import { findAccount } from '../src/storage/accounts.ts';
import {
  deleteApplication,
  findApplication,
  findApplicationPage,
  insertApplication,
} from '../src/storage/applications.ts';
import { expectedHash, findLastAuditEntry } from '../src/storage/audit.ts';
import { writeBackup } from '../src/storage/backup-writing.ts';
import { migrate } from '../src/storage/migrate.ts';
import { MIGRATION_NAMES } from '../src/storage/migration-names.ts';
import { restoreBackup } from '../src/storage/restore.ts';
import { openSqlite } from '../src/storage/sqlite.ts';
import { openConnection } from '../src/storage/sqlite-connection.ts';
import { createSqliteKysely, SQLITE_WORDS } from '../src/storage/sqlite-migration.ts';
import { openSource, openTarget } from '../src/storage/transfer-opening.ts';
import { createEmpty, findContradictions, KINDS, open, parseDatabase, query } from './cli/databases.ts';
import {
  FIRST_ACCOUNTS as ACCOUNTS,
  fillFirstRelease,
  FIRST_PER_ACCOUNT as PER_ACCOUNT,
} from './first-release.ts';
import { type Folder, openFolder } from './folder.ts';

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

/** The releases between the first and this one. */
const BETWEEN = MIGRATION_NAMES.slice(1, -1);

/** Those of which a backup is tried: without an audit, and with as much as there can be. */
const BACKED_UP = [BETWEEN[0] ?? '', BETWEEN.at(-1) ?? ''];

/** A file of the first release that a later one has brought up to its own date. */
async function fillRelease(folder: Folder, last: string): Promise<string> {
  const path = folder.file('test.db');
  fillFirstRelease(path);
  await using db = createSqliteKysely(openConnection(path, 'write'));
  await migrate(db, SQLITE_WORDS, last);
  return path;
}

/** What a file consists of, and which migrations made it. */
function describeFile(path: string) {
  using connection = new DatabaseSync(path, { readOnly: true });
  return [
    connection.prepare('select type, name, tbl_name from sqlite_master order by type, name').all(),
    connection
      .prepare(
        `select one.name as "table", "column".name, "column".type, "notnull", pk
          from sqlite_master as one, pragma_table_info(one.name) as "column" where one.type = 'table' order by 1, cid`,
      )
      .all(),
    connection.prepare('select name from migrations order by name').all(),
  ];
}

describe('a database of a release between', () => {
  for (const last of BETWEEN) {
    it(`is what a new one is, up to date from ${last}`, async () => {
      await using folder = await openFolder();
      const path = await fillRelease(folder, last);
      for (const file of [path, folder.file('new.db')])
        await (await openSqlite({ path: file, writer: 'inline' })).close();
      assert.deepEqual(describeFile(path), describeFile(folder.file('new.db')));
      assert.deepEqual(await findContradictions(`sqlite:${path}`), []);
    });
  }

  for (const last of BACKED_UP) {
    for (const kind of KINDS) {
      it(`comes out of a backup of ${last} into ${kind}`, async () => {
        await using folder = await openFolder();
        const path = folder.file('backup');
        await using source = await openSource(parseDatabase(`sqlite:${await fillRelease(folder, last)}`));
        await writeBackup({ source, path, force: false, createdAt: new Date(0), release: '' });
        await using empty = await createEmpty(kind, folder, 'target');
        await using target = await openTarget(parseDatabase(empty.url));
        assert.equal((await restoreBackup({ path, target, replace: false })).schema, last);
        await using database = await open(empty.url);
        const chains: unknown[] = [];
        for await (const { account, entries, brokenAt } of verifyAudit(database, undefined))
          chains.push([account, entries, brokenAt]);
        assert.deepEqual(
          chains,
          ACCOUNTS.map((account) => [account, 1, undefined]),
        );
        const run = await query(empty.url, 'select name from migrations order by name');
        assert.deepEqual(
          run.map(({ name }) => name),
          MIGRATION_NAMES,
        );
        assert.deepEqual(await findContradictions(empty.url), []);
      });
    }
  }
});
