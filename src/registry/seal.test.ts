import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { openFolder } from '../../test/folder.ts';
import { openSqlite } from '../storage/sqlite.ts';
import { assertMasterKey, replaceMasterKey, requireMasterKey, seal, unseal } from './seal.ts';

const KEY = randomBytes(32);
const WRONG = { code: 'master_key_wrong' };

describe('a sealed text', () => {
  it('opens with its key in its place', () => {
    for (const text of ['', 'secret', 'Größe 🎈\0']) {
      assert.equal(unseal(KEY, 'here', seal(KEY, 'here', text)), text);
    }
  });

  it('does not open with another key or in another place', () => {
    const sealed = seal(KEY, 'here', 'secret');
    assert.throws(() => unseal(randomBytes(32), 'here', sealed), WRONG);
    assert.throws(() => unseal(KEY, 'there', sealed), WRONG);
  });

  it('does not open when nonce, tag or text has changed, or something is missing', () => {
    const sealed = seal(KEY, 'here', 'secret');
    for (let at = 1; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.throws(() => unseal(KEY, 'here', changed), WRONG, `byte ${at}`);
    }
    for (let length = 0; length < sealed.length; length += 1) {
      assert.throws(() => unseal(KEY, 'here', sealed.subarray(0, length)), WRONG, `${length} bytes`);
    }
  });

  it('never looks the same twice and does not show the text', () => {
    const [one, other] = [seal(KEY, 'here', 'secret'), seal(KEY, 'here', 'secret')];
    assert.notDeepEqual(one, other);
    assert.ok(!one.includes('secret'));
    assert.equal(one.length, 1 + 12 + 16 + 'secret'.length);
  });
});

describe('the master key of a database', () => {
  it('is the one it was first used with, until it is replaced', async () => {
    await using folder = await openFolder();
    await using database = await openSqlite({ path: folder.file('test.db'), writer: 'inline' });
    const next = randomBytes(32);
    const check = await assertMasterKey(database, KEY);
    assert.deepEqual(Buffer.from(await assertMasterKey(database, KEY)), check);
    await assert.rejects(assertMasterKey(database, next), WRONG);
    assert.deepEqual(await database.write([requireMasterKey(check)]), { ok: true });
    assert.deepEqual(await database.write([replaceMasterKey(check, next)]), { ok: true });
    const late = { ok: false, failed: 0 };
    assert.deepEqual(await database.write([requireMasterKey(check)]), late);
    assert.deepEqual(await database.write([replaceMasterKey(check, KEY)]), late);
    await assertMasterKey(database, next);
    await assert.rejects(assertMasterKey(database, KEY), WRONG);
  });

  it('is one of two that come at once', async () => {
    await using folder = await openFolder();
    await using database = await openSqlite({ path: folder.file('test.db'), writer: 'inline' });
    const outcomes = await Promise.allSettled([
      assertMasterKey(database, KEY),
      assertMasterKey(database, randomBytes(32)),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
  });
});
