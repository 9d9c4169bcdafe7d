/** What the server answers is what its OpenAPI document says: status, headers, type and body. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createOpenApiDocument } from '../src/contract/openapi.ts';
import type { Method } from '../src/contract/openapi-model.ts';
import { type Jackfield, startJackfield } from './jackfield.ts';
import { createAnswerCheck, createCheck, pointerTo } from './openapi-check.ts';
import { type Client, createClient, type Sending } from './wire/client.ts';
import { OWN_KEY } from './wire/sample.ts';

const COLLECTION = '/v2/applications';
const ITEM = '/v2/applications/{id}';
const document = createOpenApiDocument({ version: '1.2.3' });
const check = createCheck(document);
const { responseOf, assertDocumented } = createAnswerCheck(document);

/** An operation, the status that is expected, and what is sent; `{id}` is that of an application there is. */
type Case = readonly [method: Method, path: string, status: number, sending?: Sending];

const xml = { accept: 'application/xml' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const everything = {
  name: 'everything',
  keys: { public_key: OWN_KEY },
  privacy: { improve_ai: false },
  capabilities: {
    voice: {
      webhooks: {
        answer_url: { address: 'https://example.com/a' },
        event_url: { address: 'https://example.com/b' },
      },
      region: 'eu-west',
      payments: { gateways: [{ type: 'Stripe', mode: 'test' }] },
    },
    messages: { webhooks: { inbound_url: { address: 'https://example.com/c' } } },
    rtc: { webhooks: { event_url: { address: 'https://example.com/d' } } },
    meetings: {},
    vbc: {},
    verify: { version: 'v2' },
    video: { anything: [null, 1] },
    network_apis: { redirect_uri: 'https://example.com/e' },
    bulk: {},
  },
};

const CASES: readonly Case[] = [
  ['get', COLLECTION, 200],
  ['get', COLLECTION, 400, { path: `${COLLECTION}?page_size=0` }],
  ['get', COLLECTION, 401, { headers: { authorization: undefined } }],
  ['get', COLLECTION, 406, { headers: xml }],
  ['head', COLLECTION, 200],
  ['head', COLLECTION, 401, { headers: { authorization: undefined } }],
  ['post', COLLECTION, 201, { json: { name: 'small' } }],
  ['post', COLLECTION, 201, { json: everything }],
  ['post', COLLECTION, 400, { json: { name: '', surprise: true } }],
  ['post', COLLECTION, 201, { json: { name: 'small' }, headers: { 'idempotency-key': 'once' } }],
  ['post', COLLECTION, 201, { json: { name: 'small' }, headers: { 'idempotency-key': 'once' } }],
  ['post', COLLECTION, 422, { json: { name: 'other' }, headers: { 'idempotency-key': 'once' } }],
  ['post', COLLECTION, 400, { json: { name: 'small' }, headers: { 'idempotency-key': 'a,b' } }],
  ['post', COLLECTION, 400, { body: '{"name":' }],
  ['post', COLLECTION, 413, { body: `{"name":"${'n'.repeat(262_144)}"}` }],
  ['post', COLLECTION, 415, { body: 'name=n', headers: form }],
  ['options', COLLECTION, 204, { headers: { authorization: undefined } }],
  ['get', ITEM, 200],
  ['get', ITEM, 404, { path: `${COLLECTION}/nobody` }],
  ['head', ITEM, 200],
  ['head', ITEM, 404, { path: `${COLLECTION}/nobody` }],
  ['get', ITEM, 304, { headers: { 'if-none-match': '*' } }],
  ['get', ITEM, 400, { headers: { 'if-match': 'bare' } }],
  ['get', ITEM, 412, { headers: { 'if-match': '"other"' } }],
  ['head', ITEM, 304, { headers: { 'if-none-match': '*' } }],
  ['put', ITEM, 200, { json: everything }],
  ['put', ITEM, 400, { json: everything, headers: { 'if-match': 'bare' } }],
  ['put', ITEM, 412, { json: everything, headers: { 'if-match': '"other"' } }],
  ['put', ITEM, 400, { json: { name: 1 } }],
  ['put', ITEM, 404, { path: `${COLLECTION}/nobody`, json: { name: 'n' } }],
  ['put', ITEM, 415, { body: 'name=n', headers: form }],
  ['options', ITEM, 204],
  ['delete', ITEM, 400, { headers: { 'if-match': 'bare' } }],
  ['delete', ITEM, 412, { headers: { 'if-none-match': '*' } }],
  ['delete', ITEM, 204],
  ['delete', ITEM, 404],
  ['get', '/', 200],
  ['get', '/healthz', 200],
  ['get', '/readyz', 200],
  ['get', '/metrics', 404],
  ['get', '/openapi.json', 200],
  ['get', '/openapi.json', 304, { headers: { 'if-none-match': '*' } }],
  ['get', '/openapi.yaml', 200],
  ['get', '/openapi.yaml', 304, { headers: { 'if-none-match': '*' } }],
  ['get', '/docs', 200],
  ['get', '/docs', 304, { headers: { 'if-none-match': '*' } }],
];

describe('an answer of the server is as the OpenAPI document says', () => {
  let jackfield: Jackfield;
  let api: Client;
  let id: string;
  before(async () => {
    jackfield = await startJackfield({ JACKFIELD_RATE_LIMIT: '1000' });
    api = createClient(jackfield.url, jackfield.accounts[0]);
    ({ id } = await api.given({ name: 'first', keys: { public_key: OWN_KEY } }));
  });
  after(() => jackfield.close());

  for (const [method, path, status, sending] of CASES) {
    it(`to ${method.toUpperCase()} ${sending?.path ?? path} with ${status}`, async () => {
      const answer = await api.send({
        method: method.toUpperCase(),
        path: path.replace('{id}', id),
        ...sending,
      });
      assert.equal(answer.status, status, answer.text);
      assertDocumented(method, path, answer);
    });
  }

  for (const [path, { parameters: _, ...operations }] of Object.entries(document.paths)) {
    if (path === '/metrics') continue; // `serve` has it on a listener of its own
    it(`to a method that ${path} does not have`, async () => {
      const answer = await api.send({ method: 'PATCH', path });
      assert.equal(answer.status, 405, answer.text);
      for (const [method, { responses }] of Object.entries(operations)) {
        if (method === 'options' || method === 'head') continue;
        assert.ok('405' in responses);
        assertDocumented(method as Method, path, answer);
      }
    });
  }

  for (const path of [COLLECTION, ITEM]) {
    it(`W36 to OPTIONS ${path}, with all its headers`, () => {
      const { response } = responseOf('options', path, 204);
      assert.deepEqual(Object.keys(response.headers ?? {}).sort(), [
        'Allow',
        'Cache-Control',
        'X-Request-Id',
      ]);
    });
  }

  for (const status of [400, 408]) {
    it(`W56 to what is broken off behind the credentials, with the headers of the limit: ${status}`, () => {
      const { response } = responseOf('get', ITEM, status);
      for (const name of ['RateLimit', 'RateLimit-Policy']) assert.ok(name in (response.headers ?? {}), name);
    });
  }

  it('W49 to whoever asks whether it is ready when its database does not answer', async () => {
    await using server = await startJackfield();
    await server.context.database.close();
    const answer = await createClient(server.url).send({ path: '/readyz' });
    assertDocumented('get', '/readyz', answer);
    const { type, instance, status, database } = answer.json as Record<string, unknown>;
    assert.equal(answer.status, 503);
    assert.equal(type, 'https://developer.vonage.com/api-errors#unavailable');
    assert.equal(instance, answer.headers['x-request-id']);
    assert.deepEqual([status, database], ['unavailable', 'unreachable']);
    assert.equal(answer.headers['retry-after'], '1');
  });

  it('W18 with addresses that are no URIs, or none', async () => {
    const address = 'https://exämple.com/ä?b=漢';
    const webhooks = { answer_url: { address }, event_url: { address: '' } };
    const sent = { name: 'iri', keys: { public_key: OWN_KEY }, capabilities: { voice: { webhooks } } };
    check(pointerTo('components', 'schemas', 'ApplicationBody'), sent);
    const answer = await api.send({ method: 'POST', path: COLLECTION, json: sent });
    assert.equal(answer.status, 201, answer.text);
    assertDocumented('post', COLLECTION, answer);
  });

  it('to more requests than the limit allows', async () => {
    await using limited = await startJackfield({ JACKFIELD_RATE_LIMIT: '1' });
    const client = createClient(limited.url, limited.accounts[0]);
    const answers = await Promise.all(Array.from({ length: 4 }, () => client.list()));
    const refused = answers.filter(({ status }) => status === 429);
    assert.notEqual(refused.length, 0);
    for (const answer of answers) assertDocumented('get', COLLECTION, answer);
  });
});
