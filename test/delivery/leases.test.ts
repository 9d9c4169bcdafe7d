/** Several processes on one queue: no attempt is made twice while a lease lives, and none is lost. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Database, Key } from '../../src/storage/database.ts';
import { claimDeliveries } from '../../src/storage/delivery-queue.ts';
import { textStatement } from '../../src/storage/statement.ts';
import { until } from '../condition.ts';
import { hang, openReceiver, respond } from './receiver.ts';
import { ACCOUNT, awaitStatus, createApplication, messages, openDeliveryWorld } from './world.ts';

const selectLease = textStatement<Key, { due_at: number }>(
  'select due_at from deliveries where account = :account and id = :id',
);

/** Until when nobody else may take a delivery. */
async function readLease(database: Database, id: string): Promise<number> {
  const [row] = await database.all(selectLease, { account: ACCOUNT, id });
  return row?.due_at ?? 0;
}

const INBOUND = 'messages.inbound_url';
const SECOND = 1000;

describe('two processes', () => {
  it('share the work, and make each attempt once', async () => {
    await using receiver = await openReceiver(respond(200));
    await using world = await openDeliveryWorld();
    const other = await world.openOther();
    const application = await createApplication(world, messages(receiver.url));
    const { deliveries } = world.context;
    const accepted = await Promise.all(
      Array.from({ length: 300 }, (_, number) =>
        (number % 2 ? deliveries : other.deliveries).accept(ACCOUNT, application, INBOUND, { number }),
      ),
    );
    for (const { id } of accepted) await awaitStatus(world, id, 'delivered');
    const ids = receiver.calls.map(({ headers }) => headers['x-jackfield-delivery']);
    assert.deepEqual(ids.toSorted(), accepted.map(({ id }) => id).toSorted());
    assert.ok(world.context.courier.figures.ended.get('delivered'));
    assert.ok(other.courier.figures.ended.get('delivered'));
  });

  it('D31 take up what one has left, as soon as its lease has ended', async () => {
    await using receiver = await openReceiver(respond(200));
    await using world = await openDeliveryWorld({ delivers: false });
    const { courier, database } = world.context;
    const application = await createApplication(world, messages(receiver.url));
    // Accepted and taken by a process that ends before it calls.
    const dead = await world.openOther({ delivers: false });
    await dead.courier.stop(0);
    await dead.deliveries.accept(ACCOUNT, application, INBOUND, {}).catch(() => undefined);
    const [left] = (await world.context.deliveries.list(ACCOUNT, {})).deliveries;
    assert.ok(left);
    const lane = { account: ACCOUNT, application, webhook: INBOUND, repeated: false };
    const now = world.time.now();
    const taken = await claimDeliveries(database, {
      lane,
      claim: 'dead/1',
      now,
      leaseUntil: now + 20 * SECOND,
      limit: 10,
      takesPayloads: true,
    });
    assert.deepEqual(
      taken.map(({ id }) => id),
      [left.id],
    );
    courier.start();
    world.time.advance(19 * SECOND);
    assert.equal((await world.context.deliveries.find(ACCOUNT, left.id)).status, 'delivering');
    assert.equal(receiver.calls.length, 0);
    world.time.advance(2 * SECOND);
    const { attempts } = await awaitStatus(world, left.id, 'delivered');
    assert.equal(attempts.length, 1);
  });

  it('see what the other accepts and delivers', async () => {
    await using receiver = await openReceiver(respond(200));
    await using world = await openDeliveryWorld({ delivers: false });
    const other = await world.openOther();
    const application = await createApplication(world, messages(receiver.url));
    const changes: string[] = [];
    const ended = new AbortController();
    const followed = (async () => {
      for await (const { delivery } of world.context.deliveries.changes(ACCOUNT, { signal: ended.signal })) {
        changes.push(delivery.status);
        if (delivery.status === 'delivered') break;
      }
    })();
    const { id } = await other.deliveries.accept(ACCOUNT, application, INBOUND, {});
    const moving = setInterval(() => world.time.advance(SECOND), 20);
    const delivery = await world.context.deliveries.waitFor(ACCOUNT, id, 60 * SECOND);
    await followed;
    clearInterval(moving);
    assert.equal(delivery.status, 'delivered');
    assert.deepEqual(changes, ['queued', 'delivering', 'delivered']);
  });
});

describe('the end of a process', () => {
  it('gives back what it has not begun, and lets calls under way end', async () => {
    await using receiver = await openReceiver(hang);
    await using world = await openDeliveryWorld();
    const { deliveries, courier } = world.context;
    const application = await createApplication(world, messages(receiver.url));
    const accepted = await Promise.all(
      Array.from({ length: 100 }, () => deliveries.accept(ACCOUNT, application, INBOUND, {})),
    );
    await until('some are under way', () => receiver.calls.length >= 30);
    const stopped = courier.stop(1000);
    await until('nothing is held', async () => {
      world.time.advance(100);
      world.context.database.refresh();
      const { deliveries: held } = await deliveries.list(ACCOUNT, { status: 'delivering', limit: '100' });
      return held.length === 0;
    });
    await stopped;
    receiver.answer(respond(200));
    const other = await world.openOther();
    assert.ok(other);
    for (const { id } of accepted) await awaitStatus(world, id, 'delivered');
  });

  it('takes nothing of the queue while it rests, and still gets the answer somebody waits for', async () => {
    await using receiver = await openReceiver(hang);
    await using world = await openDeliveryWorld();
    const { deliveries, courier } = world.context;
    const answer_url = { address: `${receiver.url}/answer`, socket_timeout: 1000 };
    const voice = { webhooks: { answer_url } };
    const application = await createApplication(world, { ...messages(receiver.url), voice });
    const answering = deliveries.answer(ACCOUNT, application, {});
    await until('the answer is asked for', () => receiver.calls.length === 1);
    courier.rest();
    receiver.answer(respond(200, [{ action: 'talk', text: 'hello' }]));
    const { id } = await deliveries.accept(ACCOUNT, application, INBOUND, {});
    const second = await deliveries.answer(ACCOUNT, application, {});
    assert.equal(second.status, 'delivered');
    world.time.advance(5 * SECOND);
    assert.equal((await deliveries.find(ACCOUNT, id)).status, 'queued');
    assert.ok(receiver.calls.every(({ path }) => path.startsWith('/answer')));
    const { attempts } = await answering;
    assert.deepEqual(
      attempts.map(({ outcome }) => outcome),
      ['socket_timeout', 'delivered'],
    );
  });

  it('keeps the leases of calls under way, so that nobody else makes them', async () => {
    await using receiver = await openReceiver(hang);
    await using world = await openDeliveryWorld();
    const { database, deliveries, courier } = world.context;
    const application = await createApplication(world, messages(receiver.url));
    const { id } = await deliveries.accept(ACCOUNT, application, INBOUND, {});
    await until('it is under way', () => receiver.calls.length === 1);
    const stopped = courier.stop(60 * SECOND);
    const lane = { account: ACCOUNT, application, webhook: INBOUND, repeated: false };
    for (let step = 0; step < 6; step += 1) {
      const before = await readLease(database, id);
      world.time.advance(5.1 * SECOND);
      await until('the lease is longer', async () => {
        database.refresh();
        return (await readLease(database, id)) > before;
      });
      const now = world.time.now();
      const taking = { lane, claim: `other/${step}`, now, leaseUntil: now + 20 * SECOND };
      assert.deepEqual(await claimDeliveries(database, { ...taking, limit: 1, takesPayloads: true }), []);
    }
    world.time.advance(60 * SECOND);
    await stopped;
    assert.equal(receiver.calls.length, 1);
  });
});
