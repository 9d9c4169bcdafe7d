/** Members that nobody knows: each is refused by name, at every level, whatever its value. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createClient } from './client.ts';
import { refused } from './problem.ts';
import { body, pathOf, WEBHOOKS, withCapabilities, withMember, withWebhook } from './sample.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const UNKNOWN = 'is not a known property';
const ADDRESS = 'https://example.com/hook';
const VALUES: readonly unknown[] = ['x', 0, false, null, [], {}, ''];

const CAPABILITIES = ['voice', 'messages', 'rtc', 'meetings', 'verify', 'vbc'];
const PLACES = [
  '',
  'keys',
  'privacy',
  'capabilities',
  ...CAPABILITIES.map((name) => `capabilities.${name}`),
  ...CAPABILITIES.slice(0, -1).map((name) => `capabilities.${name}.webhooks`),
  ...WEBHOOKS.map(pathOf),
  'capabilities.voice.payments',
];

async function assertUnknown(path: string, value: unknown): Promise<void> {
  refused(await api.create(withMember(path, value)), [path, UNKNOWN]);
}

describe('an unknown member', () => {
  for (const place of PLACES) {
    it(`W14 is refused in ${place || 'the body'}, whatever its value`, async () => {
      for (const value of VALUES) await assertUnknown(place === '' ? 'nmae' : `${place}.nmae`, value);
    });

    it(`W14 is refused in ${place || 'the body'} when it is a name every object has`, async () => {
      for (const name of ['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'isPrototypeOf']) {
        const path = place === '' ? name : `${place}.${name}`;
        await assertUnknown(path, null);
        await assertUnknown(path, {});
      }
    });
  }

  it('W14 is refused in a gateway, by the index of the gateway', async () => {
    const gateways: object[] = [{ type: 'Stripe' }, { type: 'Azure', tpye: null }, { constructor: 1 }];
    const path = 'capabilities.voice.payments.gateways';
    refused(
      await api.create(withCapabilities({ voice: { payments: { gateways } } })),
      [`${path}.1.tpye`, UNKNOWN],
      [`${path}.2.constructor`, UNKNOWN],
    );
  });

  const typos = [
    'Name',
    'name ',
    'capability',
    'publicKey',
    'keys.publicKey',
    'keys.public-key',
    'privacy.improveAi',
    'privacy.improve_AI',
    'capabilities.Voice',
    'capabilities.sms',
    'capabilities.voice.webhook',
    'capabilities.voice.signedCallbacks',
    'capabilities.voice.conversationTtl',
    'capabilities.voice.version',
    'capabilities.messages.region',
    'capabilities.messages.conversation_ttl',
    'capabilities.rtc.conversation_ttl',
    'capabilities.rtc.region',
    'capabilities.meetings.version',
    'capabilities.verify.signed_callbacks',
    'capabilities.voice.webhooks.inbound_url',
    'capabilities.messages.webhooks.event_url',
    'capabilities.meetings.webhooks.event_url',
    'capabilities.verify.webhooks.event_url',
    'capabilities.voice.webhooks.answer_url.method',
    'capabilities.voice.webhooks.answer_url.connectionTimeout',
    'capabilities.voice.payments.gateway',
  ];
  for (const path of typos) {
    it(`W14 is refused with its path: ${path}`, () => assertUnknown(path, {}));
  }

  it('W14 is a timeout where the contract has none', async () => {
    for (const rule of WEBHOOKS.filter(({ timeouts }) => timeouts === undefined)) {
      for (const name of ['connection_timeout', 'connect_timeout', 'socket_timeout']) {
        const sent = { address: ADDRESS, [name]: 1000 };
        refused(await api.create(withWebhook(rule, sent)), [`${pathOf(rule)}.${name}`, UNKNOWN]);
      }
    }
  });

  it('W14 is refused in a webhook that is not given (W18)', async () => {
    for (const rule of WEBHOOKS) {
      for (const given of [{}, { address: '' }, { address: null }]) {
        refused(await api.create(withWebhook(rule, { ...given, adress: null })), [
          `${pathOf(rule)}.adress`,
          UNKNOWN,
        ]);
      }
    }
  });

  it('W14 is refused by PUT as by POST, and nothing is changed', async () => {
    const { id } = await api.given(body({ name: 'kept' }));
    for (const place of PLACES) {
      const path = place === '' ? 'nmae' : `${place}.nmae`;
      refused(await api.update(id, withMember(path, null)), [path, UNKNOWN]);
    }
    assert.equal((await api.found(id)).name, 'kept');
  });

  it('W14 is told of together with all others', async () => {
    const paths = PLACES.map((place) => (place === '' ? 'x' : `${place}.x`));
    const json = body();
    for (const path of paths) graft(json, path.split('.'));
    const { invalid_parameters } = (await api.create(json)).json as {
      invalid_parameters: { name: string; reason: string }[];
    };
    assert.deepEqual(invalid_parameters.map(({ name }) => name).toSorted(), paths.toSorted());
    assert.ok(invalid_parameters.every(({ reason }) => reason === UNKNOWN));
  });

  function graft(whole: Record<string, unknown>, names: readonly string[]): void {
    let here = whole;
    for (const name of names.slice(0, -1)) {
      here[name] ??= {};
      here = here[name] as Record<string, unknown>;
    }
    here[names.at(-1) ?? ''] = 1;
  }
});

describe('the exceptions', () => {
  it('W14 read-only members (W07) and everything inside video, network_apis and bulk', async () => {
    const free = { typo: 1, deep: { typo: { typo: [] } } };
    const created = await api.given({
      ...body({ id: 'x', _links: { typo: 1 } }),
      capabilities: { video: free, network_apis: free, bulk: free },
    });
    assert.deepEqual(created.capabilities, { video: free, network_apis: free, bulk: free });
  });
});
