/** Applications in a database: found by their account alone, listed in order, counted without counting. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  deleteApplication,
  findApplication,
  insertApplication,
  requireUnchanged,
  updateApplication,
} from '../../src/storage/applications.ts';
import {
  countOf,
  create,
  FIRST,
  list,
  openWorld,
  type PrepareStorage,
  read,
  remove,
  SECOND,
} from './world.ts';

export function describeApplications(prepare: PrepareStorage): void {
  describe('the applications of an account', () => {
    it('are kept as the text they came as', async () => {
      await using world = await openWorld(prepare);
      const key = { account: FIRST, id: 'a' };
      const document = '{"name":"Ünï 🎈 \\u0000 \'quoted\' \\"twice\\" %s ? :name"}';
      await world.database.write(insertApplication(key, document, 1));
      assert.partialDeepStrictEqual(await findApplication(world.other, key), { document, version: 1 });
    });

    it('are replaced only by who knows the version and the content that stand', async () => {
      await using world = await openWorld(prepare);
      const key = { account: FIRST, id: 'a' };
      await create(world.database, FIRST, 'a');
      const read = { document: '"a"', version: 1 };
      assert.deepEqual(await world.database.write(updateApplication(key, read, '"b"', 2)), { ok: true });
      for (const stale of [read, { ...read, version: 2 }, { ...read, document: '"b"' }]) {
        const late = await world.other.write(updateApplication(key, stale, '"c"', 2));
        assert.deepEqual(late, { ok: false, failed: 0 });
      }
      assert.partialDeepStrictEqual(await findApplication(world.database, key), {
        document: '"b"',
        version: 2,
      });
    });

    it('are removed on demand only while they are as they were read, in version and in content', async () => {
      await using world = await openWorld(prepare);
      const { database, other } = world;
      const key = { account: FIRST, id: 'a' };
      await create(database, FIRST, 'a');
      const read = { document: '"a"', version: 1 };
      for (const stale of [
        { ...read, version: 2 },
        { ...read, document: '"b"' },
      ]) {
        const unit = [...requireUnchanged(key, stale), ...deleteApplication(key)];
        assert.deepEqual(await other.write(unit), { ok: false, failed: 1 });
      }
      await remove(database, FIRST, 'a');
      await database.write(insertApplication(key, '"again"', 1));
      assert.deepEqual(await database.write(updateApplication(key, read, '"lost"', 2)), {
        ok: false,
        failed: 0,
      });
      const now = { document: '"again"', version: 1 };
      assert.deepEqual(await database.write([...requireUnchanged(key, now), ...deleteApplication(key)]), {
        ok: true,
      });
      assert.deepEqual(await list(database, FIRST), { ids: [], total: 0 });
    });

    it('lose no update when several run at a time', async () => {
      await using world = await openWorld(prepare);
      const key = { account: FIRST, id: 'a' };
      await create(world.database, FIRST, 'a');
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 ? world.database : world.other).write(
            updateApplication(key, { document: '"a"', version: 1 }, `"${index}"`, 2),
          ),
        ),
      );
      assert.equal(results.filter((result) => result.ok).length, 1);
      const winner = results.findIndex((result) => result.ok);
      assert.equal(await read(world.database, FIRST, 'a'), `"${winner}"`);
    });

    it('W35 are listed by creation, oldest first, also when their ids sort otherwise', async () => {
      await using world = await openWorld(prepare);
      const ids = ['m', 'z', 'a', '9', 'Z', 'b'];
      for (const id of ids) await create(world.database, FIRST, id);
      await remove(world.database, FIRST, 'a');
      await remove(world.database, FIRST, 'b');
      await create(world.database, FIRST, 'b');
      await create(world.database, FIRST, '0');
      assert.deepEqual((await list(world.database, FIRST)).ids, ['m', 'z', '9', 'Z', 'b', '0']);
      await world.database.write(
        updateApplication({ account: FIRST, id: 'm' }, { document: '"m"', version: 1 }, '"m"', 99),
      );
      assert.deepEqual((await list(world.database, FIRST, 2, 1)).ids, ['z', '9']);
    });

    it('W34 end with an empty page behind the last', async () => {
      await using world = await openWorld(prepare);
      for (const id of ['a', 'b', 'c']) await create(world.database, FIRST, id);
      assert.deepEqual(await list(world.database, FIRST, 2, 2), { ids: ['c'], total: 3 });
      assert.deepEqual(await list(world.database, FIRST, 3, 3), { ids: [], total: 3 });
      const farthest = 2_147_483_646 * 1000;
      assert.deepEqual(await list(world.database, FIRST, 1000, farthest), { ids: [], total: 3 });
      assert.deepEqual(await list(world.database, SECOND), { ids: [], total: 0 });
      assert.deepEqual(await list(world.database, '00000000'), { ids: [], total: 0 });
    });

    it('W55 are out of reach for another account', async () => {
      await using world = await openWorld(prepare);
      const { database } = world;
      await create(database, FIRST, 'a');
      assert.equal(await read(database, SECOND, 'a'), undefined);
      assert.deepEqual(await list(database, SECOND), { ids: [], total: 0 });
      const foreign = updateApplication(
        { account: SECOND, id: 'a' },
        { document: '"a"', version: 1 },
        '"x"',
        2,
      );
      assert.deepEqual(await database.write(foreign), { ok: false, failed: 0 });
      assert.equal((await remove(database, SECOND, 'a')).ok, false);
      assert.equal(await read(database, FIRST, 'a'), '"a"');
      assert.deepEqual(await create(database, SECOND, 'a'), { ok: true }, 'an id is an account’s own');
      await remove(database, SECOND, 'a');
      assert.deepEqual(await list(database, FIRST), { ids: ['a'], total: 1 });
    });

    it('are seen by every read that begins after their write was answered', async () => {
      await using world = await openWorld(prepare);
      const { database, other } = world;
      for (let round = 0; round < 30; round += 1) {
        const [writer, reader] = round % 2 ? [database, other] : [other, database];
        const id = `id-${round}`;
        assert.equal(await read(reader, FIRST, id), undefined);
        await create(writer, FIRST, id);
        assert.equal(await read(writer, FIRST, id), `"${id}"`);
        assert.equal(await seenLater(reader, id), `"${id}"`);
      }
    });
  });

  describe('a page of many applications', () => {
    it('is where a plain list has it, whatever was created and deleted meanwhile', async () => {
      await using world = await openWorld(prepare);
      const { database, other } = world;
      const ids = Array.from({ length: 600 }, (_, index) => `id-${index}`);
      const lifecycle = fc.asyncProperty(
        fc.array(fc.nat(599), { minLength: 1, maxLength: 150 }),
        fc.array(fc.record({ offset: fc.nat(700), limit: fc.integer({ min: 1, max: 90 }) }), {
          maxLength: 12,
        }),
        async (deleted, pages) => {
          const creates = ids.map((id, index) => create(index % 2 ? database : other, FIRST, id));
          const deletes = deleted.map((index) => remove(index % 3 ? database : other, FIRST, `id-${index}`));
          await Promise.all([...creates, ...deletes]);
          await new Promise((resolve) => setImmediate(resolve));
          // The first page needs no counts of blocks.
          const whole = await list(database, FIRST, 2000, 0);
          assert.equal(whole.ids.length, whole.total);
          for (const { offset, limit } of pages) {
            const page = await list(database, FIRST, limit, offset);
            assert.deepEqual(page, { ids: whole.ids.slice(offset, offset + limit), total: whole.total });
          }
        },
      );
      await fc.assert(lifecycle, { numRuns: 6 });
    });
  });

  describe('the number of applications', () => {
    it('is that of the applications there are, after any creates and deletes', async () => {
      await using world = await openWorld(prepare);
      const { database, other } = world;
      const step = fc.record({
        what: fc.constantFrom(create, create, remove),
        by: fc.constantFrom(database, other),
        account: fc.constantFrom(FIRST, SECOND),
        id: fc.integer({ min: 0, max: 12 }).map((number) => `id-${number}`),
      });
      const lifecycle = fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 25 }),
        fc.boolean(),
        async (steps, atOnce) => {
          if (atOnce) await Promise.all(steps.map(({ what, by, account, id }) => what(by, account, id)));
          else for (const { what, by, account, id } of steps) await what(by, account, id);
          for (const account of [FIRST, SECOND]) {
            await new Promise((resolve) => setImmediate(resolve));
            const { ids, total } = await list(database, account);
            assert.equal(total, ids.length);
            assert.equal(await countOf(other, account), ids.length);
          }
        },
      );
      await fc.assert(lifecycle, { numRuns: 25 });
    });
  });
}

/** Reads as another client's request does: in a later turn of the event loop than the answer to the write. */
async function seenLater(reader: Parameters<typeof read>[0], id: string): Promise<string | undefined> {
  await new Promise((resolve) => setImmediate(resolve));
  return read(reader, FIRST, id);
}
