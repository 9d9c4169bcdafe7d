/** Retired keys in a database: one for each application, and gone with it. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deleteAccount, setAccountEnabled } from '../../src/storage/accounts.ts';
import type { Database } from '../../src/storage/database.ts';
import { findKeys, findRetiredKey, forgetEndedKey, retireKey } from '../../src/storage/retired-keys.ts';
import { create, FIRST, openWorld, type PrepareStorage, remove, SECOND } from './world.ts';

const KEY = { account: FIRST, id: 'one' };
const OTHERS = { account: SECOND, id: 'one' };

const retire = (database: Database, key: typeof KEY, publicKey: string, validUntil = 10) =>
  database.write([retireKey(key, { publicKey, validUntil })]);

export function describeRetiredKeys(prepare: PrepareStorage): void {
  describe('the retired key of an application', () => {
    it('is found beside its document, and is of its account alone', async () => {
      await using world = await openWorld(prepare);
      for (const { account, id } of [KEY, OTHERS]) await create(world.database, account, id);
      assert.equal(await findRetiredKey(world.database, KEY), undefined);
      assert.deepEqual(await findKeys(world.database, KEY), { document: '"one"', retired: undefined });
      // Larger than 32 bits, as every time of day is.
      const validUntil = 1_790_000_000_000;
      assert.deepEqual(await retire(world.database, KEY, 'old', validUntil), { ok: true });
      const retired = { publicKey: 'old', validUntil };
      assert.deepEqual(await findRetiredKey(world.other, KEY), retired);
      assert.deepEqual(await findKeys(world.other, KEY), { document: '"one"', retired });
      assert.equal(await findRetiredKey(world.other, OTHERS), undefined);
      assert.deepEqual(await findKeys(world.other, OTHERS), { document: '"one"', retired: undefined });
    });

    it('is replaced by the next', async () => {
      await using world = await openWorld(prepare);
      await create(world.database, FIRST, 'one');
      await retire(world.database, KEY, 'oldest', 10);
      assert.deepEqual(await retire(world.database, KEY, 'old', 20), { ok: true });
      assert.deepEqual(await findRetiredKey(world.database, KEY), { publicKey: 'old', validUntil: 20 });
    });

    it('is of no application that is not there', async () => {
      await using world = await openWorld(prepare);
      assert.deepEqual(await retire(world.database, KEY, 'old'), { ok: false, failed: -1 });
      assert.equal(await findKeys(world.database, KEY), undefined);
    });

    it('is forgotten once its time is up, and not before', async () => {
      await using world = await openWorld(prepare);
      await create(world.database, FIRST, 'one');
      await retire(world.database, KEY, 'old', 10);
      await world.database.write([forgetEndedKey(KEY, 9)]);
      assert.notEqual(await findRetiredKey(world.database, KEY), undefined);
      await world.database.write([forgetEndedKey(KEY, 10)]);
      assert.equal(await findRetiredKey(world.database, KEY), undefined);
    });

    it('goes with its application, and with its account', async () => {
      await using world = await openWorld(prepare);
      for (const { account, id } of [KEY, OTHERS]) {
        await create(world.database, account, id);
        await retire(world.database, { account, id }, 'old');
      }
      assert.deepEqual(await remove(world.database, FIRST, 'one'), { ok: true });
      assert.equal(await findRetiredKey(world.database, KEY), undefined);
      assert.notEqual(await findRetiredKey(world.database, OTHERS), undefined);
      assert.deepEqual(await world.database.write(deleteAccount(SECOND, 1)), { ok: true });
      assert.equal(await findRetiredKey(world.database, OTHERS), undefined);
    });

    it('and the key itself are not found of an account that is disabled', async () => {
      await using world = await openWorld(prepare);
      await create(world.database, FIRST, 'one');
      await world.database.write(setAccountEnabled(FIRST, false));
      assert.equal(await findKeys(world.database, KEY), undefined);
      await world.database.write(setAccountEnabled(FIRST, true));
      assert.notEqual(await findKeys(world.database, KEY), undefined);
    });
  });
}
