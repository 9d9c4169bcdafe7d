/** `null` is absence: wherever a member may be left out, null leaves it out. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type Application, application, createClient } from './client.ts';
import { refused } from './problem.ts';
import { body, everything, pathOf, WEBHOOKS, withCapabilities, withMember } from './sample.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const ADDRESS = 'https://example.com/hook';

const without = ({ name, privacy, capabilities }: Application) => ({ name, privacy, capabilities });

/** Dotted paths of every optional member there is, each with the paths that must be there beside it. */
const OPTIONAL: readonly string[] = [
  'privacy',
  'privacy.improve_ai',
  'capabilities',
  ...['voice', 'messages', 'rtc', 'meetings', 'verify', 'vbc', 'video', 'network_apis', 'bulk'].map(
    (name) => `capabilities.${name}`,
  ),
  ...['voice', 'messages', 'rtc', 'meetings', 'verify'].map((name) => `capabilities.${name}.webhooks`),
  'capabilities.voice.signed_callbacks',
  'capabilities.voice.conversation_ttl',
  'capabilities.voice.conversations_ttl',
  'capabilities.voice.leg_persistence_time',
  'capabilities.voice.region',
  'capabilities.voice.payment_enabled',
  'capabilities.voice.payments',
  'capabilities.voice.payments.gateways',
  'capabilities.messages.version',
  'capabilities.messages.authenticate_inbound_media',
  'capabilities.rtc.signed_callbacks',
  'capabilities.rtc.leg_persistence_time',
  'capabilities.verify.version',
  'capabilities.network_apis.network_application_id',
  'capabilities.network_apis.redirect_uri',
  'capabilities.video.anything',
  ...WEBHOOKS.map(pathOf),
];

/** The same body with the last member of the path left out instead of null. */
function leftOut(path: string): Record<string, unknown> {
  const whole = withMember(path, null);
  const strip = (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .filter(([, member]) => member !== null)
            .map(([name, member]) => [name, strip(member)]),
        )
      : value;
  return strip(whole) as Record<string, unknown>;
}

describe('null', () => {
  for (const path of OPTIONAL) {
    it(`W20 counts as absent at ${path}`, async () => {
      const [nulled, absent] = [await api.given(withMember(path, null)), await api.given(leftOut(path))];
      assert.deepEqual(without(nulled), without(absent));
      const updated = application(await api.update(absent.id, withMember(path, null)));
      assert.deepEqual(updated, absent);
    });
  }

  for (const rule of WEBHOOKS) {
    it(`W20 counts as absent for the members of ${pathOf(rule)}`, async () => {
      const of = (webhook: object) =>
        api.given(withCapabilities({ [rule.capability]: { webhooks: { [rule.webhook]: webhook } } }));
      const members = ['http_method'];
      if (rule.timeouts !== undefined)
        members.push('connection_timeout', 'connect_timeout', 'socket_timeout');
      const nulls = Object.fromEntries(members.map((name) => [name, null]));
      assert.deepEqual(
        without(await of({ address: ADDRESS, ...nulls })),
        without(await of({ address: ADDRESS })),
      );
      assert.deepEqual(without(await of({ address: null, ...nulls })), without(await of({})));
    });
  }

  it('W20 counts as absent for the members of a gateway, but is no gateway', async () => {
    const gateways = (...list: unknown[]) => withCapabilities({ voice: { payments: { gateways: list } } });
    const { capabilities } = await api.given(gateways({ type: null, credential: null, mode: 'live' }, {}));
    assert.partialDeepStrictEqual(capabilities, {
      voice: { payments: { gateways: [{ mode: 'live' }, {}] } },
    });
    refused(await api.create(gateways({}, null)), [
      'capabilities.voice.payments.gateways.1',
      'must be an object',
    ]);
  });

  it('W20 counts as absent in a PUT of everything: the default comes back', async () => {
    const { id } = await api.given(everything());
    const voice = {
      signed_callbacks: null,
      conversation_ttl: null,
      leg_persistence_time: null,
      region: null,
    };
    const updated = application(await api.update(id, body({ capabilities: { voice } })));
    assert.deepEqual(updated.capabilities, {
      voice: {
        webhooks: {},
        signed_callbacks: true,
        conversation_ttl: 48,
        conversations_ttl: 48,
        leg_persistence_time: 7,
      },
    });
  });
});
