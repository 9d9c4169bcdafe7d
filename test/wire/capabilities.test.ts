/** Capabilities: the later members, the defaults that are filled in, the objects that are always there. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { application, createClient } from './client.ts';
import { type Fault, refused } from './problem.ts';
import { everything, pathOf, WEBHOOKS, withCapabilities, withMember, withWebhook } from './sample.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const ADDRESS = 'https://example.com/hook';
const VOICE = {
  webhooks: {},
  signed_callbacks: true,
  conversation_ttl: 48,
  conversations_ttl: 48,
  leg_persistence_time: 7,
};

/** Creates, reads and updates with these capabilities; all three must answer the same, which is given. */
async function kept(capabilities: unknown): Promise<unknown> {
  const created = await api.given(withCapabilities(capabilities));
  assert.deepEqual((await api.found(created.id)).capabilities, created.capabilities);
  const updated = application(await api.update(created.id, withCapabilities(capabilities)));
  assert.deepEqual(updated.capabilities, created.capabilities);
  return created.capabilities;
}

describe('the members that clients send beyond the contract', () => {
  for (const region of ['na-east', 'na-west', 'eu-east', 'eu-west', 'apac-sng', 'apac-australia']) {
    it(`W13 voice.region may be ${region}`, async () => {
      assert.deepEqual(await kept({ voice: { region } }), { voice: { ...VOICE, region } });
    });
  }

  const regions = 'must be one of: na-east, na-west, eu-east, eu-west, apac-sng, apac-australia';
  const faulty: readonly [path: string, value: unknown, reason: string][] = [
    ...['', 'mars', 'NA-EAST', ' na-east'].map((value): [string, string, string] => [
      'voice.region',
      value,
      regions,
    ]),
    ...['true', 1, 0, '', [], {}].flatMap((value): [string, unknown, string][] => [
      ['voice.payment_enabled', value, 'must be a boolean'],
      ['messages.authenticate_inbound_media', value, 'must be a boolean'],
    ]),
    ...[0, 32, -1, 2 ** 31].map((value): [string, number, string] => [
      'voice.leg_persistence_time',
      value,
      'must be between 1 and 31',
    ]),
    ...['7', 1.5, true, [], {}].map((value): [string, unknown, string] => [
      'voice.leg_persistence_time',
      value,
      'must be an integer',
    ]),
    ...['video', 'network_apis', 'bulk'].flatMap((name) =>
      ['x', 1, true, [], [{}]].map((value): [string, unknown, string] => [name, value, 'must be an object']),
    ),
    ...[5, true, {}, []].map((value): [string, unknown, string] => [
      'network_apis.network_application_id',
      value,
      'must be a string',
    ]),
  ];
  for (const [path, value, reason] of faulty) {
    it(`W13 ${path} may not be ${JSON.stringify(value)}`, async () => {
      const full = `capabilities.${path}`;
      refused(await api.create(withMember(full, value)), [full, reason]);
    });
  }

  it('W13 booleans and the leg persistence time are kept', async () => {
    for (const flag of [true, false]) {
      for (const time of [1, 31]) {
        const sent = { voice: { payment_enabled: flag, leg_persistence_time: time } };
        assert.deepEqual(await kept(sent), {
          voice: { ...VOICE, payment_enabled: flag, leg_persistence_time: time },
        });
      }
      const messages = { webhooks: {}, version: 'v1', authenticate_inbound_media: flag };
      assert.deepEqual(await kept({ messages: { authenticate_inbound_media: flag } }), { messages });
    }
  });

  const free = {
    text: '',
    zero: 0,
    no: false,
    float: -1.25e-3,
    empty: {},
    list: [1, null, 'x', [null], {}],
    'odd name.with[all]': { 'ü 🎈': '\u2028' },
    constructor: { prototype: { x: 1 } },
    toString: 'kept',
    hasOwnProperty: false,
    webhooks: { some_url: { address: '', http_method: 'PATCH', connection_timeout: '5' } },
  };
  for (const name of ['video', 'network_apis', 'bulk']) {
    it(`W13 every member in ${name} is kept as sent, less nulls that are no array members`, async () => {
      const sent = { ...free, gone: null, deep: { gone: null, list: [{ gone: null, stays: 1 }, null] } };
      const expected = { ...free, deep: { list: [{ stays: 1 }, null] } };
      assert.deepEqual(await kept({ [name]: sent }), { [name]: expected });
      assert.deepEqual(await kept({ [name]: {} }), { [name]: {} });
      assert.deepEqual(await kept({ [name]: null }), {});
    });
  }

  const uris = {
    good: [
      'https://example.com/cb?a=b#c',
      'HTTP://[::1]:80/~x;y=1,2',
      'urn:isbn:0451450523',
      'myapp:/callback',
      'com.example.app+x-1.2://cb',
      'mailto:a@b.example',
      "http://u:p@h/!$&'()*+,;=:@-._~%20%fF",
      'data:text/plain,%E2%82%AC',
    ],
    bad: [
      '/relative',
      '//host/path',
      'example.com/cb',
      '',
      '://x',
      '1http://x',
      'ht_tp://x',
      ' https://example.com/',
      'https://example.com/ ',
      'https://example.com/a b',
      'https://example.com/%',
      'https://example.com/%4',
      'https://example.com/%zz',
      'https://example.com/<x>',
      'https://example.com/"x"',
      'https://example.com/{x}',
      'https://example.com/a|b',
      'https://example.com/a\\b',
      'https://example.com/a^b`c',
      'https://exämple.com/',
      'https://example.com/\n',
    ],
  };
  for (const redirect_uri of uris.good) {
    it(`W13 a redirect URI may be ${redirect_uri}`, async () => {
      assert.deepEqual(await kept({ network_apis: { redirect_uri } }), { network_apis: { redirect_uri } });
    });
  }
  for (const redirect_uri of [...uris.bad, 5, true, {}, []]) {
    it(`W13 a redirect URI may not be ${JSON.stringify(redirect_uri)}`, async () => {
      const path = 'capabilities.network_apis.redirect_uri';
      refused(await api.create(withMember(path, redirect_uri)), [path, /^must be /]);
    });
  }

  it('W13 null for the checked members of network_apis is absent, and others are not checked', async () => {
    const sent = { network_application_id: null, redirect_uri: null, redirect_url: 'not a uri', id: 5 };
    assert.deepEqual(await kept({ network_apis: sent }), {
      network_apis: { redirect_url: 'not a uri', id: 5 },
    });
  });
});

describe('defaults', () => {
  const empty: readonly [sent: object, answered: object][] = [
    [{ voice: {} }, { voice: VOICE }],
    [{ voice: { webhooks: {} } }, { voice: VOICE }],
    [{ messages: {} }, { messages: { webhooks: {}, version: 'v1' } }],
    [{ rtc: {} }, { rtc: { webhooks: {} } }],
    [{ meetings: {} }, { meetings: { webhooks: {} } }],
    [{ verify: {} }, { verify: { webhooks: {} } }],
    [{ vbc: {} }, { vbc: {} }],
    [
      { video: {}, bulk: {} },
      { video: {}, bulk: {} },
    ],
  ];
  for (const [sent, answered] of empty) {
    it(`W17 of ${JSON.stringify(sent)} are filled in, and webhooks is there (W19)`, async () => {
      assert.deepEqual(await kept(sent), answered);
    });
  }

  const capability: Record<string, object> = { voice: VOICE, messages: { version: 'v1' } };
  for (const rule of WEBHOOKS) {
    it(`W17 of ${rule.capability}.${rule.webhook} are filled in where its address is given`, async () => {
      const { timeouts } = rule;
      const filled = {
        address: ADDRESS,
        http_method: rule.method,
        ...(timeouts === undefined
          ? {}
          : {
              connection_timeout: timeouts.connection,
              connect_timeout: timeouts.connection,
              socket_timeout: timeouts.socket,
            }),
      };
      const sent = { [rule.capability]: { webhooks: { [rule.webhook]: { address: ADDRESS } } } };
      const webhooks = { [rule.webhook]: filled };
      assert.deepEqual(await kept(sent), {
        [rule.capability]: { ...capability[rule.capability], webhooks },
      });
    });
  }

  it('W17 leave alone what is sent', async () => {
    const voice = { signed_callbacks: false, conversation_ttl: 0, leg_persistence_time: 1 };
    assert.deepEqual(await kept({ voice }), { voice: { webhooks: {}, conversations_ttl: 0, ...voice } });
    const rtc = { webhooks: {}, signed_callbacks: true, leg_persistence_time: 5 };
    assert.deepEqual(await kept({ rtc }), { rtc });
    const verify = { webhooks: {}, version: 'v2' };
    assert.deepEqual(await kept({ verify }), { verify });
  });
});

describe('the shape of capabilities', () => {
  const object: Fault[1] = 'must be an object';
  for (const value of ['x', 1, true, []]) {
    it(`W19 no capability may be ${JSON.stringify(value)}, nor its webhooks, nor a webhook`, async () => {
      for (const name of ['voice', 'messages', 'rtc', 'meetings', 'verify', 'vbc', 'video']) {
        refused(await api.create(withCapabilities({ [name]: value })), [`capabilities.${name}`, object]);
      }
      for (const rule of WEBHOOKS) {
        const path = `capabilities.${rule.capability}.webhooks`;
        refused(await api.create(withMember(path, value)), [path, object]);
        refused(await api.create(withWebhook(rule, value)), [pathOf(rule), object]);
      }
      refused(await api.create(withMember('capabilities.voice.payments', value)), [
        'capabilities.voice.payments',
        object,
      ]);
    });
  }

  it('W19 vbc is always empty: members sent in it are refused', async () => {
    for (const value of [{}, null, '', 1]) {
      refused(await api.create(withCapabilities({ vbc: { webhooks: value } })), [
        'capabilities.vbc.webhooks',
        'is not a known property',
      ]);
    }
  });

  it('W19 rtc accepts event_url only', async () => {
    for (const name of ['answer_url', 'status_url', 'fallback_answer_url', 'inbound_url', 'Event_url']) {
      const path = `capabilities.rtc.webhooks.${name}`;
      refused(await api.create(withMember(path, { address: ADDRESS })), [path, 'is not a known property']);
    }
  });

  it('W20 an array is no set of capabilities', async () => {
    for (const capabilities of [[], [{}], ['voice'], 'voice', 1, true]) {
      refused(await api.create(withCapabilities(capabilities)), ['capabilities', object]);
    }
  });

  it('W19 all of them at once answer what was sent', async () => {
    const sent = everything()['capabilities'] as Record<string, unknown>;
    const answered = (await kept(sent)) as Record<string, unknown>;
    assert.deepEqual(Object.keys(answered).toSorted(), Object.keys(sent).toSorted());
    assert.partialDeepStrictEqual(answered, sent);
  });
});
