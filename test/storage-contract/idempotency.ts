/** What is remembered of idempotency keys: once for each account, for as long as it lasts, and cleaned up by account. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deleteAccount } from '../../src/storage/accounts.ts';
import { insertApplication } from '../../src/storage/applications.ts';
import type { Database } from '../../src/storage/database.ts';
import {
  findDueAccounts,
  findIdempotencyKey,
  forgetDue,
  type IdempotencyRow,
  insertIdempotencyKey,
} from '../../src/storage/idempotency.ts';
import { FIRST, list, openWorld, type PrepareStorage, SECOND } from './world.ts';

const HASH = Buffer.from('hash');

function rowOf(account: string, more: Partial<IdempotencyRow> = {}): IdempotencyRow {
  return {
    account,
    key_hash: HASH,
    body_hash: Buffer.from('body'),
    application: 'a',
    answer: Buffer.from('answer'),
    private_key: Buffer.from('private'),
    expires_at: 1000,
    due_at: 100,
    ...more,
  };
}

/** Creates an application with what is remembered of its key. */
function remember(database: Database, row: IdempotencyRow, id: string, now = 1) {
  const { account } = row;
  return database.write([
    ...insertApplication({ account, id }, JSON.stringify(id), now),
    ...insertIdempotencyKey(row, now),
  ]);
}

const hasPrivateKey = (row: IdempotencyRow | undefined) => row && row.private_key !== null;

export function describeIdempotency(prepare: PrepareStorage): void {
  describe('what is remembered of an idempotency key', () => {
    it('is found by the account and the hash', async () => {
      await using world = await openWorld(prepare);
      assert.deepEqual(await remember(world.database, rowOf(FIRST), 'a'), { ok: true });
      const found = await findIdempotencyKey(world.other, FIRST, HASH);
      assert.equal(Buffer.from(found?.answer ?? []).toString(), 'answer');
      assert.equal(found?.application, 'a');
      assert.equal(await findIdempotencyKey(world.other, SECOND, HASH), undefined);
      assert.equal(await findIdempotencyKey(world.other, FIRST, Buffer.from('other')), undefined);
    });

    it('keeps a second create from being made, of all that come at once', async () => {
      await using world = await openWorld(prepare);
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          remember(n % 2 ? world.database : world.other, rowOf(FIRST), `id-${n}`),
        ),
      );
      assert.equal(results.filter(({ ok }) => ok).length, 1);
      assert.equal((await list(world.database, FIRST)).total, 1);
      assert.deepEqual(await remember(world.database, rowOf(SECOND), 'b'), { ok: true });
    });

    it('gives way to another one once it has expired', async () => {
      await using world = await openWorld(prepare);
      await remember(world.database, rowOf(FIRST), 'a');
      assert.equal((await remember(world.database, rowOf(FIRST), 'b', 999)).ok, false);
      const next = rowOf(FIRST, { application: 'b', expires_at: 2000, due_at: 1100 });
      assert.equal((await remember(world.database, next, 'b', 1000)).ok, true);
      assert.equal((await findIdempotencyKey(world.database, FIRST, HASH))?.application, 'b');
    });

    it('goes with its account', async () => {
      await using world = await openWorld(prepare);
      await remember(world.database, rowOf(FIRST), 'a');
      await world.database.write(deleteAccount(FIRST, 1));
      assert.equal(await findIdempotencyKey(world.database, FIRST, HASH), undefined);
      assert.deepEqual(await findDueAccounts(world.database, 10_000, 10), []);
      assert.equal((await world.database.write(forgetDue(FIRST, 10_000, 10))).ok, false);
    });
  });

  describe('the cleaning of what is remembered', () => {
    it('is due for an account when its first row is, the private key before the rest', async () => {
      await using world = await openWorld(prepare);
      const { database, other } = world;
      await remember(database, rowOf(FIRST), 'a');
      await remember(database, rowOf(SECOND, { private_key: null, due_at: 1000 }), 'b');
      assert.deepEqual(await findDueAccounts(other, 99, 10), []);
      assert.deepEqual(await findDueAccounts(other, 100, 10), [FIRST]);
      assert.deepEqual(await database.write(forgetDue(FIRST, 100, 10)), { ok: true });
      assert.equal(hasPrivateKey(await findIdempotencyKey(database, FIRST, HASH)), false);
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(await findDueAccounts(other, 999, 10), []);
      assert.deepEqual((await findDueAccounts(other, 1000, 10)).sort(), [FIRST, SECOND]);
      assert.equal((await findDueAccounts(other, 1000, 1)).length, 1);
      await other.write(forgetDue(FIRST, 1000, 10));
      assert.equal(await findIdempotencyKey(other, FIRST, HASH), undefined);
      assert.deepEqual(await findDueAccounts(other, 1000, 10), [SECOND]);
    });

    it('is bounded, and comes back for what is left', async () => {
      await using world = await openWorld(prepare);
      const { database } = world;
      for (let n = 0; n < 5; n += 1)
        await remember(database, rowOf(FIRST, { key_hash: Buffer.of(n), due_at: 100 + n }), `id-${n}`);
      await remember(database, rowOf(FIRST, { due_at: 5000, expires_at: 5000 }), 'later');
      const left = async () => {
        const rows = [0, 1, 2, 3, 4].map((n) => findIdempotencyKey(database, FIRST, Buffer.of(n)));
        return (await Promise.all(rows)).filter((row) => row !== undefined).length;
      };
      for (const expected of [3, 1, 0]) {
        assert.deepEqual(await findDueAccounts(database, 1000, 10), [FIRST]);
        await database.write(forgetDue(FIRST, 1000, 2));
        assert.equal(await left(), expected);
      }
      assert.deepEqual(await findDueAccounts(database, 4999, 10), []);
      assert.deepEqual(await findDueAccounts(database, 5000, 10), [FIRST]);
    });

    it('is due sooner when a row comes that is', async () => {
      await using world = await openWorld(prepare);
      const { database } = world;
      await remember(database, rowOf(FIRST, { private_key: null, due_at: 1000 }), 'a');
      await remember(database, rowOf(FIRST, { key_hash: Buffer.of(1), due_at: 200 }), 'b');
      await remember(database, rowOf(FIRST, { key_hash: Buffer.of(2), due_at: 300 }), 'c');
      assert.deepEqual(await findDueAccounts(database, 199, 10), []);
      assert.deepEqual(await findDueAccounts(database, 200, 10), [FIRST]);
    });
  });
}
