/** What reaches the server as bytes: texts that are no HTTP, heads that are too large, methods and headers that are odd. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type Answer, BASE, basic, createClient } from './client.ts';
import { type Problem, problem, problems } from './problem.ts';
import { openRaw, type RawConnection, rawRequest } from './raw.ts';
import { body } from './sample.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const HOST = 'Host: localhost';
const AUTH = `Authorization: ${basic(target.accounts[0])}`;
const KIB = 1024;

/** Sends bytes on a connection of their own; the answer must be the last and the connection closed after it. */
async function assertClosing(bytes: string | Uint8Array, expected: Problem): Promise<void> {
  using connection = await openRaw(target.url);
  connection.write(bytes);
  const answer = await connection.answer();
  problem(answer, expected);
  assert.equal(answer.headers['connection'], 'close');
  await connection.closed;
  assert.equal(connection.rest, '', 'one answer and no more');
}

const one = async (bytes: string): Promise<Answer> => {
  using connection = await openRaw(target.url);
  connection.write(bytes);
  return await connection.answer();
};

describe('bytes that are no HTTP', () => {
  const get = `GET ${BASE} HTTP/1.1\r\n${HOST}\r\n`;
  const post = `POST ${BASE} HTTP/1.1\r\n${HOST}\r\n${AUTH}\r\nContent-Type: application/json\r\n`;
  const cases: readonly [what: string, bytes: string | Uint8Array][] = [
    ['a word', 'rubbish\r\n\r\n'],
    ['words', 'this is no request at all\r\n\r\n'],
    ['line feeds and JSON', '\n\n{"name":"x"}\r\n\r\n'],
    ['bytes of all kinds', Uint8Array.from({ length: 256 }, (_, index) => 255 - index)],
    ['NUL', '\0\0\0\0\r\n\r\n'],
    ['the greeting of TLS', Uint8Array.from([22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3, ...Array(60).fill(7)])],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['the greeting of SMTP', 'EHLO example.com\r\n'],
    ['a method in lower case', `get ${BASE} HTTP/1.1\r\n${HOST}\r\n\r\n`],
    ['a method nobody knows (W59)', `FROBNICATE ${BASE} HTTP/1.1\r\n${HOST}\r\n\r\n`],
    ['a method that begins like one', `GETX ${BASE} HTTP/1.1\r\n${HOST}\r\n\r\n`],
    ['no path', 'GET HTTP/1.1\r\n\r\n'],
    ['a space in the path', `GET ${BASE}/a b HTTP/1.1\r\n${HOST}\r\n\r\n`],
    ['another protocol', `GET ${BASE} GOPHER/1.0\r\n${HOST}\r\n\r\n`],
    ['a version that is none', `GET ${BASE} HTTP/9.9\r\n${HOST}\r\n\r\n`],
    ['a header without a colon', `${get}rubbish\r\n\r\n`],
    ['a header without a name', `${get}: x\r\n\r\n`],
    ['a space in the name of a header', `${get}a b: x\r\n\r\n`],
    ['a space before the colon', `${get}Authorization : x\r\n\r\n`],
    ['NUL in a header', `${get}a: x\0y\r\n\r\n`],
    ['a length that is no number', `${post}Content-Length: abc\r\n\r\n`],
    ['a length below nothing', `${post}Content-Length: -1\r\n\r\n`],
    ['a length beyond all numbers', `${post}Content-Length: ${'9'.repeat(40)}\r\n\r\n`],
    ['two lengths', `${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    ['a length and chunks', `${post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`],
    ['chunks that are not the last encoding', `${post}Transfer-Encoding: chunked, gzip\r\n\r\n`],
    ['a chunk without a size', `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
    ['a chunk longer than its size', `${post}Transfer-Encoding: chunked\r\n\r\n1\r\n{}}}}\r\n0\r\n\r\n`],
    [
      'a chunk of no size that a number holds',
      `${post}Transfer-Encoding: chunked\r\n\r\n${'f'.repeat(20)}\r\n`,
    ],
  ];
  for (const [what, bytes] of cases) {
    it(`W57 are a 400, and the connection is closed: ${what}`, () =>
      assertClosing(bytes, problems.badRequest));
  }

  it('W57 behind a sound request leave its answer alone', async () => {
    using connection = await openRaw(target.url);
    connection.write(rawRequest(`GET ${BASE}`, [HOST, AUTH]));
    assert.equal((await connection.answer()).status, 200);
    connection.write('rubbish\r\n\r\n');
    problem(await connection.answer(), problems.badRequest);
    await connection.closed;
  });

  it('W57 in one packet with a sound request are told after its answer', async () => {
    using connection = await openRaw(target.url);
    connection.write(`${rawRequest(`GET ${BASE}`, [HOST, AUTH])}rubbish\r\n\r\n`);
    assert.equal((await connection.answer()).status, 200);
    problem(await connection.answer(), problems.badRequest);
    await connection.closed;
    assert.equal(connection.rest, '');
  });

  it('W57 in the body of a request behind a sound one are told after its answer', async () => {
    using connection = await openRaw(target.url);
    const broken = `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n`;
    connection.write(rawRequest(`GET ${BASE}`, [HOST, AUTH]) + broken);
    assert.equal((await connection.answer()).status, 200);
    problem(await connection.answer(), problems.badRequest);
    await connection.closed;
    assert.equal(connection.rest, '');
  });

  it('W57 harm nobody else', async () => {
    const connections: RawConnection[] = [];
    for (const [, bytes] of cases) {
      const connection = await openRaw(target.url);
      connection.write(bytes);
      connections.push(connection);
    }
    assert.equal((await api.list()).status, 200);
    for (const connection of connections) {
      await connection.closed;
      connection[Symbol.dispose]();
    }
  });

  it('W57 a client that goes away in the middle of a body harms nobody', async () => {
    const total = await api.total();
    for (const ending of ['end', 'destroy'] as const) {
      using connection = await openRaw(target.url);
      connection.write(`${post}Content-Length: 1000\r\n\r\n{"name":`);
      if (ending === 'end') connection.end();
      else connection[Symbol.dispose]();
      await connection.closed;
    }
    assert.equal(await api.total(), total);
  });
});

describe('a head that is large', () => {
  /** A GET whose request line and headers, with the empty line, have exactly this many bytes. */
  function head(size: number, fill: 'path' | 'header' | 'headers'): string {
    const parts = (path: string, filler: string) =>
      `GET ${path} HTTP/1.1\r\n${filler}${HOST}\r\n${AUTH}\r\n\r\n`;
    const room = size - parts(BASE, '').length;
    if (fill === 'path') return parts(`${BASE}?${'x'.repeat(room - 1)}`, '');
    if (fill === 'header') return parts(BASE, `X-Fill: ${'x'.repeat(room - 10)}\r\n`);
    return parts(BASE, `${'a:1\r\n'.repeat(Math.floor(room / 5) - 2)}b:${'x'.repeat((room % 5) + 6)}\r\n`);
  }

  for (const fill of ['path', 'header', 'headers'] as const) {
    it(`W59 is always taken up to 8 KiB: ${fill}`, async () => {
      for (const size of [4 * KIB, 8 * KIB - 1, 8 * KIB]) {
        assert.equal(head(size, fill).length, size);
        assert.equal((await one(head(size, fill))).status, 200);
      }
    });

    for (const size of [17 * KIB, 20 * KIB, 64 * KIB]) {
      it(`W59 is a 431 beyond 16 KiB: ${fill} of ${size}`, () =>
        assertClosing(head(size, fill), problems.headers));
    }
  }

  it('W59 is a 431 when it comes in small pieces, too', async () => {
    using connection = await openRaw(target.url);
    const bytes = head(20 * KIB, 'header');
    for (let from = 0; from < bytes.length; from += 1000) connection.write(bytes.slice(from, from + 1000));
    problem(await connection.answer(), problems.headers);
    await connection.closed;
  });

  it('W59 is a 431 when it never ends', async () => {
    using connection = await openRaw(target.url);
    connection.write(`GET ${BASE} HTTP/1.1\r\n`);
    const answered = connection.answer();
    let over = false;
    const ended = answered.finally(() => {
      over = true;
    });
    for (let count = 0; count < 100 && !over; count++) {
      connection.write(`X-${count}: ${'x'.repeat(1000)}\r\n`);
      await new Promise(setImmediate);
    }
    problem(await ended, problems.headers);
  });

  it('W59 is a 431 without a path that exists or credentials', () =>
    assertClosing(`GET /${'x'.repeat(20 * KIB)} HTTP/1.1\r\n${HOST}\r\n\r\n`, problems.headers));

  it('W44 of 7 KiB in the path is an id', async () => {
    const id = 'y'.repeat(7 * KIB);
    problem(await one(rawRequest(`GET ${BASE}/${id}`, [HOST, AUTH])), problems.application(id));
  });
});

describe('a request that is odd', () => {
  it('W59 without Host is a 400 in HTTP/1.1', async () => {
    problem(await one(rawRequest(`GET ${BASE}`, [AUTH])), problems.badRequest);
    problem(await one(rawRequest('GET /nothing')), problems.badRequest);
    const post = ['Content-Type: application/json', 'Content-Length: 2'];
    problem(await one(rawRequest(`POST ${BASE}`, [AUTH, ...post], '{}')), problems.badRequest);
  });

  it('W59 with two Hosts is a 400, whatever they are (RFC 9112 §3.2)', async () => {
    for (const more of [HOST, 'Host: other', 'host:', 'HOST: localhost']) {
      problem(await one(rawRequest(`GET ${BASE}`, [HOST, AUTH, more])), problems.badRequest);
    }
    problem(await one(`GET ${BASE} HTTP/1.0\r\n${HOST}\r\n${AUTH}\r\n${HOST}\r\n\r\n`), problems.badRequest);
    assert.equal((await one(rawRequest(`GET ${BASE}`, [HOST, AUTH, 'Hosts: x', 'Date: x']))).status, 200);
  });

  it('W59 without Host is fine in HTTP/1.0, and the connection is closed after the answer', async () => {
    using connection = await openRaw(target.url);
    connection.write(`GET ${BASE} HTTP/1.0\r\n${AUTH}\r\n\r\n`);
    assert.equal((await connection.answer()).status, 200);
    await connection.closed;
  });

  for (const expect of ['200-ok', 'x', '100-continued', 'a=b; c', '']) {
    it(`W59 with Expect: "${expect}" is answered as if it were not there`, async () => {
      assert.equal((await one(rawRequest(`GET ${BASE}`, [HOST, AUTH, `Expect: ${expect}`]))).status, 200);
      const text = JSON.stringify(body());
      const headers = [HOST, AUTH, 'Content-Type: application/json', `Content-Length: ${text.length}`];
      assert.equal(
        (await one(rawRequest(`POST ${BASE}`, [...headers, `Expect: ${expect}`], text))).status,
        201,
      );
      const missing = await one(rawRequest('GET /nothing', [HOST, `Expect: ${expect}`]));
      problem(missing, problems.resource);
    });
  }

  it('W59 with Expect: 100-continue is told to go on', async () => {
    using connection = await openRaw(target.url);
    const text = JSON.stringify(body());
    const headers = [HOST, AUTH, 'Content-Type: application/json', `Content-Length: ${text.length}`];
    connection.write(rawRequest(`POST ${BASE}`, [...headers, 'Expect: 100-Continue']));
    assert.equal((await connection.answer()).status, 100);
    connection.write(text);
    assert.equal((await connection.answer()).status, 201);
  });

  it('W59 with a method that the parser knows is a 405, also with a body', async () => {
    for (const method of ['PROPFIND', 'MKCOL', 'REPORT', 'M-SEARCH', 'PURGE', 'QUERY', 'LINK', 'TRACE']) {
      problem(await one(rawRequest(`${method} ${BASE}`, [HOST])), problems.verb(method));
      const lock = await one(rawRequest(`${method} ${BASE}/x`, [HOST, 'Content-Length: 3'], '<a>'));
      problem(lock, problems.verb(method));
      assert.equal(lock.headers['allow'], 'GET, HEAD, PUT, DELETE, OPTIONS');
      problem(await one(rawRequest(`${method} /nothing`, [HOST])), problems.resource);
    }
  });

  const proxied: readonly [asked: string, expected: Problem][] = [
    ['example.com:443', problems.resource],
    ['localhost:80', problems.resource],
    ['*', problems.resource],
    [BASE, problems.verb('CONNECT')],
    ['/v2/%61pplications/x', problems.verb('CONNECT')],
    [`http://localhost${BASE}?page=1`, problems.verb('CONNECT')],
    ['http://localhost/nothing', problems.resource],
  ];
  for (const [asked, expected] of proxied) {
    it(`W57 gets a document, too, when it asks to be a proxy, and no connection: CONNECT ${asked}`, async () => {
      using connection = await openRaw(target.url, { allowHalfOpen: true });
      connection.write(rawRequest(`CONNECT ${asked}`, [HOST]));
      problem(await connection.answer(), expected);
      let over = false;
      void connection.closed.then(() => {
        over = true;
      });
      // Only who sends more learns that nobody is there to read it.
      while (!over) {
        connection.write('more');
        await new Promise(setImmediate);
      }
    });
  }

  it('W59 that asks for another protocol is answered in this one', async () => {
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    assert.equal((await one(rawRequest(`GET ${BASE}`, [HOST, AUTH, ...upgrade]))).status, 200);
    const h2c = [
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
    ];
    assert.equal((await one(rawRequest(`GET ${BASE}`, [HOST, AUTH, ...h2c]))).status, 200);
  });

  it('W59 behind another on one connection is answered after it', async () => {
    using connection = await openRaw(target.url);
    const get = (path: string) => rawRequest(`GET ${path}`, [HOST, AUTH]);
    connection.write(get(BASE) + get('/nothing') + get(`${BASE}/a`) + get(`${BASE}?page=0`));
    for (const status of [200, 404, 404, 400]) assert.equal((await connection.answer()).status, status);
  });

  it('W44 of bytes beyond ASCII in the path is answered, never a 500', async () => {
    const answer = await one(rawRequest(`GET ${BASE}/\xff\xfe`, [HOST, AUTH]));
    assert.ok([400, 404].includes(answer.status), answer.text);
    problem(answer, answer.status === 400 ? problems.badRequest : { ...problems.resource, detail: /^ID '/ });
  });
});
