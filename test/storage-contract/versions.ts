/** The two numbers that caches live by: the version of everything but deliveries, the revision of credentials. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deleteAccount, setAccountEnabled } from '../../src/storage/accounts.ts';
import type { Database } from '../../src/storage/database.ts';
import { deleteSecret, insertSecret } from '../../src/storage/secrets.ts';
import { addSetting } from '../../src/storage/settings.ts';
import { until } from '../condition.ts';
import { create, FIRST, openWorld, type PrepareStorage, remove, SECOND } from './world.ts';

/** Ends a turn of the event loop, as the next client's request does. */
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

export function describeVersions(prepare: PrepareStorage): void {
  describe('the version of a database', () => {
    for (const who of ['database', 'other'] as const) {
      it(`differs after each write of ${who === 'database' ? 'its own' : 'another connection'}`, async () => {
        await using world = await openWorld(prepare);
        const writer: Database = world[who];
        const seen = [world.database.version()];
        const writes = [
          () => create(writer, FIRST, 'a'),
          () => remove(writer, FIRST, 'a'),
          () => writer.write([addSetting('x', Buffer.of(1))]),
          () => writer.write(setAccountEnabled(FIRST, false)),
        ];
        for (const write of writes) {
          assert.deepEqual(await write(), { ok: true });
          if (who === 'other') await nextTurn();
          const version = world.database.version();
          // One that may not be kept is no number, which equals nothing.
          assert.ok(seen.every((earlier) => earlier !== version));
          seen.push(version);
        }
      });
    }

    it('stays when nothing was written', async () => {
      await using world = await openWorld(prepare);
      const version = world.database.version();
      await nextTurn();
      assert.ok(Object.is(world.database.version(), version));
    });
  });

  describe('the revision of credentials', () => {
    it('rises with whatever can make credentials wrong, whoever does it', async () => {
      await using world = await openWorld(prepare);
      for (const writer of [world.database, world.other]) {
        for (const id of ['one', 'two']) {
          const secret = { kind: 'api', account: SECOND, id, content: Buffer.of(1), now: 1 } as const;
          await writer.write(insertSecret(secret, 2));
        }
        for (const unit of [
          deleteSecret('api', SECOND, 'one', 0),
          deleteSecret('api', SECOND, 'two', 0),
          setAccountEnabled(SECOND, false),
          setAccountEnabled(SECOND, true),
        ]) {
          assert.ok(await rises(world.database, () => writer.write(unit)));
        }
      }
      assert.ok(await rises(world.database, () => world.other.write(deleteAccount(SECOND, 0))));
    });

    it('stays with everything else', async () => {
      await using world = await openWorld(prepare);
      const { database, other } = world;
      const before = database.credentialRevision();
      await create(other, FIRST, 'a');
      await remove(database, FIRST, 'a');
      await database.write(setAccountEnabled('00000000', false));
      assert.ok(await rises(database, () => other.write(setAccountEnabled(FIRST, false))));
      assert.equal(database.credentialRevision(), before + 1, 'the last one alone');
    });
  });
}

/** Whether the revision rises within a second, which is how long another process's change may take to be heard of. */
async function rises(database: Database, write: () => Promise<unknown>): Promise<boolean> {
  const before = database.credentialRevision();
  await write();
  await nextTurn();
  await until('the revision to rise', () => database.credentialRevision() > before, 1000);
  return true;
}
