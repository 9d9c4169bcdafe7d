/** What stays of deliveries: bodies by the mode, the list, replays, and removal by age. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '../condition.ts';
import { openReceiver, respond } from './receiver.ts';
import { ACCOUNT, awaitStatus, createApplication, messages, openDeliveryWorld } from './world.ts';

const INBOUND = 'messages.inbound_url';
const HOUR = 3_600_000;
const SECRET = 'a text that is nobody else business';

/** Delivers one event, after one failure, and answers it as it is kept. */
async function deliverOne(bodies: string, improveAi: boolean) {
  await using receiver = await openReceiver((call, response) =>
    respond(receiver.calls.length === 1 ? 500 : 200, { echo: SECRET })(call, response),
  );
  await using world = await openDeliveryWorld({ env: { JACKFIELD_DELIVERY_BODIES: bodies } });
  const { deliveries } = world.context;
  const capabilities = messages(`${receiver.url}/in?note=${encodeURIComponent(SECRET)}`);
  const application = await createApplication(world, capabilities, { improve_ai: improveAi });
  const { id } = await deliveries.accept(ACCOUNT, application, INBOUND, { text: SECRET });
  await awaitStatus(world, id, 'waiting');
  world.time.advance(7000);
  const delivery = await awaitStatus(world, id, 'delivered');
  const replayed = await deliveries.replay(ACCOUNT, id).catch((error: { code: string }) => error.code);
  return { delivery, replayed, log: world.logLines.join('') };
}

describe('the bodies of a delivery that has ended', () => {
  it('D34 are kept where that is wanted, for the log and for replay', async () => {
    for (const [bodies, improveAi] of [
      ['keep', false],
      ['private', true],
    ] as const) {
      const { delivery, replayed, log } = await deliverOne(bodies, improveAi);
      assert.equal(delivery.payload, JSON.stringify({ text: SECRET }));
      assert.equal(delivery.dropped, undefined);
      assert.equal(delivery.attempts[1]?.responseExcerpt, JSON.stringify({ echo: SECRET }));
      assert.equal(typeof replayed, 'object');
      assert.ok(!log.includes(SECRET));
    }
  });

  it('D34 are dropped otherwise, with the query of the addresses and the answers', async () => {
    for (const [bodies, improveAi] of [
      ['drop', true],
      ['private', false],
    ] as const) {
      const { delivery, replayed, log } = await deliverOne(bodies, improveAi);
      assert.ok(!JSON.stringify(delivery).includes(SECRET));
      assert.ok(!JSON.stringify(delivery).includes(encodeURIComponent(SECRET)));
      const payloadBytes = JSON.stringify({ text: SECRET }).length;
      assert.equal(delivery.dropped?.payloadBytes, payloadBytes);
      assert.match(delivery.dropped?.payloadSha256 ?? '', /^[0-9a-f]{64}$/);
      assert.deepEqual(
        delivery.attempts.map(({ statusCode }) => statusCode),
        [500, 200],
      );
      assert.equal(replayed, 'body_dropped');
      assert.ok(!log.includes(SECRET));
    }
  });
});

describe('the list of deliveries', () => {
  it('goes from the newest to the oldest, page by page, by filters', async () => {
    await using receiver = await openReceiver(respond(200));
    await using world = await openDeliveryWorld();
    const { deliveries } = world.context;
    const application = await createApplication(world, messages(receiver.url));
    const ids: string[] = [];
    for (let number = 0; number < 25; number += 1)
      ids.unshift((await deliveries.accept(ACCOUNT, application, INBOUND, { number })).id);
    for (const id of ids) await awaitStatus(world, id, 'delivered');
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = { application_id: application, webhook: INBOUND, status: 'delivered', limit: '10' };
      const page = await deliveries.list(ACCOUNT, cursor === undefined ? query : { ...query, cursor });
      seen.push(...page.deliveries.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    assert.deepEqual(seen, ids);
    assert.equal((await deliveries.list(ACCOUNT, {})).deliveries.length, 20);
    assert.equal((await deliveries.list('bbbb2222', {})).deliveries.length, 0);
    assert.equal((await deliveries.list(ACCOUNT, { status: 'failed' })).deliveries.length, 0);
    await assert.rejects(deliveries.find('bbbb2222', ids[0] ?? ''), { code: 'delivery_not_found' });
    for (const wrong of [{ limit: '0' }, { limit: '101' }, { limit: 'x' }, { cursor: 'x' }, { status: 'x' }])
      await assert.rejects(deliveries.list(ACCOUNT, wrong), { code: 'list_invalid' });
  });
});

describe('a replay', () => {
  it('sends the event once more, and says of what', async () => {
    await using receiver = await openReceiver(respond(400));
    await using world = await openDeliveryWorld();
    const { deliveries } = world.context;
    const application = await createApplication(world, messages(receiver.url));
    const from = new Date(world.time.now()).toISOString();
    const { id } = await deliveries.accept(ACCOUNT, application, INBOUND, { once: 'more' });
    await awaitStatus(world, id, 'failed');
    receiver.answer(respond(200));
    const replay = await deliveries.replay(ACCOUNT, id);
    assert.equal(replay.replayOf, id);
    const delivery = await awaitStatus(world, replay.id, 'delivered');
    assert.equal(delivery.replayOf, id);
    assert.equal(receiver.calls[1]?.headers['x-jackfield-replay-of'], id);
    assert.equal(receiver.calls[1]?.body, receiver.calls[0]?.body);
    world.time.advance(1000);
    const to = new Date(world.time.now()).toISOString();
    const span = { application_id: application, webhook: INBOUND, status: 'failed', from, to };
    assert.deepEqual(await deliveries.replayMany(ACCOUNT, span), { queued: 1 });
    await until('it came again', () => receiver.calls.length === 3);
    await assert.rejects(deliveries.replayMany(ACCOUNT, { ...span, from: 'yesterday' }), {
      code: 'payload_invalid',
    });
  });
});

describe('what is old', () => {
  it('is removed when it has been kept long enough, and its changes after an hour', async () => {
    await using receiver = await openReceiver(respond(200));
    await using world = await openDeliveryWorld({ env: { JACKFIELD_DELIVERY_RETENTION_DAYS: '2' } });
    const { deliveries } = world.context;
    const application = await createApplication(world, messages(receiver.url));
    const old = await deliveries.accept(ACCOUNT, application, INBOUND, {});
    await awaitStatus(world, old.id, 'delivered');
    world.time.advance(47 * HOUR);
    const young = await deliveries.accept(ACCOUNT, application, INBOUND, {});
    await awaitStatus(world, young.id, 'delivered');
    await awaitStatus(world, old.id, 'delivered');
    world.time.advance(2 * HOUR);
    await until('the old one is removed', async () => {
      world.context.database.refresh();
      world.time.advance(61_000);
      const { deliveries: left } = await deliveries.list(ACCOUNT, {});
      return left.length === 1 && left[0]?.id === young.id;
    });
    const youngest = await deliveries.accept(ACCOUNT, application, INBOUND, {});
    for await (const { delivery } of deliveries.changes(ACCOUNT, { after: '0' })) {
      assert.equal(delivery.id, youngest.id);
      break;
    }
  });
});
