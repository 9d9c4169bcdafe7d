import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { openFolder } from '../../test/folder.ts';
import { systemClock, systemIds } from '../clock.ts';
import { assertMasterKey } from '../registry/seal.ts';
import { rotateMasterKey } from '../registry/secrets.ts';
import { openSqlite } from '../storage/sqlite.ts';
import {
  findMasterKeyFile,
  makeMasterKeyFile,
  replaceMasterKeyFile,
  settleMasterKey,
} from './master-key-file.ts';

/** A database, the file of its key, and a change to another key. */
async function openChange() {
  const folder = await openFolder();
  const path = folder.file('master.key');
  const database = await openSqlite({ path: folder.file('test.db'), writer: 'inline' });
  const from = makeMasterKeyFile(path);
  await assertMasterKey(database, from);
  const change = { database, from, to: randomBytes(32) };
  const commit = () => rotateMasterKey({ database, clock: systemClock, ids: systemIds }, from, change.to);
  const close = async () => {
    await database.close();
    await folder[Symbol.asyncDispose]();
  };
  return { path, change, commit, [Symbol.asyncDispose]: close };
}

describe('the file of the master key', () => {
  it('keeps the old key when the change came to nothing', async () => {
    await using opened = await openChange();
    const { path, change } = opened;
    const failing = replaceMasterKeyFile(path, change, () => Promise.reject(new Error('full')));
    await assert.rejects(failing, /full/);
    assert.ok(findMasterKeyFile(path)?.equals(change.from));
    assert.ok(!existsSync(`${path}.next`));
  });

  it('keeps both keys when the change was made and its answer was lost', async () => {
    await using opened = await openChange();
    const { path, change, commit } = opened;
    const failing = replaceMasterKeyFile(path, change, async () => {
      await commit();
      throw new Error('lost');
    });
    await assert.rejects(failing, /lost/);
    const settled = await settleMasterKey(change.database, path, change.from);
    assert.ok(settled.equals(change.to));
    assert.ok(findMasterKeyFile(path)?.equals(change.to));
  });

  it('keeps both keys when the database does not say which it has', async () => {
    await using opened = await openChange();
    const { path, change, commit } = opened;
    const failing = replaceMasterKeyFile(path, change, async () => {
      await change.database.close();
      return commit();
    });
    await assert.rejects(failing);
    assert.ok(findMasterKeyFile(`${path}.next`)?.equals(change.to));
  });

  it('does not mind that another process puts the new key into its place', async () => {
    await using opened = await openChange();
    const { path, change, commit } = opened;
    const secrets = await replaceMasterKeyFile(path, change, async () => {
      const count = await commit();
      await settleMasterKey(change.database, path, change.from);
      return count;
    });
    assert.equal(secrets, 0);
    assert.ok(findMasterKeyFile(path)?.equals(change.to));
  });
});
