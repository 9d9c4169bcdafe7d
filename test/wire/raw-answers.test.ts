/** Answers to what never became a request: their turn among other answers, their line in the log, the limit they tell of. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '../condition.ts';
import type { Jackfield } from '../jackfield.ts';
import { type Answer, BASE, basic } from './client.ts';
import { problem, problems } from './problem.ts';
import { openRaw, rawRequest } from './raw.ts';
import { startConfigured } from './target.ts';

const HOST = 'Host: localhost';
const JSON_TYPE = 'Content-Type: application/json';
const auth = (server: Jackfield) => `Authorization: ${basic(server.accounts[0])}`;

/** A POST whose body cannot be read. */
const broken = (authorization: string) =>
  rawRequest(`POST ${BASE}`, [HOST, authorization, JSON_TYPE, 'Transfer-Encoding: chunked'], 'zz\r\n');

/** The lines of the log that tell of requests. */
const requestLines = (server: Jackfield) =>
  server
    .logLines()
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ msg }) => msg === 'request');

async function get(server: Jackfield): Promise<void> {
  using connection = await openRaw(server.url);
  connection.write(rawRequest(`GET ${BASE}`, [HOST, auth(server)]));
  assert.equal((await connection.answer()).status, 200);
}

describe('a raw answer behind a request that takes its time', () => {
  /** Making a pair of keys takes long enough for all that was sent at once to be read. */
  const SLOW = { JACKFIELD_KEY_BITS: '3072', JACKFIELD_KEY_POOL_SIZE: '0' };
  const text = '{"name":"pair"}';
  const create = (authorization: string) =>
    rawRequest(`POST ${BASE}`, [HOST, authorization, JSON_TYPE, `Content-Length: ${text.length}`], text);

  const cases: readonly [
    what: string,
    bytes: (authorization: string) => string,
    check: (answer: Answer) => void,
  ][] = [
    ['rubbish', () => 'rubbish\r\n\r\n', (answer) => problem(answer, problems.badRequest)],
    ['a body that cannot be read', broken, (answer) => problem(answer, problems.badRequest)],
    [
      'the body of a request that is refused without it',
      // Refused at once, however soon the pair is made.
      () => broken('Authorization: Bearer x'),
      (answer) => problem(answer, problems.unauthorized),
    ],
    ['CONNECT', () => rawRequest('CONNECT a:1', [HOST]), (answer) => problem(answer, problems.resource)],
  ];
  for (const [what, bytes, check] of cases) {
    it(`W57 goes out after its answer: ${what}`, async () => {
      await using server = await startConfigured(SLOW);
      await get(server);
      using connection = await openRaw(server.url);
      connection.write(create(auth(server)) + bytes(auth(server)));
      const first = await connection.answer();
      assert.equal(first.status, 201, first.text);
      const second = await connection.answer();
      check(second);
      await connection.closed;
      assert.equal(connection.rest, '');
      const told = requestLines(server).map(({ request_id, status }) => [request_id, status]);
      const expected = [first, second].map(({ headers, status }) => [headers['x-request-id'], status]);
      assert.deepEqual(told.slice(1), expected);
    });
  }
});

describe('a raw answer in the log', () => {
  /** Asserts that the one answer to `bytes` has its line, under its id and with its status, and a count of its own. */
  async function assertTold(server: Jackfield, bytes: string, told: string): Promise<void> {
    using connection = await openRaw(server.url);
    connection.write(bytes);
    const { headers, status } = await connection.answer();
    await connection.closed;
    const own = () => requestLines(server).filter(({ request_id }) => request_id === headers['x-request-id']);
    await until('it has its line', () => own().length > 0);
    assert.deepEqual(
      own().map((line) => `${line['method']} ${line['route']} ${line['status']}`),
      [told],
    );
    assert.ok(told.endsWith(` ${status}`));
    const metrics = await (await fetch(`${server.metricsUrl}/metrics`)).text();
    assert.match(metrics, new RegExp(`^jackfield_http_requests_total\\{.*status="${status}"\\} 1$`, 'm'));
    assert.equal(requestLines(server).filter((line) => line['status'] === 499).length, 0);
  }

  const cases: readonly [what: string, bytes: (server: Jackfield) => string, told: string][] = [
    ['rubbish', () => 'rubbish\r\n\r\n', ' unknown 400'],
    ['a head that is too large', () => `GET /${'x'.repeat(40_000)}`, ' unknown 431'],
    ['a head that does not end', () => 'GET / HTTP/1.1\r\n', ' unknown 408'],
    ['CONNECT', () => rawRequest(`CONNECT ${BASE}`, [HOST]), 'CONNECT unknown 405'],
    ['a body that cannot be read', (server) => broken(auth(server)), 'POST /v2/applications 400'],
    [
      'a body that does not end',
      (server) => rawRequest(`POST ${BASE}`, [HOST, auth(server), JSON_TYPE, 'Content-Length: 9'], '{'),
      'POST /v2/applications 408',
    ],
  ];
  for (const [what, bytes, told] of cases) {
    it(`W37 stands there under the id that the client was told: ${what}`, async () => {
      await using server = await startConfigured({
        JACKFIELD_METRICS_PORT: '0',
        JACKFIELD_HEADERS_TIMEOUT_MS: '1000',
        JACKFIELD_REQUEST_TIMEOUT_MS: '1000',
      });
      await get(server);
      await assertTold(server, bytes(server), told);
    });
  }
});

describe('a raw answer and the rate limit', () => {
  it('W56 is told of behind the credentials check, and on no other', async () => {
    await using server = await startConfigured({ JACKFIELD_RATE_LIMIT: '50' });
    await get(server);
    for (const [bytes, limit] of [
      [broken(auth(server)), '"default";q=50;w=1'],
      ['rubbish\r\n\r\n', undefined],
      [rawRequest(`CONNECT ${BASE}`, [HOST, auth(server)]), undefined],
    ] as const) {
      using connection = await openRaw(server.url);
      connection.write(bytes);
      const { headers } = await connection.answer();
      assert.equal(headers['ratelimit-policy'], limit);
      assert.equal(headers['ratelimit'] === undefined, limit === undefined);
    }
  });
});

describe('a client that asks for a proxy', () => {
  it('W24 holds no shutdown up by keeping its half open', async () => {
    await using server = await startConfigured({ JACKFIELD_SHUTDOWN_GRACE_MS: '600000' });
    using connection = await openRaw(server.url, { allowHalfOpen: true });
    connection.write(rawRequest('CONNECT a:1', [HOST]));
    problem(await connection.answer(), problems.resource);
    await server.close();
  });

  it('W57 harms nobody by going away before its answer', async () => {
    await using server = await startConfigured({});
    for (let time = 0; time < 20; time += 1) {
      const connection = await openRaw(server.url);
      connection.write(rawRequest(`GET ${BASE}`, [HOST, auth(server)]) + rawRequest('CONNECT a:1', [HOST]));
      connection.reset();
      await connection.closed;
    }
    await get(server);
  });
});
