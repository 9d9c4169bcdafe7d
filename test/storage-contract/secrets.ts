/** Secrets in a database: so many of each kind, each its account's own. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  deleteSecret,
  findAllSecrets,
  findSecrets,
  insertSecret,
  isSecretValid,
  replaceSecretContent,
  requireSecretCount,
  type SecretKind,
} from '../../src/storage/secrets.ts';
import { FIRST, openWorld, type PrepareStorage, SECOND } from './world.ts';

export function describeSecrets(prepare: PrepareStorage): void {
  describe('the secrets of an account', () => {
    it('are found by kind, oldest first, byte for byte', async () => {
      await using world = await openWorld(prepare);
      const content = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      await world.database.write(insertSecret(secret('newer', 'api', FIRST, content, 5), 2));
      await world.database.write(insertSecret(secret('older', 'api', FIRST, content, 4), 2));
      await world.database.write(insertSecret(secret('signer', 'signature'), 2));
      const rows = await findSecrets(world.other, 'api', FIRST);
      assert.deepEqual(
        rows.map((row) => row.id),
        ['older', 'newer'],
      );
      assert.ok(rows.every((row) => Buffer.from(row.content).equals(content)));
      assert.deepEqual(
        (await findSecrets(world.database, 'signature', FIRST)).map((row) => row.id),
        ['signer'],
      );
    });

    it('are at most so many of a kind, also when they come at once from several sides', async () => {
      await using world = await openWorld(prepare);
      for (const kind of ['api', 'signature'] as const) {
        const results = await Promise.all(
          Array.from({ length: 12 }, (_, index) =>
            (index % 2 ? world.database : world.other).write(
              insertSecret(secret(`${kind}-${index}`, kind), 2),
            ),
          ),
        );
        assert.equal(results.filter((result) => result.ok).length, 2);
        assert.ok(results.every((result) => result.ok || result.failed === 1));
        assert.equal((await findSecrets(world.database, kind, FIRST)).length, 2);
      }
      assert.deepEqual(await world.database.write(insertSecret(secret('s', 'api', SECOND), 2)), {
        ok: true,
      });
    });

    it('cannot be added to an account that is not there', async () => {
      await using world = await openWorld(prepare);
      const orphan = insertSecret(secret('s', 'api', '00000000'), 2);
      assert.deepEqual(await world.database.write(orphan), { ok: false, failed: 0 });
    });

    it('are valid until they are deleted', async () => {
      await using world = await openWorld(prepare);
      await world.database.write(insertSecret(secret('s', 'api'), 2));
      assert.equal(await isSecretValid(world.database, FIRST, 's'), true);
      assert.equal(await isSecretValid(world.database, SECOND, 's'), false);
      assert.deepEqual(await world.database.write(deleteSecret('api', SECOND, 's', 0)), {
        ok: false,
        failed: 1,
      });
      assert.deepEqual(await world.database.write(deleteSecret('signature', FIRST, 's', 0)), {
        ok: false,
        failed: 1,
      });
      assert.deepEqual(await world.database.write(deleteSecret('api', FIRST, 's', 0)), { ok: true });
      assert.equal(await isSecretValid(world.database, FIRST, 's'), false);
      assert.deepEqual(await world.database.write(deleteSecret('api', FIRST, 's', 0)), {
        ok: false,
        failed: 1,
      });
    });

    it('are not deleted when too few of their kind would be left', async () => {
      await using world = await openWorld(prepare);
      const { database } = world;
      const few = { ok: false, failed: 1 };
      await database.write(insertSecret(secret('one', 'signature'), 2));
      await database.write(insertSecret(secret('api', 'api'), 2));
      await database.write(insertSecret(secret('of-another', 'signature', SECOND), 2));
      assert.deepEqual(await database.write(deleteSecret('signature', FIRST, 'one', 1)), few);
      await database.write(insertSecret(secret('two', 'signature'), 2));
      assert.deepEqual(await database.write(deleteSecret('signature', FIRST, 'one', 1)), { ok: true });
      assert.deepEqual(await database.write(deleteSecret('signature', FIRST, 'two', 1)), few);
    });

    it('fail a unit that counts on more or fewer of them', async () => {
      await using world = await openWorld(prepare);
      const { database } = world;
      await database.write(insertSecret(secret('one', 'signature'), 2));
      await database.write(insertSecret(secret('api', 'api'), 2));
      await database.write(insertSecret(secret('two', 'signature', SECOND), 2));
      for (const count of [0, 1, 2, 3]) {
        const { ok } = await database.write([requireSecretCount('signature', count)]);
        assert.equal(ok, count === 2, `${count}`);
      }
    });

    it('are found of all accounts and replaced', async () => {
      await using world = await openWorld(prepare);
      for (const account of [FIRST, SECOND]) {
        await world.database.write(insertSecret(secret(`of-${account}`, 'signature', account), 2));
      }
      const result = await world.database.write([
        replaceSecretContent(FIRST, `of-${FIRST}`, Buffer.from('new')),
      ]);
      assert.deepEqual(result, { ok: true });
      const rows = await findAllSecrets(world.database, 'signature');
      const contents = rows.map((row) => `${row.account} ${Buffer.from(row.content)}`).sort();
      assert.deepEqual(contents, [`${FIRST} new`, `${SECOND} content`]);
      const missing = replaceSecretContent(FIRST, 'nobody', Buffer.of(1));
      assert.deepEqual(await world.database.write([missing]), { ok: false, failed: 0 });
    });
  });
}

function secret(
  id: string,
  kind: SecretKind,
  account = FIRST,
  content: Uint8Array = Buffer.from('content'),
  now = 1,
) {
  return { kind, account, id, content, now };
}
