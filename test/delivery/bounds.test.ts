/** What one application or one fault may cost the others. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { write } from '../../src/storage/database.ts';
import { textStatement } from '../../src/storage/statement.ts';
import { until } from '../condition.ts';
import { hang, openReceiver, respond } from './receiver.ts';
import { ACCOUNT, awaitStatus, createApplication, messages, openDeliveryWorld } from './world.ts';

const INBOUND = 'messages.inbound_url';

describe('an endpoint that hangs', () => {
  it('D33 holds up nobody else, however much is queued for it', async () => {
    await using hung = await openReceiver(hang);
    await using lively = await openReceiver(respond(200));
    await using world = await openDeliveryWorld();
    const { deliveries } = world.context;
    const slow = await createApplication(world, messages(hung.url));
    const quick = await createApplication(world, messages(lively.url));
    await Promise.all(Array.from({ length: 1000 }, () => deliveries.accept(ACCOUNT, slow, INBOUND, {})));
    await until('it hangs', () => hung.calls.length >= 32);
    await Promise.all(Array.from({ length: 400 }, () => deliveries.accept(ACCOUNT, quick, INBOUND, {})));
    await until('the other has got everything', () => lively.calls.length === 400);
    assert.equal(hung.calls.length, 32);
  });
});

describe('an account without a signature secret', () => {
  it('D11 sends nothing unsigned: deliveries wait, and a question is refused', async () => {
    await using receiver = await openReceiver(respond(200));
    await using world = await openDeliveryWorld();
    const { deliveries, database } = world.context;
    const voice = { voice: { webhooks: { answer_url: { address: receiver.url, http_method: 'POST' } } } };
    const application = await createApplication(world, { ...messages(receiver.url), ...voice });
    const forget = textStatement<{ account: string }, never>(
      "delete from secrets where account = :account and kind = 'signature'",
    );
    await database.write([write(forget, { account: ACCOUNT })]);
    const { id } = await deliveries.accept(ACCOUNT, application, INBOUND, {});
    const { attempts } = await awaitStatus(world, id, 'waiting');
    assert.deepEqual(attempts, []);
    await assert.rejects(deliveries.answer(ACCOUNT, application, {}), { code: 'signing_impossible' });
    assert.equal(receiver.calls.length, 0);
    assert.ok(world.logLines.some((line) => line.includes('cannot be signed')));
  });

  it('D11 calls an application that wants no signature', async () => {
    await using receiver = await openReceiver(respond(200));
    await using world = await openDeliveryWorld();
    const { deliveries } = world.context;
    const events = { event_url: { address: receiver.url, http_method: 'POST' } };
    const application = await createApplication(world, {
      rtc: { signed_callbacks: false, webhooks: events },
    });
    const { id } = await deliveries.accept(ACCOUNT, application, 'rtc.event_url', {});
    await awaitStatus(world, id, 'delivered');
    assert.equal(receiver.calls[0]?.headers.authorization, undefined);
  });
});

describe('an event that cannot be delivered', () => {
  it('is refused with what would be right', async () => {
    await using receiver = await openReceiver();
    await using world = await openDeliveryWorld();
    const { deliveries } = world.context;
    const application = await createApplication(world, messages(receiver.url));
    const refuse = (webhook: string, payload: unknown, id = application) =>
      deliveries.accept(ACCOUNT, id, webhook, payload).catch((error: Error) => error);
    const codeOf = async (...given: Parameters<typeof refuse>) =>
      ((await refuse(...given)) as Error & { code?: string }).code;
    assert.equal(await codeOf('voice.nothing', {}), 'webhook_unknown');
    assert.equal(await codeOf('voice.fallback_answer_url', {}), 'webhook_unknown');
    assert.equal(await codeOf('voice.event_url', {}), 'webhook_not_set');
    assert.match(((await refuse('voice.event_url', {})) as Error).message, /messages\.inbound_url/);
    for (const payload of [null, [], 'text', 1, undefined])
      assert.equal(await codeOf(INBOUND, payload), 'payload_invalid');
    assert.equal(await codeOf(INBOUND, {}, 'nobody'), 'application_not_found');
  });
});
