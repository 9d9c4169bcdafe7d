/** What Jackfield's own API answers is what its OpenAPI document says: status, headers, type and body. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createJackfieldDocument } from '../src/contract/openapi-jackfield.ts';
import type { Method } from '../src/contract/openapi-model.ts';
import { type Jackfield, startJackfield } from './jackfield.ts';
import { createAnswerCheck } from './openapi-check.ts';
import { type Client, createClient, type Sending } from './wire/client.ts';
import { CALLS_LOOPBACK, NCCO, openReceiver } from './wire/receiver.ts';
import { OWN_KEY } from './wire/sample.ts';

const document = createJackfieldDocument({ version: '1.2.3' });
const { assertDocumented } = createAnswerCheck(document);

const V1 = '/jackfield/v1';
const KEYS = `${V1}/applications/{id}/keys`;
const EVENTS = `${V1}/applications/{id}/events`;
const SET = `${V1}/accounts/{api_key}/applications/{id}/jwks.json`;
const VERIFY = `${V1}/tokens/verify`;
const LIST = `${V1}/deliveries`;
const ONE = `${V1}/deliveries/{id}`;
const REPLAY = `${V1}/deliveries/{id}/replay`;
const REPLAYS = `${V1}/deliveries/replay`;
const STREAM = `${V1}/deliveries/stream`;

/** An operation, the status that is expected, and what is sent; `{id}` is that of an application or delivery there is. */
type Case = readonly [method: Method, path: string, status: number, sending?: Sending];

const nobody = { headers: { authorization: undefined } };
const xml = { headers: { accept: 'application/xml' } };
const large = { body: `"${'x'.repeat(262_144)}"` };
const form = { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
const event = (webhook: string, payload: unknown = {}) => ({ json: { webhook, payload } });
const inbound = event('messages.inbound_url', { text: 'Hello' });
const span = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };

/** What every write can get. */
const writes = (path: string): readonly Case[] => [
  ['post', path, 400, { body: '{' }],
  ['post', path, 401, nobody],
  ['post', path, 406, xml],
  ['post', path, 413, large],
  ['post', path, 415, form],
  ['options', path, 204, nobody],
];

const CASES: readonly Case[] = [
  ...[KEYS, EVENTS, VERIFY, REPLAY, REPLAYS].flatMap(writes),
  ['post', KEYS, 201],
  ['post', KEYS, 400, { json: { more: 1 } }],
  ['post', KEYS, 404, { path: `${V1}/applications/nobody/keys` }],
  ['get', SET, 200, nobody],
  ['get', SET, 404, { path: `${V1}/accounts/00000000/applications/nobody/jwks.json` }],
  ['head', SET, 200, nobody],
  ['options', SET, 204, nobody],
  ['post', VERIFY, 200, { json: { token: 'x' } }],
  ['post', VERIFY, 400, { json: {} }],
  ['post', EVENTS, 202, inbound],
  ['post', EVENTS, 200, { ...inbound, path: `${EVENTS}?wait=true` }],
  ['post', EVENTS, 200, event('voice.answer_url')],
  ['post', EVENTS, 400, event('voice.answer_url', [])],
  ['post', EVENTS, 400, event('voice.hangup_url')],
  ['post', EVENTS, 404, { ...inbound, path: `${V1}/applications/nobody/events` }],
  ['post', EVENTS, 409, event('rtc.event_url')],
  ['get', LIST, 200],
  ['get', LIST, 400, { path: `${LIST}?limit=0` }],
  ['get', LIST, 401, nobody],
  ['get', LIST, 406, xml],
  ['head', LIST, 200],
  ['options', LIST, 204, nobody],
  ['get', ONE, 200],
  ['get', ONE, 404, { path: `${LIST}/nobody` }],
  ['head', ONE, 200],
  ['options', ONE, 204],
  ['post', REPLAY, 202],
  ['post', REPLAY, 404, { path: `${LIST}/nobody/replay` }],
  ['post', REPLAYS, 400, { json: {} }],
  ['get', STREAM, 400, { headers: { 'last-event-id': 'x' } }],
  ['get', STREAM, 401, nobody],
  ['get', STREAM, 406, xml],
  ['head', STREAM, 200],
  ['options', STREAM, 204],
  ['get', '/jackfield/openapi.json', 200],
  ['get', '/jackfield/openapi.yaml', 304, { headers: { 'if-none-match': '*' } }],
  ['get', '/jackfield/docs', 200],
];

describe("an answer of Jackfield's own API is as its OpenAPI document says", () => {
  let jackfield: Jackfield;
  let receiver: Awaited<ReturnType<typeof openReceiver>>;
  let api: Client;
  let application: string;
  let delivery: string;

  const pathOf = (path: string): string =>
    path
      .replace('{api_key}', jackfield.accounts[0].apiKey)
      .replace('{id}', path.startsWith(`${V1}/deliveries`) ? delivery : application);

  const given = async (answer: string): Promise<string> => {
    const voice = { webhooks: { answer_url: { address: `${receiver.url}${answer}` } } };
    const messages = { webhooks: { inbound_url: { address: receiver.url } } };
    const sent = { name: 'n', keys: { public_key: OWN_KEY }, capabilities: { voice, messages } };
    return (await api.given(sent)).id;
  };

  before(async () => {
    jackfield = await startJackfield({ ...CALLS_LOOPBACK, JACKFIELD_RATE_LIMIT: '1000' });
    receiver = await openReceiver(({ url }) => (url.startsWith('/down') ? { status: 500 } : NCCO));
    api = createClient(jackfield.url, jackfield.accounts[0]);
    application = await given('/answer');
    const path = `${V1}/applications/${application}/events?wait=true`;
    const answer = await api.send({ method: 'POST', path, ...inbound });
    delivery = (answer.json as { id: string }).id;
  });
  after(async () => {
    await jackfield.close();
    await receiver[Symbol.asyncDispose]();
  });

  for (const [method, path, status, sending] of CASES) {
    it(`to ${method.toUpperCase()} ${sending?.path ?? path} with ${status}`, async () => {
      const answer = await api.send({
        method: method.toUpperCase(),
        ...sending,
        path: pathOf(sending?.path ?? path),
      });
      assert.equal(answer.status, status, answer.text);
      assertDocumented(method, path, answer);
    });
  }

  for (const [path, { parameters: _, ...operations }] of Object.entries(document.paths)) {
    it(`to a method that ${path} does not have`, async () => {
      const answer = await api.send({ method: 'PATCH', path: pathOf(path) });
      assert.equal(answer.status, 405, answer.text);
      for (const method of ['get', 'post'] as const)
        if (method in operations) assertDocumented(method, path, answer);
    });
  }

  it('to a question that nobody answers', async () => {
    const path = `${V1}/applications/${await given('/down')}/events`;
    const answer = await api.send({ method: 'POST', path, ...event('voice.answer_url') });
    assert.equal(answer.status, 502, answer.text);
    assertDocumented('post', EVENTS, answer);
  });

  it('to replays, one and many, and to one that cannot be', async () => {
    const json = {
      application_id: application,
      webhook: 'messages.inbound_url',
      status: 'delivered',
      ...span,
    };
    const many = await api.send({ method: 'POST', path: REPLAYS, json });
    assert.equal(many.status, 202, many.text);
    assertDocumented('post', REPLAYS, many);
    await api.update(application, { name: 'bare' });
    const refused = await api.send({ method: 'POST', path: pathOf(REPLAY) });
    assert.equal(refused.status, 409, refused.text);
    assertDocumented('post', REPLAY, refused);
    const all = await api.send({ method: 'POST', path: REPLAYS, json });
    assert.equal(all.status, 409, all.text);
    assertDocumented('post', REPLAYS, all);
  });
});
