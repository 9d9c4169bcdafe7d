/** The webhooks of calls: answered at once, tried once more, or by the fallback. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hang, openReceiver, reset, respond } from './receiver.ts';
import { ACCOUNT, awaitStatus, createApplication, openDeliveryWorld } from './world.ts';

const NCCO = [{ action: 'talk', text: 'hello' }];

/** The capability `voice` with these addresses, called by POST with the shortest clocks. */
function voice(addresses: Readonly<Record<string, string>>) {
  const clocks = { connection_timeout: 300, socket_timeout: 1000 };
  const webhooks = Object.fromEntries(
    Object.entries(addresses).map(([name, address]) => [name, { address, http_method: 'POST', ...clocks }]),
  );
  return { voice: { webhooks } };
}

describe('the answer of a call', () => {
  it('D20 is the NCCO that answer_url gives, and recorded as a delivery', async () => {
    await using receiver = await openReceiver(respond(200, NCCO));
    await using world = await openDeliveryWorld();
    const { deliveries } = world.context;
    const application = await createApplication(world, voice({ answer_url: receiver.url }));
    const answered = await deliveries.answer(ACCOUNT, application, { to: '44' });
    assert.equal(answered.status, 'delivered');
    assert.deepEqual(JSON.parse(answered.ncco ?? ''), NCCO);
    const kept = await deliveries.find(ACCOUNT, answered.id);
    assert.equal(kept.status, 'delivered');
    assert.equal(kept.webhook, 'voice.answer_url');
    assert.deepEqual(JSON.parse(kept.ncco ?? ''), NCCO);
    assert.deepEqual(kept.attempts, answered.attempts);
    assert.equal(receiver.calls[0]?.headers['x-jackfield-delivery'], answered.id);
  });

  it('D21 is asked for once more after a reset, under another token and the same delivery', async () => {
    await using receiver = await openReceiver((call, response) =>
      (receiver.calls.length === 1 ? reset : respond(200, NCCO))(call, response),
    );
    await using world = await openDeliveryWorld();
    const application = await createApplication(world, voice({ answer_url: receiver.url }));
    const { status, attempts } = await world.context.deliveries.answer(ACCOUNT, application, {});
    assert.equal(status, 'delivered');
    assert.deepEqual(
      attempts.map(({ outcome }) => outcome),
      ['reset', 'delivered'],
    );
    const [first, second] = receiver.calls;
    assert.equal(first?.headers['x-jackfield-delivery'], second?.headers['x-jackfield-delivery']);
    assert.notEqual(first?.headers.authorization, second?.headers.authorization);
  });

  it('D21 D22 comes from the fallback at once after another HTTP error, with the reason', async () => {
    await using broken = await openReceiver(respond(500));
    await using fallback = await openReceiver(respond(200, NCCO));
    await using world = await openDeliveryWorld();
    const addresses = { answer_url: `${broken.url}/a`, fallback_answer_url: fallback.url };
    const application = await createApplication(world, voice(addresses));
    const answered = await world.context.deliveries.answer(ACCOUNT, application, {
      to: '44',
      reason: 'mine',
    });
    assert.equal(answered.status, 'delivered');
    assert.equal(broken.calls.length, 1);
    const told = JSON.parse(fallback.calls[0]?.body ?? '');
    assert.equal(told.to, '44');
    assert.match(told.reason, /500/);
    assert.deepEqual(told.original_request, { url: `${broken.url}/a`, type: 'answer' });
  });

  it('D22 fails when each address has failed twice', async () => {
    await using first = await openReceiver(hang);
    await using fallback = await openReceiver(respond(503));
    await using world = await openDeliveryWorld();
    const { deliveries } = world.context;
    const addresses = { answer_url: first.url, fallback_answer_url: fallback.url };
    const application = await createApplication(world, voice(addresses));
    const answered = await deliveries.answer(ACCOUNT, application, {});
    assert.equal(answered.status, 'failed');
    assert.equal(answered.ncco, undefined);
    const outcomes = answered.attempts.map(({ outcome }) => outcome);
    assert.deepEqual(outcomes, ['socket_timeout', 'socket_timeout', 'http_error', 'http_error']);
    assert.equal((await deliveries.find(ACCOUNT, answered.id)).status, 'failed');
  });

  it('D20 is bad when it is no NCCO', async () => {
    await using receiver = await openReceiver(respond(200, { action: 'talk' }));
    await using world = await openDeliveryWorld();
    const application = await createApplication(world, voice({ answer_url: receiver.url }));
    const { status, attempts } = await world.context.deliveries.answer(ACCOUNT, application, {});
    assert.equal(status, 'failed');
    assert.deepEqual(
      attempts.map(({ outcome }) => outcome),
      ['bad_ncco'],
    );
  });
});

describe('an event of a call', () => {
  it('D23 is tried once more and has failed then, without the fallback', async () => {
    await using events = await openReceiver(respond(503));
    await using fallback = await openReceiver(respond(200, NCCO));
    await using world = await openDeliveryWorld();
    const addresses = {
      event_url: events.url,
      fallback_answer_url: fallback.url,
    };
    const application = await createApplication(world, voice(addresses));
    const event = { status: 'completed' };
    const { id } = await world.context.deliveries.accept(ACCOUNT, application, 'voice.event_url', event);
    const { attempts } = await awaitStatus(world, id, 'failed');
    assert.equal(attempts.length, 2);
    assert.equal(fallback.calls.length, 0);
  });

  it('D23 goes on to the fallback when its answer is used', async () => {
    await using events = await openReceiver(respond(200, { no: 'ncco' }));
    await using fallback = await openReceiver(respond(200, NCCO));
    await using world = await openDeliveryWorld();
    const addresses = { event_url: events.url, fallback_answer_url: fallback.url };
    const application = await createApplication(world, voice(addresses));
    const event = { dtmf: { digits: '1' } };
    const { id } = await world.context.deliveries.accept(ACCOUNT, application, 'voice.event_url', event);
    const { attempts, ncco } = await awaitStatus(world, id, 'delivered');
    assert.deepEqual(
      attempts.map(({ outcome }) => outcome),
      ['bad_ncco', 'delivered'],
    );
    assert.deepEqual(JSON.parse(ncco ?? ''), NCCO);
    assert.equal(JSON.parse(fallback.calls[0]?.body ?? '').original_request.type, 'event');
  });

  it('D23 may be answered by nothing', async () => {
    await using events = await openReceiver(respond(204));
    await using world = await openDeliveryWorld();
    const application = await createApplication(world, voice({ event_url: events.url }));
    const event = { status: 'disconnected' };
    const { id } = await world.context.deliveries.accept(ACCOUNT, application, 'voice.event_url', event);
    assert.equal((await awaitStatus(world, id, 'delivered')).ncco, undefined);
  });
});
