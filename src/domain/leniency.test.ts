import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JackfieldError } from '../errors.ts';
import { parseApplicationBody } from './application-body.ts';
import { readLeniently } from './leniency.ts';

const NET = { raiseSocketTimeout: true, digitStringTimeouts: false };
const PHP = { raiseSocketTimeout: false, digitStringTimeouts: true };

function bodyWith(webhook: object) {
  const sent = { address: 'https://example.com', ...webhook };
  return { name: 'x', capabilities: { voice: { webhooks: { event_url: sent } } } };
}

/** The timeouts kept, or the faults. */
function read(webhook: object, leniency: typeof NET, stored?: number): unknown {
  try {
    const before = stored && parseApplicationBody(bodyWith({ connect_timeout: stored })).capabilities;
    const { capabilities } = parseApplicationBody(bodyWith(webhook), {
      leniency,
      stored: before || undefined,
    });
    const kept = capabilities.voice?.webhooks.event_url;
    return [kept?.connection_timeout, kept?.connect_timeout, kept?.socket_timeout];
  } catch (error) {
    assert.ok(error instanceof JackfieldError);
    return error.faults.map(({ name, reason }) => `${name.split('event_url.')[1]} ${reason}`);
  }
}

describe('a lenient reading', () => {
  it('W61 raises a socket_timeout below the minimum to it, for .NET only', () => {
    for (const timeout of [500, 999, 0, -1]) {
      assert.deepEqual(read({ socket_timeout: timeout }, NET), [1000, 1000, 1000]);
      assert.deepEqual(read({ socket_timeout: timeout }, PHP), [
        'socket_timeout must be between 1000 and 10000',
      ]);
    }
    assert.deepEqual(read({ socket_timeout: 2000 }, NET), [1000, 1000, 2000]);
    assert.deepEqual(read({ socket_timeout: 500.5 }, NET), ['socket_timeout must be an integer']);
    assert.deepEqual(read({ socket_timeout: 10_001 }, NET), [
      'socket_timeout must be between 1000 and 10000',
    ]);
    assert.deepEqual(read({ connection_timeout: 1 }, NET), [
      'connection_timeout must be between 300 and 1000',
    ]);
  });

  it('W62 reads digit strings as integers, for PHP only', () => {
    const sent = { connection_timeout: '0500', connect_timeout: 500, socket_timeout: '3000' };
    assert.deepEqual(read(sent, PHP), [500, 500, 3000]);
    assert.deepEqual(read(sent, NET), [
      'connection_timeout must be an integer',
      'socket_timeout must be an integer',
    ]);
    for (const text of ['', ' 500', '5e2', '500.0', '-500', '0x1f4', '٥٠٠']) {
      assert.deepEqual(read({ connect_timeout: text }, PHP), ['connect_timeout must be an integer'], text);
    }
    for (const text of ['1', '1001', '9'.repeat(30)]) {
      assert.deepEqual(
        read({ connect_timeout: text }, PHP),
        ['connect_timeout must be between 300 and 1000'],
        text,
      );
    }
  });

  it('W62 reads digit strings before spellings are compared (W15)', () => {
    const sent = { connection_timeout: '700', connect_timeout: '400', socket_timeout: '1000' };
    assert.deepEqual(read(sent, PHP), ['connect_timeout must equal connection_timeout']);
    assert.deepEqual(read(sent, PHP, 700), [400, 400, 1000]);
  });

  it('W62 reads no other member so', () => {
    const body = {
      name: 'x',
      capabilities: { voice: { conversation_ttl: '48', leg_persistence_time: '7' } },
    };
    assert.throws(() => parseApplicationBody(body, { leniency: PHP }), { code: 'payload_invalid' });
  });

  it('W61 and W62 leave a body of any other shape as it is', () => {
    const shapes = [
      1,
      null,
      [],
      { capabilities: null },
      { capabilities: [] },
      { capabilities: { voice: 'x' } },
      { capabilities: { voice: { webhooks: [{ socket_timeout: '1' }] } } },
      { capabilities: { voice: { webhooks: { event_url: null, answer_url: 7, x: {} } } } },
    ];
    for (const body of shapes) {
      const before = structuredClone(body);
      assert.deepEqual(readLeniently(body, { raiseSocketTimeout: true, digitStringTimeouts: true }), before);
    }
  });

  it('W62 leaves the body that was sent untouched', () => {
    const body = bodyWith({ socket_timeout: '500' });
    const before = structuredClone(body);
    readLeniently(body, { raiseSocketTimeout: true, digitStringTimeouts: true });
    assert.deepEqual(body, before);
  });
});
