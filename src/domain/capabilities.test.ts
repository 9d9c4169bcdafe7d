import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Capabilities, Capabilities as Schema } from '../contract/capabilities.ts';
import { faultsOf, readCapabilities as read } from './capabilities.test-support.ts';

const address = 'https://example.com/hook';

/** The `voice` capability as it is kept when nothing is said about it. */
const VOICE = {
  signed_callbacks: true,
  leg_persistence_time: 7,
  conversation_ttl: 48,
  conversations_ttl: 48,
  webhooks: {},
};

describe('capabilities', () => {
  it('W19 always have a webhooks object where the contract has webhooks', () => {
    const names = ['voice', 'messages', 'rtc', 'meetings', 'verify'] as const;
    for (const name of names) {
      for (const sent of [{}, { webhooks: null }, { webhooks: {} }]) {
        assert.deepEqual(read({ [name]: sent })[name]?.webhooks, {}, name);
      }
    }
    assert.deepEqual(read({ vbc: {} }), { vbc: {} });
    assert.deepEqual(faultsOf({ vbc: { webhooks: {}, x: null } }), [
      'vbc.webhooks is not a known property',
      'vbc.x is not a known property',
    ]);
    assert.deepEqual(faultsOf({ rtc: { webhooks: { answer_url: {} } } }), [
      'rtc.webhooks.answer_url is not a known property',
    ]);
  });

  it('W17 are filled with the defaults of a capability', () => {
    assert.deepEqual(read({ voice: {}, messages: {}, rtc: {}, meetings: {}, verify: {} }), {
      voice: VOICE,
      messages: { version: 'v1', webhooks: {} },
      rtc: { webhooks: {} },
      meetings: { webhooks: {} },
      verify: { webhooks: {} },
    });
  });

  it('W17 are filled with the defaults of webhooks that have an address', () => {
    const all = (names: string[]) => ({
      webhooks: Object.fromEntries(names.map((name) => [name, { address }])),
    });
    const timeouts = { connection_timeout: 1000, connect_timeout: 1000 };
    const fetched = { address, http_method: 'GET', ...timeouts, socket_timeout: 5000 };
    const post = { address, http_method: 'POST' };
    const meetings = ['room_changed', 'session_changed', 'recording_changed'];
    const sent = {
      voice: all(['answer_url', 'fallback_answer_url', 'event_url']),
      messages: all(['inbound_url', 'status_url']),
      rtc: all(['event_url']),
      meetings: all(meetings),
      verify: all(['status_url']),
    };
    assert.deepEqual(read(sent), {
      voice: {
        ...VOICE,
        webhooks: {
          answer_url: fetched,
          fallback_answer_url: fetched,
          event_url: { ...post, ...timeouts, socket_timeout: 10_000 },
        },
      },
      messages: { version: 'v1', webhooks: { inbound_url: post, status_url: post } },
      rtc: { webhooks: { event_url: post } },
      meetings: { webhooks: Object.fromEntries(meetings.map((name) => [name, post])) },
      verify: { webhooks: { status_url: post } },
    });
  });

  it('W06 keep every value that was sent', () => {
    const sent: Capabilities = {
      voice: {
        signed_callbacks: false,
        leg_persistence_time: 31,
        conversation_ttl: 0,
        conversations_ttl: 0,
        region: 'apac-sng',
        payment_enabled: false,
        payments: { gateways: [{ type: 'Stripe', credential: 'c', mode: 'test' }, {}] },
        webhooks: {
          event_url: {
            address,
            http_method: 'GET',
            connection_timeout: 300,
            connect_timeout: 300,
            socket_timeout: 1000,
          },
        },
      },
      messages: { version: 'v0.1', authenticate_inbound_media: false, webhooks: {} },
      rtc: {
        signed_callbacks: false,
        leg_persistence_time: 1,
        webhooks: { event_url: { address, http_method: 'GET' } },
      },
      meetings: { webhooks: { room_changed: { address, http_method: 'PUT' } } },
      vbc: {},
      verify: { version: 'v2', webhooks: {} },
    };
    assert.deepEqual(read(sent), sent);
  });

  it('W14 have no members but those known, at any level', () => {
    const unknown = { constructor: null };
    assert.deepEqual(
      faultsOf({
        voice: {
          ...unknown,
          payments: { ...unknown, gateways: [unknown] },
          webhooks: { ...unknown, answer_url: unknown },
        },
        messages: { webhooks: { inbound_url: { connection_timeout: 1000 } } },
        verify: { webhooks: { event_url: null } },
      }),
      [
        'voice.constructor is not a known property',
        'voice.payments.constructor is not a known property',
        'voice.payments.gateways.0.constructor is not a known property',
        'voice.webhooks.constructor is not a known property',
        'voice.webhooks.answer_url.constructor is not a known property',
        'messages.webhooks.inbound_url.connection_timeout is not a known property',
        'verify.webhooks.event_url is not a known property',
      ],
    );
  });

  it('W20 take null for every optional member', () => {
    const names = ['voice', 'messages', 'rtc', 'meetings', 'vbc', 'verify', 'video', 'network_apis', 'bulk'];
    assert.deepEqual(read(Object.fromEntries(names.map((name) => [name, null]))), {});
    const members = [
      'signed_callbacks',
      'conversation_ttl',
      'conversations_ttl',
      'leg_persistence_time',
      'region',
    ];
    const voice = Object.fromEntries(
      [...members, 'payment_enabled', 'payments', 'webhooks'].map((name) => [name, null]),
    );
    assert.deepEqual(read({ voice }), { voice: VOICE });
    assert.deepEqual(read({ voice: { payments: { gateways: null } } }).voice?.payments, {});
    assert.deepEqual(read({ voice: { payments: { gateways: [{ mode: null }] } } }).voice?.payments, {
      gateways: [{}],
    });
    assert.deepEqual(read({ messages: { version: null } }).messages?.version, 'v1');
    assert.deepEqual(
      read({ rtc: { webhooks: { event_url: { address, http_method: null } } } }).rtc?.webhooks.event_url,
      { address, http_method: 'POST' },
    );
  });

  it('W17 are filled with the defaults that the contract states', () => {
    const schema = JSON.parse(JSON.stringify(Schema)).properties;
    const names = ['answer_url', 'fallback_answer_url', 'event_url'];
    const { voice } = read({
      voice: { webhooks: Object.fromEntries(names.map((name) => [name, { address }])) },
    });
    const stated = (properties: Record<string, { default?: unknown }>) =>
      Object.entries(properties).flatMap(([name, { default: preset }]) =>
        preset === undefined ? [] : [[name, preset]],
      );
    const { webhooks, ...members } = schema.voice.properties;
    assert.deepEqual({ ...Object.fromEntries(stated(members)), webhooks: {} }, VOICE);
    for (const name of names) {
      const presets = Object.fromEntries(stated(webhooks.properties[name].properties));
      assert.deepEqual({ ...voice?.webhooks[name as 'answer_url'] }, { address, ...presets }, name);
    }
  });
});
