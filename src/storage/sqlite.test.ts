import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { open, readdir, readlink } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { openFolder } from '../../test/folder.ts';
import { FIRST, newAccount } from '../../test/storage-contract/world.ts';
import { findAccount } from './accounts.ts';
import { openSqlite } from './sqlite.ts';

describe('a SQLite file that cannot be worked on', () => {
  it('is closed again', { skip: process.platform !== 'linux' }, async () => {
    await using folder = await openFolder();
    const path = folder.file('test.db');
    const bare = new DatabaseSync(path);
    bare.exec(
      "create table migrations (name, timestamp); insert into migrations values ('001-registry', '')",
    );
    bare.close();
    await assert.rejects(openSqlite({ path, writer: 'inline' }), { code: 'storage_unusable' });
    const handles = await readdir('/proc/self/fd');
    const files = await Promise.all(handles.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
    assert.deepEqual(
      files.filter((file) => file.startsWith(folder.path)),
      [],
    );
  });

  it('is told as a storage that is not there when it is damaged while it is open', async () => {
    await using folder = await openFolder();
    const path = folder.file('test.db');
    const made = await openSqlite({ path, writer: 'inline' });
    await made.write([newAccount(FIRST)]);
    await made.close();
    await using database = await openSqlite({ path, writer: 'inline' });
    await using file = await open(path, 'r+');
    const { size } = await file.stat();
    // All but the page that says which tables there are.
    await file.write(randomBytes(size - 4096), 0, size - 4096, 4096);
    const damaged = { code: 'storage_unavailable', retryAfter: 1, message: /cannot be read: .*malformed/ };
    assert.throws(() => findAccount(database, FIRST), damaged);
    assert.throws(() => database.credentialRevision(), damaged);
  });
});
