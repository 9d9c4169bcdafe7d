/** Requests that never become whole: what a slow client is told, and that its connection ends. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { BASE, basic, createClient } from './client.ts';
import { problem, problems } from './problem.ts';
import { openRaw, rawRequest } from './raw.ts';
import { startConfigured } from './target.ts';

const server = await startConfigured({
  JACKFIELD_HEADERS_TIMEOUT_MS: '300',
  JACKFIELD_REQUEST_TIMEOUT_MS: '600',
});
after(() => server.close());
const HOST = 'Host: localhost';
const AUTH = `Authorization: ${basic(server.accounts[0])}`;
const JSON_HEADERS = [HOST, AUTH, 'Content-Type: application/json'];

describe('a request that never becomes whole', () => {
  const halves: readonly [what: string, bytes: string][] = [
    ['half a request line', 'GET /v2/appli'],
    ['a request line', `GET ${BASE} HTTP/1.1\r\n`],
    ['half the headers', `GET ${BASE} HTTP/1.1\r\n${HOST}\r\nAuthor`],
    ['no end of the headers', `GET ${BASE} HTTP/1.1\r\n${HOST}\r\n${AUTH}\r\n`],
    ['half a body', rawRequest(`POST ${BASE}`, [...JSON_HEADERS, 'Content-Length: 100'], '{"name":')],
    ['no body', rawRequest(`PUT ${BASE}/x`, [...JSON_HEADERS, 'Content-Length: 100'])],
    ['half a chunk', rawRequest(`POST ${BASE}`, [...JSON_HEADERS, 'Transfer-Encoding: chunked'], 'ff\r\n{')],
    [
      'no last chunk',
      rawRequest(`POST ${BASE}`, [...JSON_HEADERS, 'Transfer-Encoding: chunked'], '2\r\n{}\r\n'),
    ],
  ];
  for (const [what, bytes] of halves) {
    it(`W57 is a 408, and the connection is closed: ${what}`, async () => {
      using connection = await openRaw(server.url);
      connection.write(bytes);
      const answer = await connection.answer();
      problem(answer, problems.timeout);
      assert.equal(answer.headers['connection'], 'close');
      await connection.closed;
      assert.equal(connection.rest, '', 'one answer and no more');
    });
  }

  for (const [what, bytes] of [halves[2], halves[4]].filter((half) => half !== undefined)) {
    it(`W57 is a 408 also when a byte comes now and then: ${what}`, async () => {
      using connection = await openRaw(server.url);
      connection.write(bytes);
      const drip = setInterval(() => connection.write('x'), 50);
      try {
        problem(await connection.answer(), problems.timeout);
        await connection.closed;
      } finally {
        clearInterval(drip);
      }
    });
  }

  it('W57 is a 408 on a connection that was answered before', async () => {
    using connection = await openRaw(server.url);
    connection.write(rawRequest(`GET ${BASE}`, [HOST, AUTH]));
    assert.equal((await connection.answer()).status, 200);
    connection.write(`GET ${BASE} HTTP/1.1\r\n`);
    problem(await connection.answer(), problems.timeout);
    await connection.closed;
  });

  it('W57 harms nobody else, and nothing of it is stored', async () => {
    const client = createClient(server.url, server.accounts[0]);
    const slow = await Promise.all(halves.map(() => openRaw(server.url)));
    for (const [index, connection] of slow.entries()) connection.write(halves[index]?.[1] ?? '');
    assert.equal(await client.total(), 0);
    await Promise.all(slow.map(({ closed }) => closed));
    assert.equal(await client.total(), 0);
  });
});
