/** Units of writes: all of one or nothing of it, whatever happens to its neighbours. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findAccount } from '../../src/storage/accounts.ts';
import { insertApplication, updateApplication } from '../../src/storage/applications.ts';
import { isReachable } from '../../src/storage/health.ts';
import { addSetting, findSetting } from '../../src/storage/settings.ts';
import { countOf, create, FIRST, list, newAccount, openWorld, type PrepareStorage, read } from './world.ts';

export function describeUnits(prepare: PrepareStorage): void {
  describe('a unit of writes', () => {
    it('is committed as a whole', async () => {
      await using world = await openWorld(prepare);
      const unit = [addSetting('one', Buffer.of(1)), addSetting('two', Buffer.of(2))];
      assert.deepEqual(await world.database.write(unit), { ok: true });
      assert.deepEqual([...((await findSetting(world.other, 'one')) ?? [])], [1]);
      assert.deepEqual([...((await findSetting(world.other, 'two')) ?? [])], [2]);
    });

    it('leaves nothing behind when one of its writes changed too few rows, and names that write', async () => {
      await using world = await openWorld(prepare);
      const missing = updateApplication(
        { account: FIRST, id: 'nobody' },
        { document: '{}', version: 1 },
        '{}',
        1,
      );
      for (const before of [0, 1, 2]) {
        const leading = ['one', 'two'].slice(0, before).map((name) => addSetting(name, Buffer.of(1)));
        const result = await world.database.write([...leading, ...missing, newAccount('cccc3333')]);
        assert.deepEqual(result, { ok: false, failed: before });
        assert.equal(await findSetting(world.database, 'one'), undefined);
        assert.equal(await findAccount(world.database, 'cccc3333'), undefined);
      }
    });

    it('leaves nothing behind when it breaks a constraint', async () => {
      await using world = await openWorld(prepare);
      const result = await world.database.write([addSetting('one', Buffer.of(1)), newAccount(FIRST)]);
      assert.deepEqual(result, { ok: false, failed: -1 });
      assert.equal(await findSetting(world.database, 'one'), undefined);
    });

    it('fails when it refers to an account that is not there', async () => {
      await using world = await openWorld(prepare);
      const [, insertAlone] = insertApplication({ account: '00000000', id: 'a' }, '{}', 1);
      assert.ok(insertAlone);
      assert.deepEqual(await world.database.write([insertAlone]), { ok: false, failed: 0 });
      assert.deepEqual(await create(world.database, '00000000', 'a'), { ok: false, failed: 0 });
      assert.equal(await read(world.database, '00000000', 'a'), undefined);
    });

    it('does not take its neighbours with it when it fails', async () => {
      await using world = await openWorld(prepare);
      const ids = Array.from({ length: 60 }, (_, index) => `id-${index}`);
      const results = await Promise.all(
        ids.flatMap((id) => [
          create(world.database, FIRST, id),
          create(world.database, FIRST, id),
          world.database.write([addSetting(id, Buffer.of(1)), newAccount(FIRST)]),
          world.database.write(
            updateApplication({ account: FIRST, id }, { document: `"${id}"`, version: 7 }, '{}', 1),
          ),
        ]),
      );
      const outcomes = Array.from({ length: 4 }, (_, kind) => results.filter((_, at) => at % 4 === kind));
      assert.ok(outcomes[0]?.every((result) => result.ok));
      assert.ok(outcomes[1]?.every((result) => !result.ok && result.failed === -1));
      assert.ok(outcomes[2]?.every((result) => !result.ok && result.failed === -1));
      assert.ok(outcomes[3]?.every((result) => !result.ok && result.failed === 0));
      assert.deepEqual((await list(world.database, FIRST)).ids, ids);
      assert.equal(await findSetting(world.database, 'id-0'), undefined);
    });

    it('is applied in the order in which it came', async () => {
      await using world = await openWorld(prepare);
      await create(world.database, FIRST, 'a');
      const key = { account: FIRST, id: 'a' };
      let stored = { document: '"a"', version: 1 };
      const updates = Array.from({ length: 50 }, (_, index) => {
        const document = `"${index + 1}"`;
        const update = updateApplication(key, stored, document, 1);
        stored = { document, version: stored.version + 1 };
        return update;
      });
      const results = await Promise.all(updates.map((update) => world.database.write(update)));
      assert.ok(results.every((result) => result.ok));
      assert.equal(await read(world.database, FIRST, 'a'), '"50"');
    });

    it('is one of many that several connections write at a time', async () => {
      await using world = await openWorld(prepare);
      const { database, other } = world;
      const writers = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? database : other));
      const results = await Promise.all(writers.map((writer, index) => create(writer, FIRST, `id-${index}`)));
      assert.ok(results.every((result) => result.ok));
      assert.equal(await countOf(database, FIRST), 200);
      assert.equal((await list(other, FIRST)).ids.length, 200);
    });

    it('adds a setting once, whoever is first', async () => {
      await using world = await openWorld(prepare);
      const bytes = [1, 2, 3, 4];
      const results = await Promise.all(
        bytes.map((byte) =>
          (byte % 2 ? world.database : world.other).write([addSetting('name', Buffer.of(byte))]),
        ),
      );
      assert.equal(results.filter((result) => result.ok).length, 1);
      const winner = bytes[results.findIndex((result) => result.ok)];
      assert.equal((await findSetting(world.database, 'name'))?.[0], winner);
    });
  });

  describe('a database', () => {
    it('says that it can be reached', async () => {
      await using world = await openWorld(prepare);
      assert.equal(await isReachable(world.database), true);
    });

    it('finishes the writes it has taken before it closes, and takes none afterwards', async () => {
      await using storage = await prepare();
      const database = await storage.open();
      await database.write([newAccount(FIRST)]);
      const writes = Array.from({ length: 20 }, (_, index) => create(database, FIRST, `id-${index}`));
      await database.close();
      assert.ok((await Promise.all(writes)).every((result) => result.ok));
      await assert.rejects(create(database, FIRST, 'late'), { code: 'storage_unavailable' });
      assert.equal(await isReachable(database), false);
      await database.close();
      await using again = await storage.open();
      assert.equal((await list(again, FIRST)).total, 20);
    });
  });
}
