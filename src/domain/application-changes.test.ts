import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeCreation, describeUpdate, WITHHELD } from './application-changes.ts';

const KEY = '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n';
const FINGERPRINT = 'sha256:709e80c88487a2411e1ee4dfb9f22a861492d20c4765150c0c794abd70f8147c';

function applicationWith(capabilities: object, changes: object = {}) {
  return { id: 'a', name: 'One', publicKey: KEY, improveAi: true, capabilities, ...changes };
}

const eventUrl = (address: string, settings: object = {}) => ({
  voice: { webhooks: { event_url: { address, http_method: 'POST', socket_timeout: 1000, ...settings } } },
});

describe('what is recorded of a new application', () => {
  it('is its name, key and capabilities, and where its webhooks go', () => {
    const { voice } = eventUrl('https://u:p@example.com:8443/t/token?key=1#x');
    const application = applicationWith({ voice, video: { webhooks: { a: { address: 'https://secret' } } } });
    assert.deepEqual(describeCreation(application, false), {
      name: 'One',
      key: FINGERPRINT,
      key_generated: false,
      capabilities: ['voice', 'video'],
      addresses: { 'voice.event_url': 'https://example.com:8443' },
    });
  });
});

describe('what is recorded of an update', () => {
  const changesOf = (before: object, after: object) =>
    describeUpdate(applicationWith(before), applicationWith(after)).changes;

  it('is each member that changed, with values from both sides', () => {
    const before = applicationWith(eventUrl('https://example.com/a'));
    const other = { name: 'Two', improveAi: false, publicKey: KEY.replace('AAAA', 'AAAB') };
    const after = applicationWith(eventUrl('http://example.org/b', { http_method: 'GET' }), other);
    const { key_replaced, changes, ...rest } = describeUpdate(before, after);
    assert.deepEqual(rest, {});
    assert.equal(key_replaced, true);
    const [name, key, privacy, ...capabilities] = changes;
    assert.deepEqual(name, { member: '/name', from: 'One', to: 'Two' });
    assert.deepEqual([key?.member, key?.from], ['/keys/public_key', FINGERPRINT]);
    assert.match(String(key?.to), /^sha256:[0-9a-f]{64}$/);
    assert.deepEqual(privacy, { member: '/privacy/improve_ai', from: true, to: false });
    assert.deepEqual(capabilities, [
      {
        member: '/capabilities/voice/webhooks/event_url/address',
        from: 'https://example.com',
        to: 'http://example.org',
      },
      { member: '/capabilities/voice/webhooks/event_url/http_method', from: 'POST', to: 'GET' },
    ]);
  });

  it('tells of members that came and went', () => {
    assert.deepEqual(changesOf({ vbc: {} }, { rtc: { signed_callbacks: true, webhooks: {} } }), [
      { member: '/capabilities/vbc', from: WITHHELD },
      { member: '/capabilities/rtc/signed_callbacks', to: true },
      { member: '/capabilities/rtc/webhooks', to: WITHHELD },
    ]);
  });

  it('shows nothing of what anybody may make up, nor of a text that is not from a list', () => {
    const gateways = (credential: string) => ({ voice: { payments: { gateways: [{ credential }] } } });
    assert.deepEqual(changesOf(gateways('one'), gateways('two')), [
      { member: '/capabilities/voice/payments/gateways/0/credential', from: WITHHELD, to: WITHHELD },
    ]);
    assert.deepEqual(changesOf({ video: { 'a/~b': 1 } }, { video: { 'a/~b': 2, c: [true] } }), [
      { member: '/capabilities/video/a~1~0b', from: WITHHELD, to: WITHHELD },
      { member: '/capabilities/video/c/0', to: WITHHELD },
    ]);
  });

  it('tells of a member that is another kind of value now', () => {
    assert.deepEqual(changesOf({ bulk: { a: 1 } }, { bulk: { a: { b: 2 } } }), [
      { member: '/capabilities/bulk/a/b', to: WITHHELD },
      { member: '/capabilities/bulk/a', from: WITHHELD, to: WITHHELD },
    ]);
  });

  it('is bounded, however much changed', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`${n}${'x'.repeat(300)}`, n]));
    const deep = JSON.parse(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`);
    const before = applicationWith({ bulk: {} });
    const { changes, more_changes } = describeUpdate(before, applicationWith({ bulk: many, video: deep }));
    assert.ok(JSON.stringify(changes).length < 5000);
    assert.equal(changes.length + (more_changes ?? 0), 5001);
  });
});
