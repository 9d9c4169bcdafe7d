import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { openFolder } from '../../test/folder.ts';
import type { BoundWrite } from './sqlite-batch.ts';
import type { Scalar } from './statement.ts';
import { openInlineWriter, openThreadWriter, type Writer } from './writer.ts';

function insert(...values: Scalar[]): BoundWrite {
  return {
    sql: 'insert into things (id, size, note, bytes) values (?, ?, ?, ?)',
    values,
    changes: 1,
    returns: false,
  };
}

function takeLarger(than: number): BoundWrite {
  const sql = 'delete from things where size > ? returning id as name, size, note, bytes';
  return { sql, values: [than], changes: undefined, returns: true };
}

interface World extends AsyncDisposable {
  readonly writer: Writer;
}

/** Of SQLite's `temp_store`. */
const MEMORY = 2;

const A = { name: 'a', size: 1.5, note: null, bytes: Uint8Array.of(1, 2) };
const B = { name: 'b', size: 1_795_574_982_598, note: 'ü', bytes: Uint8Array.of() };

for (const [place, open] of [
  ['a thread of its own', openThreadWriter],
  ['this thread', openInlineWriter],
] as const) {
  /** A writer to a table with A and B in it. */
  const openWorld = async (): Promise<World> => {
    await using opened = new AsyncDisposableStack();
    const path = opened.use(await openFolder()).file('test.db');
    const bare = new DatabaseSync(path);
    bare.exec(
      'create table things (id text primary key, size, note, bytes); create table revisions (name, value)',
    );
    bare.close();
    const writer = open(path, () => undefined);
    opened.defer(() => writer.close());
    for (const { name, size, note, bytes } of [A, B]) {
      assert.deepEqual(await writer.commit([insert(name, size, note, bytes)], 'deliveries'), { ok: true });
    }
    const kept = opened.move();
    return { writer, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  };

  describe(`a writer in ${place}`, () => {
    it('brings what a write returns as plain objects', async () => {
      await using world = await openWorld();
      const result = await world.writer.commit([takeLarger(0), insert('c', 3, null, null)], 'deliveries');
      assert.deepEqual(result, { ok: true, rows: [A, B] });
    });

    it('makes no file for what a unit may have to take back', async () => {
      await using world = await openWorld();
      const pragma = { sql: 'pragma temp_store', values: [], changes: undefined, returns: true };
      const result = await world.writer.commit([pragma], 'deliveries');
      assert.deepEqual(result, { ok: true, rows: [{ temp_store: MEMORY }] });
    });

    it('brings no rows when there were none', async () => {
      await using world = await openWorld();
      assert.deepEqual(await world.writer.commit([takeLarger(1e15)], 'deliveries'), { ok: true });
    });

    for (const writes of ['deliveries', 'registry'] as const) {
      it(`brings them to their own unit, whatever becomes of its neighbours, where the ${writes} are written`, async () => {
        await using world = await openWorld();
        const absent = {
          sql: 'delete from things where id = ?',
          values: ['nobody'],
          changes: 1,
          returns: false,
        };
        const units = [
          [insert('c', 0, null, null)],
          [insert('c', 0, null, null)],
          [takeLarger(2)],
          [takeLarger(1), absent],
        ];
        // The first makes up a batch of its own in the thread; the others are one.
        const results = await Promise.all(units.map((unit) => world.writer.commit(unit, writes)));
        assert.deepEqual(results, [
          { ok: true },
          { ok: false, failed: -1 },
          { ok: true, rows: [B] },
          { ok: false, failed: 1 },
        ]);
        assert.deepEqual(await world.writer.commit([takeLarger(1)], 'deliveries'), { ok: true, rows: [A] });
      });
    }

    it('tells what SQLite said when it could not be written at all', async () => {
      await using world = await openWorld();
      const wrong = { sql: 'insert into nowhere values (1)', values: [], changes: 1, returns: false };
      await assert.rejects(world.writer.commit([wrong], 'deliveries'), {
        code: 'storage_unavailable',
        retryAfter: 1,
        message: 'The database did not take the write: no such table: nowhere',
      });
      assert.deepEqual(await world.writer.commit([takeLarger(2)], 'deliveries'), { ok: true, rows: [B] });
    });
  });
}
