/** SQLite files when they are opened: new ones made once, bad ones refused and left as they are. */

import assert from 'node:assert/strict';
import { hash, randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { isReachable } from '../src/storage/health.ts';
import { MIGRATION_NAMES } from '../src/storage/migration-names.ts';
import { openSqlite } from '../src/storage/sqlite.ts';
import { openChild } from './child.ts';
import { type Folder, openFolder } from './folder.ts';
import { create, FIRST, list, newAccount } from './storage-contract/world.ts';

/** Makes a database with applications in it and closes it. */
async function makeDatabase(path: string, applications = 0): Promise<void> {
  await using database = await openSqlite({ path, writer: 'inline' });
  await database.write([newAccount(FIRST)]);
  for (let number = 0; number < applications; number += 1) {
    await create(database, FIRST, `${number} ${'x'.repeat(500)}`);
  }
}

/** All files of a folder with the hashes of their bytes. */
async function filesOf(folder: Folder): Promise<Record<string, string>> {
  const names = (await readdir(folder.path)).sort();
  const hashes = names.map(async (name) => [name, hash('sha256', await readFile(folder.file(name)))]);
  return Object.fromEntries(await Promise.all(hashes));
}

/** Asserts that a file is refused with a message and a fix that fit, and that nothing in its folder changes. */
async function assertRefused(folder: Folder, message: RegExp, fix: RegExp): Promise<void> {
  const before = await filesOf(folder);
  const path = folder.file('test.db');
  for (const writer of ['thread', 'inline'] as const) {
    await assert.rejects(openSqlite({ path, writer }), (error: Error & { code?: string; fix?: string }) => {
      assert.equal(error.code, 'storage_unusable');
      assert.ok(error.message.includes(path), error.message);
      assert.match(error.message, message);
      assert.match(error.fix ?? '', fix);
      return true;
    });
  }
  assert.deepEqual(await filesOf(folder), before);
}

async function overwrite(path: string, at: number, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, at);
}

describe('a SQLite file that is not there', () => {
  it('is made, and opened again as it was left', async () => {
    await using folder = await openFolder();
    await makeDatabase(folder.file('test.db'), 3);
    await using database = await openSqlite({ path: folder.file('test.db'), writer: 'inline' });
    assert.equal((await list(database, FIRST)).total, 3);
  });

  it('is made for its user alone, whatever the umask, with the files beside it', {
    skip: process.platform === 'win32',
  }, async () => {
    await using folder = await openFolder();
    await using database = await openSqlite({ path: folder.file('test.db'), writer: 'inline' });
    await database.write([newAccount(FIRST)]);
    const names = (await readdir(folder.path)).sort();
    assert.deepEqual(names, ['test.db', 'test.db-shm', 'test.db-wal']);
    for (const name of names) assert.equal((await stat(folder.file(name))).mode & 0o777, 0o600, name);
  });

  it('is made out of an empty file, and out of a database without tables', async () => {
    await using folder = await openFolder();
    await writeFile(folder.file('empty.db'), '');
    const bare = new DatabaseSync(folder.file('bare.db'));
    bare.exec('pragma user_version = 1');
    bare.close();
    for (const name of ['empty.db', 'bare.db']) {
      await makeDatabase(folder.file(name));
      await using database = await openSqlite({ path: folder.file(name), writer: 'inline' });
      assert.equal(await isReachable(database), true);
    }
  });

  it('is made once when several processes start at a time, and all of them work on it', async () => {
    await using opened = new AsyncDisposableStack();
    const folder = opened.use(await openFolder());
    const children = await Promise.all([0, 1, 2].map(() => openChild('database')));
    for (const child of children) opened.use(child);
    for (let round = 0; round < 12; round += 1) {
      const path = folder.file(`${round}.db`);
      const writer = round % 2 ? 'thread' : 'inline';
      await Promise.all(children.map((child) => child.call('open', { url: `sqlite:${path}`, writer })));
      const keys = children.map((_, number) => `0000000${number}`);
      const results = await Promise.all(keys.map((key, number) => children[number]?.call('addAccount', key)));
      assert.deepEqual(results, Array(3).fill({ ok: true }));
      await Promise.all(children.map((child) => child.call('close')));
      const connection = new DatabaseSync(path, { readOnly: true });
      const [migrations] = connection.prepare('select count(*) as number from migrations').all();
      const accounts = connection.prepare('select api_key from accounts order by api_key').all();
      connection.close();
      assert.equal(migrations?.['number'], MIGRATION_NAMES.length);
      assert.deepEqual(
        accounts.map((row) => row['api_key']),
        keys,
      );
    }
  });

  it('is not made in a folder that is not there', async () => {
    await using folder = await openFolder();
    const path = join(folder.path, 'missing', 'test.db');
    await assert.rejects(openSqlite({ path, writer: 'inline' }), {
      code: 'storage_unusable',
      message: /test\.db cannot be used/,
      fix: /rights of the file and its folder/,
    });
    assert.deepEqual(await readdir(folder.path), []);
  });

  it('is not made where a folder stands', async () => {
    await using folder = await openFolder();
    await mkdir(folder.file('test.db'));
    await assert.rejects(openSqlite({ path: folder.file('test.db'), writer: 'inline' }), {
      code: 'storage_unusable',
    });
    assert.deepEqual(await readdir(folder.file('test.db')), []);
  });
});

describe('a SQLite file that is behind', () => {
  it('is brought up to date as a whole or not at all', async () => {
    await using folder = await openFolder();
    const path = folder.file('test.db');
    // The last table of the migration stands in its way.
    const behind = new DatabaseSync(path);
    behind.exec(
      'create table migrations (name text primary key, timestamp text); create table revisions (x)',
    );
    await assert.rejects(openSqlite({ path, writer: 'inline' }), {
      code: 'storage_unusable',
      message: /revisions/,
    });
    const tables = behind.prepare("select name from sqlite_master where type = 'table' order by name").all();
    assert.deepEqual(
      tables.map((row) => row['name']).filter((name) => name !== 'migrations_lock'),
      ['migrations', 'revisions'],
    );
    behind.exec('drop table revisions');
    behind.close();
    await makeDatabase(path, 1);
  });
});

describe('a SQLite file without the rights to it', () => {
  /** Root may write anything, so that the one who may not is a process of somebody else. */
  const stranger = process.getuid?.() === 0 ? { uid: 65_534 } : {};

  it('is refused when its folder takes no files', async () => {
    await using folder = await openFolder();
    await chmod(folder.path, 0o555);
    await using child = await openChild('database', stranger);
    await assert.rejects(child.call('open', { url: `sqlite:${folder.file('test.db')}` }), {
      code: 'storage_unusable',
      message: /cannot be used/,
    });
    assert.deepEqual(await readdir(folder.path), []);
  });

  it('is refused when it can only be read', async () => {
    await using folder = await openFolder();
    await makeDatabase(folder.file('test.db'));
    await chmod(folder.file('test.db'), 0o444);
    await chmod(folder.path, 0o777);
    const before = await filesOf(folder);
    await using child = await openChild('database', stranger);
    for (const writer of ['thread', 'inline']) {
      await assert.rejects(child.call('open', { url: `sqlite:${folder.file('test.db')}`, writer }), {
        code: 'storage_unusable',
        message: /cannot be read and written/,
      });
    }
    assert.deepEqual(await filesOf(folder), before);
  });

  it('is refused when it cannot be read', async () => {
    await using folder = await openFolder();
    await makeDatabase(folder.file('test.db'));
    await chmod(folder.file('test.db'), 0o000);
    await chmod(folder.path, 0o777);
    await using child = await openChild('database', stranger);
    await assert.rejects(child.call('open', { url: `sqlite:${folder.file('test.db')}` }), {
      code: 'storage_unusable',
    });
  });
});

describe('a file that is no database of ours', () => {
  const DAMAGED = /Restore it from a backup/;

  it('is refused and left alone: text, noise, zeros', async () => {
    for (const content of ['not a database', randomBytes(40_000), Buffer.alloc(8192), 'SQLite format 3\0']) {
      await using folder = await openFolder();
      await writeFile(folder.file('test.db'), content);
      await assertRefused(folder, /cannot be read.*left as it is/, DAMAGED);
    }
  });

  it('is refused and left alone: a header of noise', async () => {
    await using folder = await openFolder();
    await makeDatabase(folder.file('test.db'), 50);
    await overwrite(folder.file('test.db'), 0, randomBytes(100));
    await assertRefused(folder, /cannot be read/, DAMAGED);
  });

  it('is refused and left alone: a page in its middle of noise', async () => {
    await using folder = await openFolder();
    await makeDatabase(folder.file('test.db'), 200);
    const pages = (await readFile(folder.file('test.db'))).length / 4096;
    assert.ok(pages > 20);
    await overwrite(folder.file('test.db'), Math.floor(pages / 2) * 4096, randomBytes(4096));
    await assertRefused(folder, /is damaged|cannot be read/, DAMAGED);
  });

  it('is refused and left alone: cut off in its middle', async () => {
    await using folder = await openFolder();
    await makeDatabase(folder.file('test.db'), 200);
    const bytes = await readFile(folder.file('test.db'));
    await writeFile(folder.file('test.db'), bytes.subarray(0, Math.floor(bytes.length / 2 / 4096) * 4096));
    await assertRefused(folder, /is damaged|cannot be read/, DAMAGED);
  });

  it('is refused and left alone: somebody else’s database', async () => {
    await using folder = await openFolder();
    const foreign = new DatabaseSync(folder.file('test.db'));
    foreign.exec("create table notes (text text); insert into notes values ('mine')");
    foreign.close();
    await assertRefused(folder, /holds tables that are not ours/, /file of its own/);
  });

  it('is refused and left alone: one that a newer release wrote', async () => {
    await using folder = await openFolder();
    await makeDatabase(folder.file('test.db'), 3);
    const newer = new DatabaseSync(folder.file('test.db'));
    newer.exec("insert into migrations (name, timestamp) values ('999-later', '2030-01-01T00:00:00.000Z')");
    newer.close();
    await assertRefused(
      folder,
      /newer release \(it holds the migration 999-later\)/,
      /release that wrote it/,
    );
  });

  it('is refused and left alone: a newer one whose process was killed', async () => {
    await using folder = await openFolder();
    await using child = await openChild('database');
    await child.call('open', { url: `sqlite:${folder.file('test.db')}` });
    await child.call('addAccount', FIRST);
    const newer = new DatabaseSync(folder.file('test.db'));
    newer.exec("insert into migrations (name, timestamp) values ('999-later', '2030-01-01T00:00:00.000Z')");
    await child.kill();
    // What stands in the log of the killed process and not yet in the file counts too, and stays there.
    await using copy = await openFolder();
    for (const name of ['test.db', 'test.db-wal']) {
      await writeFile(copy.file(name), await readFile(folder.file(name)));
    }
    newer.close();
    await assert.rejects(openSqlite({ path: copy.file('test.db'), writer: 'inline' }), {
      code: 'storage_unusable',
      message: /999-later/,
    });
    for (const name of ['test.db', 'test.db-wal']) assert.ok((await readdir(copy.path)).includes(name));
  });
});
