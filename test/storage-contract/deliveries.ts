/** The queue of deliveries: taken once, held by leases, settled by whoever holds it, listed, followed and removed. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { leastIdAt } from '../../src/domain/delivery.ts';
import { type Database, take, takeRows } from '../../src/storage/database.ts';
import { findDeliveries, findDelivery, findPayload, insertDelivery } from '../../src/storage/deliveries.ts';
import { findChanges } from '../../src/storage/delivery-changes.ts';
import { findDueLanes, findFirstDue, type Lane, settleLane } from '../../src/storage/delivery-lanes.ts';
import { claimDeliveries, endBody, extendLease, settleDelivery } from '../../src/storage/delivery-queue.ts';
import {
  abandonDeliveries,
  dropSome,
  findNextAccount,
  removeEnded,
  removeOldChanges,
} from '../../src/storage/delivery-retention.ts';
import { forgetGone, isGone, noteGone } from '../../src/storage/gone-addresses.ts';
import { statement } from '../../src/storage/statement.ts';
import { create, FIRST, openWorld, type PrepareStorage, remove, SECOND } from './world.ts';

const WEBHOOK = 'messages.inbound_url';
const LANE: Lane = { account: FIRST, application: 'app', webhook: WEBHOOK, repeated: false };

const DELIVERY = {
  account: FIRST,
  id: 'delivery',
  application: 'app',
  webhook: WEBHOOK,
  status: 'queued',
  position: 1,
  createdAt: 1,
  dueAt: 1,
  attempts: 0,
  replayOf: null,
  payload: Buffer.from('{}'),
  payloadSha256: '00',
  keepsBody: true,
} as const;

let made = 0;

/** Accepts a delivery at `now`. */
async function accept(
  database: Database,
  now: number,
  account = FIRST,
  application = 'app',
  payload = Buffer.from('{}'),
) {
  made += 1;
  const id = leastIdAt(now).slice(0, -12) + String(made).padStart(12, '0');
  const result = await database.write(
    insertDelivery({
      ...DELIVERY,
      account,
      id,
      application,
      position: made,
      createdAt: now,
      dueAt: now,
      payload,
    }),
  );
  return { id, result };
}

async function acceptMany(database: Database, count: number, now = 1000): Promise<string[]> {
  const accepted = await Promise.all(Array.from({ length: count }, () => accept(database, now)));
  assert.ok(accepted.every(({ result }) => result.ok));
  return accepted.map(({ id }) => id);
}

const OK = { ok: true };

/** The version of everything but deliveries, as the next client's request finds it. */
async function versionOf(database: Database): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  return database.version();
}

let claims = 0;

async function claim(
  database: Database,
  now: number,
  limit = 100,
  leaseUntil = now + 100,
  takesPayloads = true,
) {
  claims += 1;
  const name = `claim-${claims}`;
  const taking = { lane: LANE, claim: name, now, leaseUntil, limit, takesPayloads };
  const rows = await claimDeliveries(database, taking);
  return { name, ids: rows.map(({ id }) => id), rows };
}

function settle(id: string, claimed: string, dueAt: number | null, at = 2000) {
  return settleDelivery({
    lane: LANE,
    id,
    claim: claimed,
    status: dueAt === null ? 'delivered' : 'waiting',
    at,
    dueAt,
    repeated: dueAt !== null,
    rounds: 1,
    attemptsBefore: 0,
    attempts: [],
    keepsBody: true,
    ncco: undefined,
  });
}

export function describeDeliveries(prepare: PrepareStorage): void {
  describe('the queue of deliveries', () => {
    it('takes nothing for an application that is not there', async () => {
      await using world = await openWorld(prepare);
      assert.deepEqual((await accept(world.database, 1)).result, { ok: false, failed: 0 });
      await create(world.database, SECOND, 'app');
      assert.deepEqual((await accept(world.database, 1)).result, { ok: false, failed: 0 });
    });

    it('leaves the version of everything else as it is, except where an address is found gone', async () => {
      await using world = await openWorld(prepare);
      await create(world.database, FIRST, 'app');
      const { database, other } = world;
      const version = database.version();
      for (const writer of [database, other]) {
        await acceptMany(writer, 2);
        const { name, ids } = await claim(writer, 1000);
        const [first = '', second = ''] = ids;
        assert.ok(second !== '');
        assert.deepEqual(await writer.write([extendLease({ account: FIRST, id: first }, name, 1500)]), OK);
        assert.deepEqual(await writer.write(settle(first, name, null)), OK);
        assert.deepEqual(await writer.write(settle(second, name, 99_000)), OK);
        assert.ok(Object.is(await versionOf(database), version));
      }
      const url = 'https://example.com/gone';
      const place = { account: FIRST, application: 'app', webhook: WEBHOOK };
      await acceptMany(other, 1);
      const { name, ids } = await claim(other, 1000);
      assert.deepEqual(await other.write([...settle(ids[0] ?? '', name, null), noteGone(place, url, 1)]), OK);
      // One that may not be kept is no number, which equals nothing.
      assert.ok((await versionOf(database)) !== version);
    });

    it('is marked as such in all statements that write it, and in no others', () => {
      const units = [
        insertDelivery(DELIVERY),
        [extendLease({ account: FIRST, id: 'delivery' }, 'claim', 1)],
        settle('delivery', 'claim', null),
        settle('delivery', 'claim', 1),
        endBody({ account: FIRST, id: 'delivery' }, false, undefined),
        settleLane(LANE),
        abandonDeliveries(FIRST, 'app', 1),
        [noteGone({ account: FIRST, application: 'app', webhook: WEBHOOK }, 'https://a.example', 1)],
      ];
      for (const { statement: written } of units.flat()) {
        const [, table = ''] = /(?:insert into|update|delete from) (\w+)/.exec(written.text ?? '') ?? [];
        assert.notEqual(table, '');
        assert.equal(written.ofDeliveries === true, /^deliver(ies|y_\w+)$/.test(table), table);
      }
    });

    it('raises the version of everything else with whatever is written beside deliveries', async () => {
      await using world = await openWorld(prepare);
      await create(world.database, FIRST, 'app');
      const { database } = world;
      const version = database.version();
      // The first makes up a batch of its own; the others are one.
      const [, , created] = await Promise.all([
        accept(database, 1000),
        accept(database, 1000),
        create(database, FIRST, 'other'),
        accept(database, 1000),
        accept(database, 1000, FIRST, 'nobody'),
      ]);
      assert.deepEqual(created, OK);
      assert.ok((await versionOf(database)) !== version);
    });

    it('gives out what is due, oldest first, each to one alone', async () => {
      await using world = await openWorld(prepare);
      await create(world.database, FIRST, 'app');
      const ids = await acceptMany(world.database, 60);
      assert.deepEqual((await claim(world.database, 999)).ids, []);
      const taken = await Promise.all(
        [world.database, world.other, world.database, world.other].map((database) =>
          claim(database, 1000, 20),
        ),
      );
      const all = taken.flatMap(({ ids: some }) => some);
      assert.deepEqual(all.toSorted(), ids.toSorted());
      for (const { ids: some } of taken) assert.deepEqual(some, some.toSorted());
    });

    it('gives a delivery to another once its lease has ended, and only who holds it settles it', async () => {
      await using world = await openWorld(prepare);
      await create(world.database, FIRST, 'app');
      const [id = ''] = await acceptMany(world.database, 1);
      const first = await claim(world.database, 1000);
      assert.deepEqual((await claim(world.other, 1099)).ids, []);
      await world.database.write([extendLease({ account: FIRST, id }, first.name, 1200)]);
      assert.deepEqual((await claim(world.other, 1199)).ids, []);
      const second = await claim(world.other, 1200);
      assert.deepEqual(second.ids, [id]);
      assert.deepEqual(await world.database.write(settle(id, first.name, null)), { ok: false, failed: 0 });
      assert.deepEqual(await world.other.write(settle(id, second.name, null)), { ok: true });
      assert.equal((await findDelivery(world.database, { account: FIRST, id }))?.status, 'delivered');
    });

    it('takes small payloads along, and leaves larger ones where they are', async () => {
      await using world = await openWorld(prepare);
      await create(world.database, FIRST, 'app');
      const payloads = ['{"text":"hé \\u0000 😀"}', `"${'x'.repeat(2046)}"`, `"${'x'.repeat(2047)}"`];
      for (const payload of payloads) await accept(world.database, 1000, FIRST, 'app', Buffer.from(payload));
      const { rows } = await claim(world.database, 1000);
      assert.deepEqual(
        rows.map(({ payload }) => payload && Buffer.from(payload as string).toString()),
        [payloads[0], payloads[1], null],
      );
      const id = rows[2]?.id ?? '';
      const found = await findPayload(world.database, { account: FIRST, id });
      assert.deepEqual(Buffer.from(found ?? []).toString(), payloads[2]);
      const { rows: again } = await claim(world.database, 1100, 100, 1200, false);
      assert.deepEqual(
        again.map(({ payload }) => payload),
        [null, null, null],
      );
    });

    it('lists lanes for as long as they have something, with the time of the first', async () => {
      await using world = await openWorld(prepare);
      const { database } = world;
      await create(database, FIRST, 'app');
      assert.equal(await findFirstDue(database), undefined);
      const [id = ''] = await acceptMany(database, 1);
      const due = (now: number) => findDueLanes(database, { now, after: undefined, limit: 10 });
      assert.deepEqual(await due(999), []);
      assert.deepEqual(await due(1000), [{ ...LANE, dueAt: 1000 }]);
      const { name } = await claim(database, 1000);
      assert.equal(await findFirstDue(database), 1100);
      await database.write(settle(id, name, 5000));
      await claim(database, 1100);
      assert.deepEqual(await due(5000), [{ ...LANE, repeated: true, dueAt: 5000 }]);
      const after = { ...LANE, repeated: true, dueAt: 5000 };
      assert.deepEqual(await findDueLanes(database, { now: 9000, after, limit: 10 }), []);
    });

    it('tells changes in the order in which they can be read, whoever writes them', async () => {
      await using world = await openWorld(prepare);
      await create(world.database, FIRST, 'app');
      const seen: number[] = [];
      let writing = true;
      const follow = (async () => {
        let after = 0;
        while (writing) {
          world.database.refresh();
          const rows = await findChanges(world.database, {
            account: FIRST,
            application: undefined,
            after,
            limit: 50,
          });
          for (const { sequence } of rows) seen.push(sequence);
          after = seen.at(-1) ?? 0;
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      const writers = Array.from({ length: 200 }, (_, number) => (number % 2 ? world.database : world.other));
      await Promise.all(writers.map((database) => accept(database, 1000)));
      writing = false;
      await follow;
      world.database.refresh();
      const query = { account: FIRST, application: 'app', after: 0, limit: 1000 };
      const all = (await findChanges(world.database, query)).map(({ sequence }) => sequence);
      assert.equal(all.length, 200);
      assert.deepEqual(seen, all.slice(0, seen.length));
    });

    it('drops what waits with its application, and leaves what somebody works on', async () => {
      await using world = await openWorld(prepare);
      const { database } = world;
      await create(database, FIRST, 'app');
      const ids = await acceptMany(database, 30);
      const held = await claim(database, 1000, 5);
      await remove(database, FIRST, 'app');
      const seen = await findDelivery(database, { account: FIRST, id: ids[29] ?? '' });
      assert.equal(seen?.status, 'dropped');
      await database.write(abandonDeliveries(FIRST, 'app', 1001));
      const list = (status: 'dropped' | 'delivering') =>
        findDeliveries(database, {
          account: FIRST,
          application: 'app',
          webhook: WEBHOOK,
          status,
          before: 'g',
          limit: 100,
        });
      assert.deepEqual(
        (await list('dropped')).map(({ id }) => id),
        ids.slice(5).toReversed(),
      );
      assert.deepEqual((await list('delivering')).map(({ id }) => id).toSorted(), held.ids);
      assert.equal(await dropSome(database, { account: FIRST, application: 'app', now: 1, limit: 9 }), 0);
    });

    it('removes what has ended by its age, and with it all that belongs to it', async () => {
      await using world = await openWorld(prepare);
      const { database } = world;
      await create(database, FIRST, 'app');
      const old = await acceptMany(database, 5, 1000);
      await acceptMany(database, 5, 50_000);
      const { name } = await claim(database, 1000);
      for (const id of old.slice(1)) await database.write(settle(id, name, null));
      const before = leastIdAt(40_000);
      const query = { account: FIRST, application: undefined, after: 0, limit: 100 };
      const told = (await findChanges(database, query)).length;
      assert.equal(await removeEnded(database, { account: FIRST, before, limit: 3 }), 3);
      assert.equal(await removeEnded(database, { account: FIRST, before, limit: 3 }), 1);
      assert.equal(await removeEnded(database, { account: FIRST, before, limit: 3 }), 0);
      assert.equal(await findNextAccount(database, ''), FIRST);
      assert.equal(await findNextAccount(database, FIRST), undefined);
      // Its changes are still counted, so that whoever follows passes them by, and tell nothing of it.
      const changes = await findChanges(database, query);
      assert.equal(changes.length, told);
      assert.deepEqual(
        changes.filter(({ id }) => id !== null && old.slice(1).includes(id)),
        [],
      );
      assert.ok((await removeOldChanges(database, { account: FIRST, before: 40_000, limit: 100 })) > 0);
      const left = await findChanges(database, query);
      assert.deepEqual(
        new Set(left.map((change) => change.id !== null && change.created_at)),
        new Set([50_000]),
      );
    });

    it('knows an address that is gone until it is forgotten, and none of an application written since', async () => {
      await using world = await openWorld(prepare);
      const { database } = world;
      await create(database, FIRST, 'app');
      await database.write([noteGone(LANE, 'http://a/', 1), noteGone(LANE, 'http://b/', 2)]);
      assert.equal(await isGone(database, LANE, 'http://a/'), true);
      assert.equal(await isGone(database, LANE, 'http://b/'), false);
      assert.equal(await isGone(database, { ...LANE, account: SECOND }, 'http://a/'), false);
      await database.write([forgetGone(FIRST, 'app')]);
      assert.equal(await isGone(database, LANE, 'http://a/'), false);
    });
  });

  describe('a unit with a write that returns rows', () => {
    const rename = statement<{ name: string }, { api_key: string }>((db, parameter) =>
      db
        .updateTable('accounts')
        .set({ name: parameter('name') })
        .returning('api_key'),
    );

    it('answers them, and none when it does not hold', async () => {
      await using world = await openWorld(prepare);
      const { database } = world;
      const rows = await takeRows(database, take(rename, { name: 'both' }));
      assert.deepEqual(rows.map(({ api_key }) => api_key).toSorted(), [FIRST, SECOND]);
      const [broken] = settle('nobody', 'nothing', null);
      assert.ok(broken);
      assert.deepEqual(await takeRows(database, take(rename, { name: 'none' }), [broken]), []);
      assert.deepEqual(await takeRows(database, take(rename, { name: 'both' })), rows);
    });
  });
}
