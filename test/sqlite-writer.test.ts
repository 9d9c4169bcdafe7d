/** What becomes of writes when their thread, their process or their disk fails. */

import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, it } from 'node:test';
import type { Worker } from 'node:worker_threads';
import type { Database } from '../src/storage/database.ts';
import { openSqlite } from '../src/storage/sqlite.ts';
import { openChild } from './child.ts';
import { type Folder, openFolder } from './folder.ts';
import { countOf, create, FIRST, list, newAccount } from './storage-contract/world.ts';

/** Tells of the threads that this process starts, as Node itself tells of them. */
function watchThreads(): Disposable & { readonly threads: Worker[] } {
  const threads: Worker[] = [];
  const notice = (message: unknown) => void threads.push((message as { worker: Worker }).worker);
  subscribe('worker_threads', notice);
  return { threads, [Symbol.dispose]: () => void unsubscribe('worker_threads', notice) };
}

async function openFilled(folder: Folder): Promise<Database> {
  const database = await openSqlite({ path: folder.file('test.db'), writer: 'thread' });
  await database.write([newAccount(FIRST)]);
  return database;
}

/** Asserts that the counter is right and that what was answered is there. */
async function assertWhole(database: Database, answered: readonly string[]): Promise<void> {
  const { ids, total } = await list(database, FIRST, 1_000_000);
  assert.equal(total, ids.length);
  assert.equal(await countOf(database, FIRST), ids.length);
  const there = new Set(ids);
  assert.equal(there.size, ids.length);
  assert.deepEqual(
    answered.filter((id) => !there.has(id)),
    [],
  );
}

describe('the writing thread', () => {
  it('is one, and is gone when the database is closed', async () => {
    await using folder = await openFolder();
    using watch = watchThreads();
    const database = await openFilled(folder);
    assert.equal(watch.threads.length, 1);
    await database.close();
    assert.equal(watch.threads[0]?.threadId, -1, 'a thread that has ended has no number');
  });

  it('starts ahead of the first write when that is asked for, once, and never behind the end', async () => {
    await using folder = await openFolder();
    using watch = watchThreads();
    const database = await openSqlite({ path: folder.file('test.db'), writer: 'thread' });
    assert.equal(watch.threads.length, 0);
    database.warm();
    database.warm();
    assert.equal(watch.threads.length, 1);
    // It is still starting.
    await database.close();
    assert.equal(watch.threads[0]?.threadId, -1);
    database.warm();
    assert.equal(watch.threads.length, 1);
  });

  it('is started anew by a write when it ended before there was any', async () => {
    await using folder = await openFolder();
    using watch = watchThreads();
    await using database = await openSqlite({ path: folder.file('test.db'), writer: 'thread' });
    database.warm();
    await watch.threads[0]?.terminate();
    assert.deepEqual(await database.write([newAccount(FIRST)]), { ok: true });
    assert.equal(watch.threads.length, 2);
  });

  it('fails the writes under way when it ends, and another takes the next', async () => {
    await using folder = await openFolder();
    using watch = watchThreads();
    await using database = await openFilled(folder);
    for (let round = 0; round < 3; round += 1) {
      const ids = Array.from({ length: 200 }, (_, number) => `${round}-${number}`);
      // The first write is a batch of its own; all others wait for it and make up the next.
      const writes = ids.map((id) => create(database, FIRST, id));
      const settled = Promise.allSettled(writes);
      await watch.threads.at(-1)?.terminate();
      const outcomes = await settled;
      const answered = ids.filter((_, number) => outcomes[number]?.status === 'fulfilled');
      const lost = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      assert.ok(lost.length > 0);
      for (const error of lost) {
        assert.equal(error.code, 'storage_unavailable');
        assert.equal(error.retryAfter, 1);
      }
      assert.deepEqual(await create(database, FIRST, `${round}-after`), { ok: true });
      await assertWhole(database, [...answered, `${round}-after`]);
    }
    assert.equal(watch.threads.length, 4);
  });

  it('ends without a write lost when the database is closed after its end', async () => {
    await using folder = await openFolder();
    using watch = watchThreads();
    const database = await openFilled(folder);
    await watch.threads[0]?.terminate();
    await database.close();
    await assert.rejects(create(database, FIRST, 'late'), { code: 'storage_unavailable' });
  });
});

describe('a process that is killed while it writes', () => {
  it('has written all that it answered, and nothing by half', async () => {
    await using folder = await openFolder();
    const path = folder.file('test.db');
    await (await openFilled(folder)).close();
    const answered: string[] = [];
    for (let round = 0; round < 10; round += 1) {
      await using child = await openChild('database');
      await child.call('open', { url: `sqlite:${path}`, writer: 'thread' });
      const enough = Promise.withResolvers<void>();
      const target = answered.length + 40 + round * 20;
      child.onMessage((message) => {
        const { created } = message as { created?: string };
        if (created !== undefined) answered.push(created);
        if (answered.length >= target) enough.resolve();
      });
      await child.call('createWithoutEnd', { account: FIRST, prefix: `${round}`, parallel: 8 });
      await enough.promise;
      await child.kill();
      await using database = await openSqlite({ path, writer: 'inline' });
      await assertWhole(database, answered);
    }
    assert.ok(answered.length >= 10 * 40);
  });
});
