/** Accounts in a database: who there is, who may come in, and what goes with an account. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deleteAccount, findAccount, findAccounts, setAccountEnabled } from '../../src/storage/accounts.ts';
import { findSecrets, insertSecret, isSecretValid } from '../../src/storage/secrets.ts';
import { create, FIRST, list, newAccount, openWorld, type PrepareStorage, read, SECOND } from './world.ts';

export function describeAccounts(prepare: PrepareStorage): void {
  describe('an account', () => {
    it('is found with all that was said of it', async () => {
      await using world = await openWorld(prepare);
      const account = await findAccount(world.other, FIRST);
      assert.deepEqual(account && { ...account, secret_salt: Buffer.from(account.secret_salt).toString() }, {
        api_key: FIRST,
        name: `account ${FIRST}`,
        enabled: 1,
        secret_salt: FIRST,
        application_count: 0,
        created_at: 1,
      });
      assert.equal(await findAccount(world.database, 'cccc3333'), undefined);
    });

    it('is listed by its age', async () => {
      await using world = await openWorld(prepare);
      // Past 32 bits, as times in ms are.
      await world.database.write([newAccount('00000001', 1_767_225_600_000)]);
      await world.database.write([newAccount('ffffffff', 0)]);
      const keys = (await findAccounts(world.database)).map((row) => row.api_key);
      assert.deepEqual(keys, ['ffffffff', FIRST, SECOND, '00000001']);
      assert.equal((await findAccount(world.database, '00000001'))?.created_at, 1_767_225_600_000);
    });

    it('is there once', async () => {
      await using world = await openWorld(prepare);
      const attempts = [world.database, world.other, world.database, world.other];
      const results = await Promise.all(attempts.map((database) => database.write([newAccount('cccc3333')])));
      assert.equal(results.filter((result) => result.ok).length, 1);
    });

    it('is switched off and on', async () => {
      await using world = await openWorld(prepare);
      await world.database.write(insertSecret(secretOf(FIRST), 2));
      for (const enabled of [false, true]) {
        assert.deepEqual(await world.database.write(setAccountEnabled(FIRST, enabled)), { ok: true });
        assert.equal((await findAccount(world.database, FIRST))?.enabled, enabled ? 1 : 0);
        assert.equal(await isSecretValid(world.database, FIRST, 'secret'), enabled);
      }
      assert.deepEqual(await world.database.write(setAccountEnabled('cccc3333', true)), {
        ok: false,
        failed: 0,
      });
    });

    it('takes its applications and secrets with it, and nobody else’s', async () => {
      await using world = await openWorld(prepare);
      const { database } = world;
      for (const account of [FIRST, SECOND]) {
        await create(database, account, 'a');
        await create(database, account, 'b');
        await database.write(insertSecret(secretOf(account), 2));
      }
      assert.deepEqual(await database.write(deleteAccount(FIRST, 2)), { ok: true });
      assert.equal(await findAccount(database, FIRST), undefined);
      assert.equal(await read(database, FIRST, 'a'), undefined);
      assert.deepEqual(await list(database, FIRST), { ids: [], total: 0 });
      assert.deepEqual(await findSecrets(database, 'api', FIRST), []);
      assert.equal(await isSecretValid(database, FIRST, 'secret'), false);
      assert.deepEqual(await list(database, SECOND), { ids: ['a', 'b'], total: 2 });
      assert.equal((await findSecrets(database, 'api', SECOND)).length, 1);
      await database.write([newAccount(FIRST)]);
      assert.deepEqual(await list(database, FIRST), { ids: [], total: 0 }, 'nothing comes back with its key');
    });

    it('stays when it has more applications than may be lost', async () => {
      await using world = await openWorld(prepare);
      await create(world.database, FIRST, 'a');
      assert.deepEqual(await world.database.write(deleteAccount(FIRST, 0)), { ok: false, failed: 0 });
      assert.deepEqual(await list(world.database, FIRST), { ids: ['a'], total: 1 });
    });

    it('takes no application once it is gone, whoever is faster', async () => {
      await using world = await openWorld(prepare);
      const { database, other } = world;
      const creates = Array.from({ length: 20 }, (_, index) => create(other, FIRST, `id-${index}`));
      const deleted = await database.write(deleteAccount(FIRST, Number.MAX_SAFE_INTEGER));
      assert.deepEqual(deleted, { ok: true });
      await Promise.all(creates);
      assert.deepEqual(await create(other, FIRST, 'late'), { ok: false, failed: 0 });
      assert.deepEqual(await list(database, FIRST), { ids: [], total: 0 });
    });
  });
}

function secretOf(account: string) {
  return { kind: 'api', account, id: 'secret', content: Buffer.from('hash'), now: 1 } as const;
}
