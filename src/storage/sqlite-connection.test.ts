/** Tests how connections to SQLite are set up. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { openFolder } from '../../test/folder.ts';
import { create, FIRST, newAccount, remove } from '../../test/storage-contract/world.ts';
import { openSqlite } from './sqlite.ts';
import { openConnection } from './sqlite-connection.ts';

const FULL = 2;

function pragma(connection: DatabaseSync, name: string): unknown {
  return Object.values(connection.prepare(`pragma ${name}`).get() ?? {})[0];
}

describe('a connection to SQLite', () => {
  for (const access of ['read', 'write'] as const) {
    it(`is set up to ${access} durably, in the same way each time`, async () => {
      await using folder = await openFolder();
      for (let time = 0; time < 2; time += 1) {
        const connection = openConnection(folder.file('test.db'), access);
        assert.equal(pragma(connection, 'journal_mode'), 'wal');
        assert.equal(pragma(connection, 'synchronous'), FULL);
        assert.equal(pragma(connection, 'foreign_keys'), 1);
        assert.equal(pragma(connection, 'secure_delete'), 1);
        assert.equal(pragma(connection, 'busy_timeout'), 5000);
        assert.equal(pragma(connection, 'query_only'), access === 'read' ? 1 : 0);
        connection.close();
      }
    });
  }

  it('changes nothing when it is there to read', async () => {
    await using folder = await openFolder();
    const writer = openConnection(folder.file('test.db'), 'write');
    writer.exec('create table notes (text)');
    const reader = openConnection(folder.file('test.db'), 'read');
    assert.throws(() => reader.exec('insert into notes values (1)'), /readonly/);
    reader.close();
    writer.close();
  });

  it('is closed again when its file is no database', async () => {
    await using folder = await openFolder();
    const other = new DatabaseSync(folder.file('other.db'));
    other.exec('create table notes (text)');
    other.close();
    assert.throws(() => openConnection(folder.path, 'write'));
  });
});

for (const writer of ['thread', 'inline'] as const) {
  describe(`what a ${writer} writer has deleted`, () => {
    it('is in the file no more', async () => {
      await using folder = await openFolder();
      const path = folder.file('test.db');
      const canary = `canary-${'c'.repeat(600)}`;
      const database = await openSqlite({ path, writer });
      await database.write([newAccount(FIRST)]);
      await create(database, FIRST, canary);
      await create(database, FIRST, 'kept');
      await database.close();
      assert.ok((await readFile(path)).includes(canary));
      const again = await openSqlite({ path, writer });
      await remove(again, FIRST, canary);
      await again.close();
      const bytes = await readFile(path);
      assert.ok(!bytes.includes(canary));
      assert.ok(!bytes.includes('c'.repeat(100)));
      assert.ok(bytes.includes('kept'));
    });
  });
}
