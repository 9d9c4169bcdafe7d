import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Capabilities } from '../contract/capabilities.ts';
import { faultsOf, readCapabilities as read } from './capabilities.test-support.ts';

const address = 'https://example.com/hook';

function voiceWithAnswer(webhook: object) {
  return { voice: { webhooks: { answer_url: webhook } } };
}

describe('webhooks', () => {
  it('W18 without an address are dropped', () => {
    for (const sent of [
      {},
      null,
      { address: null },
      { address: '' },
      { address: '', socket_timeout: 2000 },
    ]) {
      assert.deepEqual(read(voiceWithAnswer(Object(sent))), { voice: { ...read({ voice: {} }).voice } });
      assert.deepEqual(read({ voice: { webhooks: { answer_url: sent } } }), {
        voice: { ...read({ voice: {} }).voice },
      });
    }
    const messages = { webhooks: { inbound_url: { http_method: 'POST' }, status_url: { address: '' } } };
    assert.deepEqual(read({ messages }).messages?.webhooks, {});
  });

  it('W18 without an address have their other members judged all the same', () => {
    assert.deepEqual(
      faultsOf(voiceWithAnswer({ address: '', http_method: 'PUT', connect_timeout: 1, x: 1 })),
      [
        'voice.webhooks.answer_url.http_method must be one of: GET, POST',
        'voice.webhooks.answer_url.connect_timeout must be between 300 and 1000',
        'voice.webhooks.answer_url.x is not a known property',
      ],
    );
    assert.deepEqual(faultsOf(voiceWithAnswer({ connection_timeout: 300, connect_timeout: 400 })), [
      'voice.webhooks.answer_url.connect_timeout must equal connection_timeout',
    ]);
  });

  it('W18 have their address kept exactly as it was sent', () => {
    for (const sent of ['HTTP://Example.COM', 'https://example.com:443/a/../b?%7e#x']) {
      assert.equal(read(voiceWithAnswer({ address: sent })).voice?.webhooks.answer_url?.address, sent);
    }
  });

  it('W18 have an address of at most 2048 code points', () => {
    const start = 'https://example.com/';
    const longest = start + '😀'.repeat(2048 - start.length);
    assert.equal(read(voiceWithAnswer({ address: longest })).voice?.webhooks.answer_url?.address, longest);
    assert.deepEqual(faultsOf(voiceWithAnswer({ address: `${longest}x` })), [
      'voice.webhooks.answer_url.address must be at most 2048 characters',
    ]);
  });

  it('W18 have an address that is an http or https URL, in every capability', () => {
    const places = [
      ['voice', 'event_url'],
      ['messages', 'status_url'],
      ['rtc', 'event_url'],
      ['meetings', 'recording_changed'],
      ['verify', 'status_url'],
    ] as const;
    for (const [capability, webhook] of places) {
      assert.deepEqual(faultsOf({ [capability]: { webhooks: { [webhook]: { address: 'example.com' } } } }), [
        `${capability}.webhooks.${webhook}.address must be an absolute http or https URL`,
      ]);
    }
  });
});

describe('a value with two spellings', () => {
  const stored = read({
    voice: { conversation_ttl: 24, webhooks: { answer_url: { address, connection_timeout: 700 } } },
  });
  const timeouts = (capabilities: Capabilities) => {
    const webhook = capabilities.voice?.webhooks.answer_url;
    return [webhook?.connection_timeout, webhook?.connect_timeout];
  };

  it('W15 is taken under either, and answered under both', () => {
    for (const name of ['connection_timeout', 'connect_timeout']) {
      assert.deepEqual(timeouts(read(voiceWithAnswer({ address, [name]: 500 }))), [500, 500]);
      assert.deepEqual(timeouts(read(voiceWithAnswer({ address, [name]: 500 }), stored)), [500, 500]);
    }
    for (const name of ['conversation_ttl', 'conversations_ttl']) {
      const { voice } = read({ voice: { [name]: 30 } });
      assert.deepEqual([voice?.conversation_ttl, voice?.conversations_ttl], [30, 30]);
    }
  });

  it('W15 may be sent under both if they are equal', () => {
    const webhook = { address, connection_timeout: 500, connect_timeout: 500 };
    assert.deepEqual(timeouts(read(voiceWithAnswer(webhook))), [500, 500]);
    assert.deepEqual(timeouts(read(voiceWithAnswer(webhook), stored)), [500, 500]);
    assert.deepEqual(timeouts(read(voiceWithAnswer({ ...webhook, connect_timeout: null }))), [500, 500]);
  });

  it('W15 is refused under both in a POST if they differ, named by the second spelling', () => {
    const sent = {
      voice: {
        conversations_ttl: 2,
        conversation_ttl: 1,
        webhooks: { answer_url: { address, connect_timeout: 400, connection_timeout: 1000 } },
      },
    };
    assert.deepEqual(faultsOf(sent), [
      'voice.conversations_ttl must equal conversation_ttl',
      'voice.webhooks.answer_url.connect_timeout must equal connection_timeout',
    ]);
  });

  it('W15 is in a PUT what the client changed, if the other is what is stored', () => {
    for (const [connection, connect] of [
      [700, 400],
      [400, 700],
    ]) {
      const webhook = { address, connection_timeout: connection, connect_timeout: connect };
      assert.deepEqual(timeouts(read(voiceWithAnswer(webhook), stored)), [400, 400]);
    }
    for (const sent of [
      { conversation_ttl: 24, conversations_ttl: 0 },
      { conversation_ttl: 0, conversations_ttl: 24 },
    ]) {
      const { voice } = read({ voice: sent }, stored);
      assert.deepEqual([voice?.conversation_ttl, voice?.conversations_ttl], [0, 0]);
    }
  });

  it('W15 is refused in a PUT if neither is what is stored there', () => {
    const webhook = { address, connection_timeout: 500, connect_timeout: 400 };
    const fault = 'voice.webhooks.answer_url.connect_timeout must equal connection_timeout';
    assert.deepEqual(faultsOf(voiceWithAnswer(webhook), stored), [fault]);
    assert.deepEqual(faultsOf(voiceWithAnswer(webhook), {}), [fault]);
    const elsewhere = { event_url: { ...webhook, connection_timeout: 700 } };
    assert.deepEqual(faultsOf({ voice: { webhooks: elsewhere } }, stored), [
      fault.replace('answer', 'event'),
    ]);
  });

  it('W15 is judged for range under the spelling that was sent, before it is compared', () => {
    const range = 'must be between 300 and 1000';
    const path = 'voice.webhooks.answer_url';
    assert.deepEqual(
      faultsOf(voiceWithAnswer({ address, connection_timeout: 1, connect_timeout: 700 }), stored),
      [`${path}.connection_timeout ${range}`],
    );
    assert.deepEqual(faultsOf(voiceWithAnswer({ address, connect_timeout: 1, connection_timeout: 1 })), [
      `${path}.connect_timeout ${range}`,
      `${path}.connection_timeout ${range}`,
    ]);
    assert.deepEqual(faultsOf({ voice: { conversations_ttl: 9001, conversation_ttl: 24 } }, stored), [
      'voice.conversations_ttl must be between 0 and 9000',
    ]);
  });
});
