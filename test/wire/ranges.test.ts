/** Ranges and enumerations: each bound of each member, by each of its names. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { at, createClient } from './client.ts';
import { refused } from './problem.ts';
import { pathOf, VOICE_WEBHOOKS, WEBHOOKS, withCapabilities, withMember, withWebhook } from './sample.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const ADDRESS = 'https://example.com/hook';
const INTEGER = 'must be an integer';
const NO_INTEGERS: readonly unknown[] = ['500', '', 500.5, 1e-9, true, [], {}, [500]];

describe('a timeout', () => {
  for (const rule of VOICE_WEBHOOKS) {
    const members = [
      { name: 'connection_timeout', low: 300, high: rule.timeouts.connection },
      { name: 'connect_timeout', low: 300, high: rule.timeouts.connection },
      { name: 'socket_timeout', low: 1000, high: rule.timeouts.socket },
    ];
    for (const { name, low, high } of members) {
      const path = `${pathOf(rule)}.${name}`;
      const send = (value: unknown) => api.create(withWebhook(rule, { address: ADDRESS, [name]: value }));

      it(`W16 ${path} is ${low} to ${high}`, async () => {
        for (const value of [low, low + 1, high - 1, high]) {
          const answer = await send(value);
          assert.equal(answer.status, 201, answer.text);
          assert.equal(at(answer.json, path), value);
        }
        const far = [low - 1, high + 1, 0, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53, 1e300];
        for (const value of far) refused(await send(value), [path, `must be between ${low} and ${high}`]);
      });

      it(`W16 ${path} is an integer`, async () => {
        for (const value of NO_INTEGERS) refused(await send(value), [path, INTEGER]);
      });

      it(`W16 ${path} is judged in a webhook that is not given, too (W18)`, async () => {
        for (const address of [null, '']) {
          const json = withWebhook(rule, { address, [name]: high + 1 });
          refused(await api.create(json), [path, `must be between ${low} and ${high}`]);
        }
        refused(await api.create(withWebhook(rule, { [name]: 'x' })), [path, INTEGER]);
      });
    }
  }

  it('W16 may be written with an exponent or a point, if it is whole', async () => {
    const json = JSON.stringify(withMember('capabilities.voice.conversation_ttl', 7777));
    for (const [written, value] of [
      ['1e3', 1000],
      ['48.0', 48],
      ['-0', 0],
      ['480E-1', 48],
    ] as const) {
      const answer = await api.send({ method: 'POST', body: json.replace('7777', written) });
      assert.equal(answer.status, 201, answer.text);
      assert.equal(at(answer.json, 'capabilities.voice.conversations_ttl'), value);
      assert.ok(answer.text.includes(`"conversation_ttl":${value}`), 'an integer is written plainly');
    }
  });
});

describe('a method', () => {
  for (const rule of WEBHOOKS) {
    const path = `${pathOf(rule)}.http_method`;
    it(`W16 ${path} is one of ${rule.methods.join(', ')}`, async () => {
      for (const http_method of rule.methods) {
        const answer = await api.create(withWebhook(rule, { address: ADDRESS, http_method }));
        assert.equal(answer.status, 201, answer.text);
        assert.equal(at(answer.json, path), http_method);
      }
      const known = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'get', 'Post', 'GET ', ''];
      const reason = `must be one of: ${rule.methods.join(', ')}`;
      for (const http_method of known.filter((method) => !rule.methods.includes(method))) {
        refused(await api.create(withWebhook(rule, { address: ADDRESS, http_method })), [path, reason]);
        refused(await api.create(withWebhook(rule, { http_method })), [path, reason]);
      }
      for (const http_method of [1, true, [], {}, [rule.method]]) {
        const answer = await api.create(withWebhook(rule, { address: ADDRESS, http_method }));
        refused(answer, [path, /^must be (a string|one of: )/]);
      }
    });
  }
});

describe('the other members of the contract', () => {
  const times = ['capabilities.rtc.leg_persistence_time', 'capabilities.voice.leg_persistence_time'];
  for (const path of times) {
    it(`W16 ${path} is 1 to 31`, async () => {
      for (const value of [1, 2, 30, 31]) {
        assert.equal(at((await api.create(withMember(path, value))).json, path), value);
      }
      for (const value of [0, 32, -5, 2 ** 31, 2 ** 40]) {
        refused(await api.create(withMember(path, value)), [path, 'must be between 1 and 31']);
      }
      for (const value of NO_INTEGERS) refused(await api.create(withMember(path, value)), [path, INTEGER]);
    });
  }

  it('W16 verify.version is v2', async () => {
    const path = 'capabilities.verify.version';
    assert.equal(at((await api.create(withMember(path, 'v2'))).json, path), 'v2');
    for (const value of ['v1', 'V2', '', 'v2 ']) {
      refused(await api.create(withMember(path, value)), [path, 'must be one of: v2']);
    }
    for (const value of [2, true, []]) {
      refused(await api.create(withMember(path, value)), [path, /^must be (a string|one of: )/]);
    }
  });

  for (const path of ['capabilities.voice.signed_callbacks', 'capabilities.rtc.signed_callbacks']) {
    it(`W16 ${path} is a boolean`, async () => {
      for (const value of [true, false]) {
        assert.equal(at((await api.create(withMember(path, value))).json, path), value);
      }
      for (const value of ['true', '', 0, 1, [], {}]) {
        refused(await api.create(withMember(path, value)), [path, 'must be a boolean']);
      }
    });
  }

  const gateways = 'capabilities.voice.payments.gateways';
  const gateway = (value: unknown) =>
    api.create(withCapabilities({ voice: { payments: { gateways: [{}, value] } } }));

  it('W16 a gateway’s mode is test or live', async () => {
    for (const mode of ['test', 'live']) {
      assert.equal(at((await gateway({ mode })).json, `${gateways}.1.mode`), mode);
    }
    for (const mode of ['', 'Live', 'prod']) {
      refused(await gateway({ mode }), [`${gateways}.1.mode`, 'must be one of: test, live']);
    }
    refused(await gateway({ mode: 1 }), [`${gateways}.1.mode`, /^must be (a string|one of: )/]);
  });

  it('W16 gateways is an array of objects', async () => {
    for (const value of [{}, 'x', 1, true]) {
      refused(await api.create(withMember(gateways, value)), [gateways, 'must be an array']);
    }
    for (const value of ['x', 1, true, null, []]) {
      refused(await gateway(value), [`${gateways}.1`, 'must be an object']);
    }
    const several = [{ mode: 'live' }, { type: 'Azure', credential: 'c' }, {}];
    const json = withCapabilities({ voice: { payments: { gateways: several } } });
    assert.deepEqual(at((await api.create(json)).json, gateways), several);
  });
});

describe('where the contract gives a bare type', () => {
  for (const name of ['conversation_ttl', 'conversations_ttl']) {
    const path = `capabilities.voice.${name}`;
    it(`W22 ${name} is a whole number of 0 to 9000`, async () => {
      for (const value of [0, 1, 48, 8999, 9000]) {
        assert.equal(at((await api.create(withMember(path, value))).json, path), value);
      }
      for (const value of [-1, 9001, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 60]) {
        refused(await api.create(withMember(path, value)), [path, 'must be between 0 and 9000']);
      }
      for (const value of NO_INTEGERS) refused(await api.create(withMember(path, value)), [path, INTEGER]);
    });
  }

  const strings: readonly [path: string, json: (value: unknown) => unknown][] = [
    ['capabilities.messages.version', (value) => withMember('capabilities.messages.version', value)],
    ...['type', 'credential'].map((name): [string, (value: unknown) => unknown] => [
      `capabilities.voice.payments.gateways.0.${name}`,
      (value) => withMember('capabilities.voice.payments.gateways', [{ [name]: value }]),
    ]),
  ];
  for (const [path, json] of strings) {
    it(`W22 ${path} is a string of 1 to 255 characters`, async () => {
      for (const value of ['v0.1', 'v1', 'x', 'y'.repeat(255), '🎈'.repeat(255), ' a ']) {
        const answer = await api.create(json(value));
        assert.equal(answer.status, 201, answer.text);
        assert.equal(at(answer.json, path), value);
      }
      for (const value of ['', 'y'.repeat(256), '🎈'.repeat(256)]) {
        refused(await api.create(json(value)), [path, 'must be between 1 and 255 characters']);
      }
      for (const value of [1, true, {}, []])
        refused(await api.create(json(value)), [path, 'must be a string']);
    });
  }
});
