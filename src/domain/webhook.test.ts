import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Capabilities } from '../contract/capabilities.ts';
import { findWebhook, findWebhooks, isWebhookName, WEBHOOK_NAMES, type WebhookHolder } from './webhook.ts';

const address = 'https://example.com/hook';
const plain = { address, http_method: 'POST' } as const;
const timed = (http_method: 'GET' | 'POST', socket_timeout: number) => ({
  address,
  http_method,
  connection_timeout: 700,
  connect_timeout: 700,
  socket_timeout,
});

/** An application that has set every webhook. */
const everything: Capabilities = {
  voice: {
    signed_callbacks: true,
    conversation_ttl: 48,
    conversations_ttl: 48,
    leg_persistence_time: 7,
    webhooks: {
      answer_url: timed('GET', 3000),
      fallback_answer_url: timed('GET', 2000),
      event_url: timed('POST', 9000),
    },
  },
  messages: { version: 'v1', webhooks: { inbound_url: plain, status_url: plain } },
  rtc: { webhooks: { event_url: { address, http_method: 'GET' } } },
  meetings: {
    webhooks: {
      room_changed: { address, http_method: 'PUT' },
      session_changed: plain,
      recording_changed: plain,
    },
  },
  verify: { webhooks: { status_url: plain } },
  vbc: {},
  video: { webhooks: { archive_status: { address } } },
  network_apis: { redirect_uri: address },
  bulk: { webhooks: { event_url: { address } } },
};

const application = (capabilities: unknown) => ({ capabilities }) as WebhookHolder;

describe('the webhooks of an application', () => {
  it('are found by their names, and so are all names that are set', () => {
    assert.deepEqual(findWebhooks(application(everything)), [...WEBHOOK_NAMES]);
    assert.deepEqual(findWebhooks(application({})), []);
    assert.deepEqual(findWebhooks(application({ voice: { webhooks: {} }, vbc: {}, video: { a: 1 } })), []);
    assert.equal(findWebhook(application({}), 'voice.answer_url'), undefined);
  });

  it('have those names alone', () => {
    assert.ok(WEBHOOK_NAMES.every(isWebhookName));
    for (const name of ['', 'voice', 'voice.', 'voice.status_url', 'vbc.event_url', 'constructor.name']) {
      assert.equal(isWebhookName(name), false, name);
    }
  });

  it('are called as the application says', () => {
    assert.deepEqual(findWebhook(application(everything), 'voice.event_url'), {
      capability: 'voice',
      address,
      method: 'POST',
      connectTimeoutMs: 700,
      socketTimeoutMs: 9000,
      signed: true,
    });
    assert.equal(findWebhook(application(everything), 'meetings.room_changed')?.method, 'PUT');
    assert.equal(findWebhook(application(everything), 'rtc.event_url')?.method, 'GET');
  });

  it('D04 have the longest timeouts of the contract where the application has none, and 1000/10000 ms elsewhere', () => {
    const bare = application({
      voice: {
        webhooks: { answer_url: { address }, fallback_answer_url: { address }, event_url: { address } },
      },
      messages: { webhooks: { inbound_url: plain } },
      verify: { webhooks: { status_url: plain } },
    });
    const timeouts = (name: (typeof WEBHOOK_NAMES)[number]) => {
      const { connectTimeoutMs, socketTimeoutMs, method } = findWebhook(bare, name) ?? assert.fail(name);
      return [method, connectTimeoutMs, socketTimeoutMs];
    };
    assert.deepEqual(timeouts('voice.answer_url'), ['GET', 1000, 5000]);
    assert.deepEqual(timeouts('voice.fallback_answer_url'), ['GET', 1000, 5000]);
    assert.deepEqual(timeouts('voice.event_url'), ['POST', 1000, 10_000]);
    assert.deepEqual(timeouts('messages.inbound_url'), ['POST', 1000, 10_000]);
    assert.deepEqual(timeouts('verify.status_url'), ['POST', 1000, 10_000]);
  });

  it('D11 are signed unless the application says that they are not', () => {
    const signed = (capabilities: unknown) =>
      WEBHOOK_NAMES.filter((name) => findWebhook(application(capabilities), name)?.signed === true);
    assert.deepEqual(signed(everything), [...WEBHOOK_NAMES]);
    const { voice, rtc, ...others } = everything;
    const unsigned = {
      ...others,
      voice: { ...voice, signed_callbacks: false },
      rtc: { ...rtc, signed_callbacks: false },
    };
    const rest = WEBHOOK_NAMES.filter((name) => !/^(voice|rtc)\./.test(name));
    assert.deepEqual(signed(unsigned), rest);
    const explicit = { ...others, rtc: { ...rtc, signed_callbacks: true } };
    assert.ok(signed(explicit).includes('rtc.event_url'));
  });
});
