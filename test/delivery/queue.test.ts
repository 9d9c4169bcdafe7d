/** The queue from acceptance to its end: durable, in order, repeated on schedule, dropped in time. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { until } from '../condition.ts';
import { hang, openReceiver, reset, respond } from './receiver.ts';
import {
  ACCOUNT,
  awaitStatus,
  createApplication,
  messages,
  openDeliveryWorld,
  putApplication,
} from './world.ts';

const INBOUND = 'messages.inbound_url';
const SECOND = 1000;

describe('an event', () => {
  it('D31 is called with its delivery id, and recorded with its attempt', async () => {
    await using receiver = await openReceiver(respond(200, { thanks: true }));
    await using world = await openDeliveryWorld();
    const application = await createApplication(world, messages(`${receiver.url}/in?a=1`));
    const { deliveries } = world.context;
    const accepted = await deliveries.accept(ACCOUNT, application, INBOUND, { text: 'hello' });
    assert.equal(accepted.status, 'queued');
    const delivery = await awaitStatus(world, accepted.id, 'delivered');
    const [call] = receiver.calls;
    assert.equal(receiver.calls.length, 1);
    assert.equal(call?.headers['x-jackfield-delivery'], accepted.id);
    assert.equal(call?.body, '{"text":"hello"}');
    assert.equal(delivery.payload, '{"text":"hello"}');
    const [attempt] = delivery.attempts;
    assert.equal(attempt?.outcome, 'delivered');
    assert.equal(attempt?.statusCode, 200);
    assert.equal(attempt?.url, `${receiver.url}/in?a=1`);
    assert.equal(attempt?.responseExcerpt, '{"thanks":true}');
    assert.ok(attempt && !('Authorization' in attempt.requestHeaders));
    const [, claims = ''] = call?.headers.authorization?.split('.') ?? [];
    assert.equal(JSON.parse(Buffer.from(claims, 'base64url').toString()).jti, attempt?.id);
  });

  it('D10 is sent as it was accepted, small or large, with the hash of its bytes', async () => {
    await using receiver = await openReceiver();
    await using world = await openDeliveryWorld();
    const application = await createApplication(world, messages(receiver.url));
    const { deliveries } = world.context;
    const payloads = [{ text: 'hé \0 😀 \ud800', 2: [1.5, null] }, {}, { text: 'é'.repeat(3000) }];
    for (const payload of payloads) {
      const { id } = await deliveries.accept(ACCOUNT, application, INBOUND, payload);
      await awaitStatus(world, id, 'delivered');
      const { body = '', headers } = receiver.calls.at(-1) ?? {};
      assert.equal(body, JSON.stringify(payload));
      const [, claims = ''] = headers?.authorization?.split('.') ?? [];
      const { payload_hash: hash } = JSON.parse(Buffer.from(claims, 'base64url').toString());
      assert.equal(hash, createHash('sha256').update(body).digest('hex'));
    }
  });

  it('D30 is repeated after 5, 10, 20 … 640 s, then every 15 min, and dropped after 24 h', async () => {
    await using receiver = await openReceiver(respond(503));
    await using world = await openDeliveryWorld();
    const application = await createApplication(world, messages(receiver.url));
    const { deliveries } = world.context;
    const { id } = await deliveries.accept(ACCOUNT, application, INBOUND, {});
    const begun = world.time.now();
    const waits: number[] = [];
    for (let tries = 1; tries <= 11; tries += 1) {
      await until('it waits', async () => {
        world.context.database.refresh();
        const { status, attempts } = await deliveries.find(ACCOUNT, id);
        return status === 'waiting' && attempts.length === tries;
      });
      const { nextAttemptAt = 0 } = await deliveries.find(ACCOUNT, id);
      const wait = nextAttemptAt - world.time.now();
      waits.push(wait / SECOND);
      world.time.advance(wait - 1);
      world.time.advance(SECOND + 1);
    }
    // Each is begun up to a second late, as the list of what is due is looked at once a second.
    assert.deepEqual(waits, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]);
    assert.equal(new Set(receiver.calls.map(({ headers }) => headers['x-jackfield-delivery'])).size, 1);
    const tokens = receiver.calls.map(({ headers }) => headers.authorization);
    assert.equal(new Set(tokens).size, tokens.length);
    await awaitStatus(world, id, 'waiting');
    world.time.advance(24 * 3600 * SECOND - (world.time.now() - begun));
    const { attempts } = await awaitStatus(world, id, 'dropped');
    assert.equal(attempts.length, receiver.calls.length);
  });

  it('D30 waits longer when it is asked to, never shorter', async () => {
    await using receiver = await openReceiver(respond(429, undefined, { 'Retry-After': '60' }));
    await using world = await openDeliveryWorld();
    const application = await createApplication(world, messages(receiver.url));
    const { id } = await world.context.deliveries.accept(ACCOUNT, application, INBOUND, {});
    const { nextAttemptAt = 0 } = await awaitStatus(world, id, 'waiting');
    assert.equal(nextAttemptAt - world.time.now(), 60 * SECOND);
    receiver.answer(respond(429, undefined, { 'Retry-After': '1' }));
    world.time.advance(61 * SECOND);
    await until('it was called again', () => receiver.calls.length === 2);
    const again = await awaitStatus(world, id, 'waiting');
    assert.equal((again.nextAttemptAt ?? 0) - world.time.now(), 10 * SECOND);
  });

  it('D30 ends at a 410, and later ones are gone without a call until the application is written', async () => {
    await using receiver = await openReceiver(respond(410));
    await using world = await openDeliveryWorld();
    const { deliveries } = world.context;
    const application = await createApplication(world, messages(receiver.url));
    const first = await deliveries.accept(ACCOUNT, application, INBOUND, {});
    await awaitStatus(world, first.id, 'failed');
    const second = await deliveries.accept(ACCOUNT, application, INBOUND, {});
    assert.equal(second.status, 'gone');
    assert.equal((await deliveries.find(ACCOUNT, second.id)).status, 'gone');
    await putApplication(world, application, messages(receiver.url));
    receiver.answer(respond(200));
    const third = await deliveries.accept(ACCOUNT, application, INBOUND, {});
    await awaitStatus(world, third.id, 'delivered');
    assert.equal(receiver.calls.length, 2);
  });

  it('D32 begins first attempts in the order accepted, and no repeat holds them up', async () => {
    await using receiver = await openReceiver((call, response) =>
      respond(call.body.includes('broken') ? 500 : 200)(call, response),
    );
    await using world = await openDeliveryWorld({ delivers: false });
    const { deliveries, courier } = world.context;
    const application = await createApplication(world, messages(receiver.url));
    const broken = await deliveries.accept(ACCOUNT, application, INBOUND, { broken: true });
    const ids = [broken.id];
    for (let number = 0; number < 100; number += 1)
      ids.push((await deliveries.accept(ACCOUNT, application, INBOUND, { number })).id);
    courier.start();
    for (const id of ids.slice(1)) await awaitStatus(world, id, 'delivered');
    const { status } = await deliveries.find(ACCOUNT, broken.id);
    assert.equal(status, 'waiting');
    const started = await Promise.all(
      ids.map(async (id) => (await deliveries.find(ACCOUNT, id)).attempts[0]?.id ?? ''),
    );
    // Ids of a test rise in the order in which they are made.
    assert.ok(started.every((id) => id !== ''));
    assert.deepEqual(started, started.toSorted());
  });

  it('D35 is dropped with its application, and told of', async () => {
    await using receiver = await openReceiver(reset);
    await using world = await openDeliveryWorld();
    const { deliveries, applications } = world.context;
    const application = await createApplication(world, messages(receiver.url));
    const { id } = await deliveries.accept(ACCOUNT, application, INBOUND, {});
    await awaitStatus(world, id, 'waiting');
    await applications.remove(ACCOUNT, application);
    assert.equal((await deliveries.find(ACCOUNT, id)).status, 'dropped');
    const page = await deliveries.list(ACCOUNT, { status: 'dropped' });
    assert.deepEqual(
      page.deliveries.map((delivery) => delivery.id),
      [id],
    );
    const calls = receiver.calls.length;
    world.time.advance(3600 * SECOND);
    await assert.rejects(deliveries.replay(ACCOUNT, id), { code: 'application_gone' });
    assert.equal(receiver.calls.length, calls);
  });

  it('D35 is dropped with its application also where thousands wait', async () => {
    await using receiver = await openReceiver(hang);
    await using world = await openDeliveryWorld();
    const { deliveries, applications } = world.context;
    const application = await createApplication(world, messages(receiver.url));
    const accepted = await Promise.all(
      Array.from({ length: 2500 }, () => deliveries.accept(ACCOUNT, application, INBOUND, {})),
    );
    await until('some are under way', () => receiver.calls.length > 0);
    await applications.remove(ACCOUNT, application);
    const last = accepted.at(-1)?.id ?? '';
    assert.equal((await deliveries.find(ACCOUNT, last)).status, 'dropped');
    await until('all that waited are dropped', async () => {
      world.context.database.refresh();
      world.time.advance(SECOND);
      const left = await deliveries.list(ACCOUNT, { status: 'queued', limit: '1' });
      return left.deliveries.length === 0 && left.nextCursor === undefined;
    });
  });
});
