import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
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

function voiceWithAnswer(webhook: object) {
  return { voice: { webhooks: { answer_url: webhook } } };
}

describe('the members of capabilities', () => {
  it('W16 have the ranges of the contract, by webhook', () => {
    const outOf = (sent: object) =>
      faultsOf(voiceWithAnswer(sent)).map((fault) => fault.split('answer_url.')[1]);
    assert.deepEqual(outOf({ address, socket_timeout: 5001, connection_timeout: 299 }), [
      'socket_timeout must be between 1000 and 5000',
      'connection_timeout must be between 300 and 1000',
    ]);
    assert.deepEqual(outOf({ address, socket_timeout: 999, connect_timeout: 1001 }), [
      'socket_timeout must be between 1000 and 5000',
      'connect_timeout must be between 300 and 1000',
    ]);
    const event = { event_url: { address, socket_timeout: 10_001 } };
    assert.deepEqual(faultsOf({ voice: { webhooks: event } }), [
      'voice.webhooks.event_url.socket_timeout must be between 1000 and 10000',
    ]);
    assert.deepEqual(outOf({ address, socket_timeout: 1000.5, connection_timeout: '1000', http_method: 1 }), [
      'socket_timeout must be an integer',
      'connection_timeout must be an integer',
      'http_method must be a string',
    ]);
    assert.deepEqual(faultsOf({ rtc: { leg_persistence_time: 32, signed_callbacks: 'true' } }), [
      'rtc.leg_persistence_time must be between 1 and 31',
      'rtc.signed_callbacks must be a boolean',
    ]);
  });

  it('W16 have the choices of the contract, by webhook', () => {
    const choices = [
      ['voice', 'answer_url', 'PUT', 'GET, POST'],
      ['voice', 'event_url', 'get', 'GET, POST'],
      ['messages', 'inbound_url', 'GET', 'POST'],
      ['messages', 'status_url', 'PUT', 'POST'],
      ['rtc', 'event_url', 'PUT', 'GET, POST'],
      ['meetings', 'room_changed', 'DELETE', 'GET, POST, PUT'],
      ['verify', 'status_url', 'GET', 'POST'],
    ] as const;
    for (const [capability, webhook, sent, phrase] of choices) {
      const fault = `${capability}.webhooks.${webhook}.http_method must be one of: ${phrase}`;
      assert.deepEqual(
        faultsOf({ [capability]: { webhooks: { [webhook]: { address, http_method: sent } } } }),
        [fault],
      );
    }
    assert.deepEqual(faultsOf({ verify: { version: 'v1' } }), ['verify.version must be one of: v2']);
  });

  it('W22 have the bounds decided where the contract names none', () => {
    assert.deepEqual(faultsOf({ voice: { conversation_ttl: 9001 } }), [
      'voice.conversation_ttl must be between 0 and 9000',
    ]);
    assert.deepEqual(faultsOf({ voice: { conversations_ttl: -1 } }), [
      'voice.conversations_ttl must be between 0 and 9000',
    ]);
    assert.equal(read({ voice: { conversation_ttl: 9000 } }).voice?.conversations_ttl, 9000);
    const long = 'é'.repeat(256);
    assert.deepEqual(
      faultsOf({
        messages: { version: '' },
        voice: { payments: { gateways: [{ type: long, credential: '' }] } },
      }),
      [
        'messages.version must be between 1 and 255 characters',
        'voice.payments.gateways.0.type must be between 1 and 255 characters',
        'voice.payments.gateways.0.credential must be between 1 and 255 characters',
      ],
    );
    assert.equal(read({ messages: { version: '😀'.repeat(255) } }).messages?.version, '😀'.repeat(255));
  });

  it('W13 are the later ones too', () => {
    const voice = { region: 'eu-west', leg_persistence_time: 31, payment_enabled: true } as const;
    const messages = { authenticate_inbound_media: true };
    assert.deepEqual(read({ voice, messages }), {
      voice: { ...VOICE, ...voice },
      messages: { version: 'v1', ...messages, webhooks: {} },
    });
    assert.deepEqual(
      faultsOf({
        voice: { region: 'EU-WEST', leg_persistence_time: 0, payment_enabled: 1 },
        messages: { authenticate_inbound_media: 'no' },
      }),
      [
        'voice.region must be one of: na-east, na-west, eu-east, eu-west, apac-sng, apac-australia',
        'voice.leg_persistence_time must be between 1 and 31',
        'voice.payment_enabled must be a boolean',
        'messages.authenticate_inbound_media must be a boolean',
      ],
    );
  });

  it('W13 are kept as sent inside video, network_apis and bulk, less nulls', () => {
    const sent = {
      constructor: { a: null, b: [null, { c: null, d: [] }, 1.5] },
      webhooks: { archive_status: { address: 'not a url', secret: 's' }, gone: null },
    };
    const kept = {
      constructor: { b: [null, { d: [] }, 1.5] },
      webhooks: { archive_status: { address: 'not a url', secret: 's' } },
    };
    assert.deepEqual(read({ video: sent, network_apis: sent, bulk: sent }), {
      video: kept,
      network_apis: kept,
      bulk: kept,
    });
    for (const name of ['video', 'network_apis', 'bulk']) {
      assert.deepEqual(read({ [name]: {} }), { [name]: {} });
      assert.deepEqual(faultsOf({ [name]: [] }), [`${name} must be an object`]);
    }
  });

  it('W13 are checked in network_apis where a wild value would break clients', () => {
    const kept = { network_application_id: '', redirect_uri: 'com.example:/x', redirect_url: 'anything' };
    assert.deepEqual(read({ network_apis: kept }).network_apis, kept);
    assert.deepEqual(
      read({ network_apis: { network_application_id: null, redirect_uri: null } }).network_apis,
      {},
    );
    assert.deepEqual(faultsOf({ network_apis: { network_application_id: 1, redirect_uri: '' } }), [
      'network_apis.network_application_id must be a string',
      'network_apis.redirect_uri must be an absolute URI',
    ]);
  });
});
