/** Several processes on one queue: no attempt is made twice while a lease lives, and none is lost. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { claimDeliveries } from '../../src/storage/delivery-queue.ts';
import { until } from '../condition.ts';
import { hang, openReceiver, respond } from './receiver.ts';
import { ACCOUNT, awaitStatus, createApplication, messages, openDeliveryWorld } from './world.ts';

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
});
