/** The problem documents: each that a request can provoke, and the order of the faults in one. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { BASE, createClient } from './client.ts';
import { type Fault, type Problem, problem, problems, refused } from './problem.ts';
import { body, OWN_KEY } from './sample.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const anonymous = createClient(target.url);
const MISSING = '019a0000-0000-7000-8000-000000000000';
const UNKNOWN = 'is not a known property';

describe('the documents', () => {
  const invalid = problems.payload(['name', 'is required']);
  const cases: readonly [name: string, expected: Problem, send: () => ReturnType<typeof api.send>][] = [
    ['W40 of a body that is invalid', invalid, () => api.create({})],
    ['W41 of a list that is invalid', problems.list(['page', /^must/]), () => api.list('?page=0')],
    ['W42 of a text that is no JSON', problems.json, () => api.send({ method: 'POST', body: '{"name":' })],
    ['W43 of credentials that are missing', problems.unauthorized, () => anonymous.list()],
    ['W44 of an application that is not there', problems.application(MISSING), () => api.read(MISSING)],
    ['W44 of a path that is not there', problems.resource, () => anonymous.send({ path: '/v2/numbers' })],
    ['W45 of a method', problems.verb('PATCH'), () => api.send({ method: 'PATCH' })],
    ['W46 of Accept', problems.accept, () => api.send({ headers: { accept: 'text/html' } })],
    [
      'W47 of Content-Type',
      problems.contentType,
      () => api.send({ method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } }),
    ],
    [
      'W49 of a body too large',
      problems.tooLarge,
      () => api.send({ method: 'POST', body: ' '.repeat(262_145) }),
    ],
  ];
  for (const [name, expected, send] of cases) {
    it(`${name} is exactly the contract’s, with its headers (W57)`, async () =>
      problem(await send(), expected));
  }

  it('W57 leave the connection usable: the next requests are answered', async () => {
    for (const [, , send] of cases) {
      await send();
      assert.equal((await api.list()).status, 200);
    }
  });

  it('W43 comes with the challenge, W45 with Allow, and neither with the other', async () => {
    const [unauthorized, verb] = [await anonymous.list(), await api.send({ method: 'PATCH' })];
    assert.equal(unauthorized.headers['www-authenticate'], 'Basic realm="Application API", charset="UTF-8"');
    assert.equal(unauthorized.headers['allow'], undefined);
    assert.equal(verb.headers['www-authenticate'], undefined);
  });
});

describe('the faults of a body', () => {
  it('W40 are all told at once, in the order of the body', async () => {
    const json = {
      zebra: 1,
      capabilities: {
        voice: {
          region: 'mars',
          webhooks: {
            event_url: { http_method: 'PUT', address: 'nowhere' },
            answer_url: { address: 'https://example.com', socket_timeout: 1, connect_timeout: 'x' },
          },
          signed_callbacks: 'yes',
          payments: { gateways: [{}, { mode: 'maybe', kind: 1 }] },
        },
        sms: {},
        messages: { version: '' },
      },
      privacy: { improve_ai: 1 },
      name: '',
      keys: { public_key: 7 },
    };
    const voice = 'capabilities.voice';
    refused(
      await api.create(json),
      ['zebra', UNKNOWN],
      [`${voice}.region`, /^must be one of: na-east/],
      [`${voice}.webhooks.event_url.http_method`, 'must be one of: GET, POST'],
      [`${voice}.webhooks.event_url.address`, 'must be an absolute http or https URL'],
      [`${voice}.webhooks.answer_url.socket_timeout`, 'must be between 1000 and 5000'],
      [`${voice}.webhooks.answer_url.connect_timeout`, 'must be an integer'],
      [`${voice}.signed_callbacks`, 'must be a boolean'],
      [`${voice}.payments.gateways.1.mode`, 'must be one of: test, live'],
      [`${voice}.payments.gateways.1.kind`, UNKNOWN],
      ['capabilities.sms', UNKNOWN],
      ['capabilities.messages.version', 'must be between 1 and 255 characters'],
      ['privacy.improve_ai', 'must be a boolean'],
      ['name', 'must be between 1 and 255 characters'],
      ['keys.public_key', 'must be a string'],
    );
  });

  it('W40 begin with the required member that is missing', async () => {
    refused(
      await api.create({ zebra: 1, privacy: [], keys: { public_key: 'x' } }),
      ['name', 'is required'],
      ['zebra', UNKNOWN],
      ['privacy', 'must be an object'],
      ['keys.public_key', /./],
    );
  });

  it('W40 stand in the order of the text, also where names look like numbers or come twice', async () => {
    const text = `{"b":1,"10":1,"name":"x","2":1,"a":1,"keys":{"z":1,"1":1,"public_key":${JSON.stringify(OWN_KEY)}}}`;
    refused(
      await api.send({ method: 'POST', body: text }),
      ...['b', '10', '2', 'a', 'keys.z', 'keys.1'].map((name): Fault => [name, UNKNOWN]),
    );
  });

  it('W40 are one for each path', async () => {
    const webhook = { address: 'http://u@h\\ \n', http_method: '', connection_timeout: 1.5 };
    const json = body({ capabilities: { voice: { webhooks: { answer_url: webhook } } } });
    const path = 'capabilities.voice.webhooks.answer_url';
    refused(
      await api.create(json),
      [`${path}.address`, 'must be an absolute http or https URL'],
      [`${path}.http_method`, 'must be one of: GET, POST'],
      [`${path}.connection_timeout`, 'must be an integer'],
    );
    refused(await api.create(body({ name: `${'x'.repeat(300)}\n\t${'\u0001'}x` })), ['name', /^must/]);
  });

  it('W40 of PUT are the same as of POST', async () => {
    const { id } = await api.given(body());
    const json = { a: null, capabilities: { rtc: { leg_persistence_time: 0, b: 1 } } };
    const faults: Fault[] = [
      ['name', 'is required'],
      ['a', UNKNOWN],
      ['capabilities.rtc.leg_persistence_time', 'must be between 1 and 31'],
      ['capabilities.rtc.b', UNKNOWN],
    ];
    refused(await api.create(json), ...faults);
    refused(await api.update(id, json), ...faults);
  });

  it('W40 of a thousand unknown members are told all', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `m${index}`);
    const json = { ...body(), ...Object.fromEntries(names.map((name) => [name, 1])) };
    refused(await api.create(json), ...names.map((name): Fault => [name, UNKNOWN]));
  });

  it('W40 name a member as it was sent, whatever its name', async () => {
    for (const name of ['', ' ', 'a.b', 'a/b', '~', 'ü🎈', '"', '\\', '<b>', '\n', 'x'.repeat(5000)]) {
      refused(await api.create(body({ [name]: 1 })), [name, UNKNOWN]);
    }
  });

  it('W49 tell nothing of the server: no stack, no SQL, no path of a file', async () => {
    const inside = /node_modules|\.ts\b|\.js\b|SELECT |INSERT |sqlite| {4}at |\/src\//i;
    const answers = [
      await api.send({ method: 'POST', body: '{' }),
      await api.create({ name: {} }),
      await api.create(body({ keys: { public_key: `-----BEGIN PUBLIC KEY-----\n${'A'.repeat(64)}\n` } })),
      await api.read("'%20OR%201=1%20--"),
      await api.send({ path: `${BASE}/%00%ff` }),
      await anonymous.send({ headers: { authorization: 'Basic \u00ff' } }),
    ];
    for (const { text } of answers) assert.doesNotMatch(text, inside);
  });
});
