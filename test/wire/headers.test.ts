/** The headers that every answer carries: content type, no caching, a request id of its own. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type Answer, at, BASE, createClient, type Sending } from './client.ts';
import { openRaw } from './raw.ts';
import { body } from './sample.ts';
import { openTarget, startConfigured } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const anonymous = createClient(target.url);
const MISSING = `${BASE}/019a0000-0000-7000-8000-000000000000`;
const { id } = await api.given(body());

/** A request for each status that /v2 answers, with credentials or without. */
const REQUESTS: readonly [status: number, sending: Sending, client?: typeof api][] = [
  [200, {}],
  [200, { path: `${BASE}/${id}` }],
  [200, { method: 'PUT', path: `${BASE}/${id}`, json: body() }],
  [200, { method: 'HEAD' }],
  [201, { method: 'POST', json: body() }],
  [204, { method: 'OPTIONS' }],
  [400, { path: `${BASE}?page=0` }],
  [400, { method: 'POST', json: [] }],
  [400, { method: 'POST', body: '{' }],
  [401, {}, anonymous],
  [401, { method: 'DELETE', path: `${BASE}/${id}` }, anonymous],
  [404, { path: MISSING }],
  [404, { path: '/v2/nothing' }],
  [404, { method: 'HEAD', path: MISSING }],
  [405, { method: 'PATCH' }],
  [406, { headers: { accept: 'text/html' } }],
  [413, { method: 'POST', body: ' '.repeat(262_145) }],
  [415, { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } }],
];

describe('every answer of /v2', () => {
  for (const [status, sending, client = api] of REQUESTS) {
    const { method = 'GET', path = BASE } = sending;
    it(`W36 of status ${status} is never cached: ${method} ${path}`, async () => {
      const answer = await client.send(sending);
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.headers['cache-control'], 'no-store');
    });

    it(`W36 of status ${status} is JSON in UTF-8, if it has content: ${method} ${path}`, async () => {
      const { headers, text } = await client.send(sending);
      assert.equal(headers['content-type'], status === 204 ? undefined : 'application/json; charset=utf-8');
      assert.equal(headers['content-encoding'], undefined);
      if (status === 204) assert.equal(text, '');
    });

    it(`W37 of status ${status} carries a request id of its own: ${method} ${path}`, async () => {
      const [one, other] = [await client.send(sending), await client.send(sending)];
      assertRequestId(one);
      assertRequestId(other);
      assert.notEqual(one.headers['x-request-id'], other.headers['x-request-id']);
    });
  }

  it('W36 of a deletion is never cached and carries a request id (W37)', async () => {
    const answer = await api.remove((await api.given(body())).id);
    assert.equal(answer.status, 204);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assertRequestId(answer);
  });

  it('W36 declares its length in bytes, not in characters', async () => {
    const made = await api.create(body({ name: 'ü🎈漢' }));
    assert.equal(Number(made.headers['content-length']), Buffer.byteLength(made.text));
    const list = await api.list('?page_size=100');
    assert.equal(Number(list.headers['content-length']), Buffer.byteLength(list.text));
  });
});

function assertRequestId({ headers, text }: Answer): void {
  const requestId = headers['x-request-id'] ?? '';
  assert.match(requestId, /^[0-9a-f]{32}$/);
  const instance = text === '' ? undefined : at(JSON.parse(text), 'instance');
  if (instance !== undefined) assert.equal(instance, requestId);
}

describe('the request id', () => {
  it('W37 is the server’s own, whatever a client sends', async () => {
    const sent = 'abcdefabcdefabcdefabcdefabcdefab';
    const { headers } = await api.send({ headers: { 'x-request-id': sent, 'request-id': sent } });
    assert.notEqual(headers['x-request-id'], sent);
  });

  it('W37 never comes twice', async () => {
    const seen = new Set<string | undefined>();
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => anonymous.send({ method: 'OPTIONS' })),
      );
      for (const { headers } of answers) seen.add(headers['x-request-id']);
    }
    assert.equal(seen.size, 1000);
  });

  it('W37 is carried by answers outside of /v2, too', async () => {
    for (const path of ['/', '/healthz', '/readyz', '/nothing', '/favicon.ico', '/openapi.json']) {
      for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS']) {
        assertRequestId(await anonymous.send({ method, path }));
      }
    }
  });

  it('W37 stands in the log, one line for each request', async () => {
    await using server = await startConfigured({});
    const client = createClient(server.url, server.accounts[0]);
    const ids: string[] = [];
    for (const sending of [{}, { path: MISSING }, { path: '/nothing' }, { method: 'PATCH' }, { path: '/' }]) {
      ids.push((await client.send(sending)).headers['x-request-id'] ?? '');
    }
    using connection = await openRaw(server.url);
    connection.write('rubbish\r\n\r\n');
    const raw = await connection.answer();
    assert.equal(raw.status, 400);
    ids.push(raw.headers['x-request-id'] ?? '');
    await server.close();
    for (const requestId of ids) {
      assert.equal(server.logLines().filter((line) => line.includes(requestId)).length, 1, requestId);
    }
  });
});
