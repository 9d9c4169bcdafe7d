/** What is asked for in an odd way: percent-encoded, as a whole URL, without an id, with signs that routers know. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type Answer, BASE, basic, createClient } from './client.ts';
import { assertErrorHeaders, problem, problems } from './problem.ts';
import { openRaw, rawRequest } from './raw.ts';
import { body } from './sample.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const anonymous = createClient(target.url);
const HOST = 'Host: localhost';
const AUTH = `Authorization: ${basic(target.accounts[0])}`;
const ENCODED = '/v2/%61pplications';

/** Sends a request line as it is; clients would tidy it up. */
async function send(line: string): Promise<Answer> {
  using connection = await openRaw(target.url);
  connection.write(rawRequest(line, [HOST, AUTH]));
  return await connection.answer();
}

describe('a path with signs that a router knows', () => {
  for (const path of ['/:a(', '/*x', '/*', '/:a((b+)+)c', '/:a', '/:a?', `${BASE}/:id/:id`, '/healthz/*']) {
    it(`W57 is a 404 like any other: ${path}`, async () => {
      problem(await send(`GET ${path}`), problems.resource);
      problem(await send(`DELETE ${path}`), problems.resource);
    });
  }

  it('W44 may be an id', async () => {
    for (const id of [':id', '*', ':a(']) problem(await send(`GET ${BASE}/${id}`), problems.application(id));
  });
});

describe('an id that cannot be decoded', () => {
  const path = `${BASE}/%zz`;

  it('W50 is asked for last, after all that can be wrong with the request', async () => {
    const type = { 'content-type': 'text/plain' };
    const put = { method: 'PUT', path };
    problem(await anonymous.send(put), problems.unauthorized);
    problem(await api.send({ ...put, headers: { accept: 'text/html' } }), problems.accept);
    problem(await api.send({ ...put, body: '{}', headers: type }), problems.contentType);
    problem(await api.send({ ...put, body: ' '.repeat(262_145) }), problems.tooLarge);
    problem(await api.send({ ...put, body: '{' }), problems.json);
    problem(await api.send({ ...put, json: {} }), problems.payload(['name', 'is required']));
    problem(await api.send({ ...put, json: body() }), problems.application('%zz'));
  });

  it('W44 is answered as it was sent, with every method', async () => {
    for (const id of ['%zz', '%', '%2', 'a%20b%', '%C3', '%c3%bc%', '%25%', '%2F%zz']) {
      for (const method of ['GET', 'DELETE']) {
        problem(await send(`${method} ${BASE}/${id}`), problems.application(id));
      }
      problem(await send(`PATCH ${BASE}/${id}`), problems.verb('PATCH'));
      assert.equal(
        (await send(`OPTIONS ${BASE}/${id}/`)).headers['allow'],
        'GET, HEAD, PUT, DELETE, OPTIONS',
      );
    }
  });

  it('W44 is another one than any that can be', async () => {
    for (const id of ['%252F', '%2525', 'a%2F%25b', '%3F%23%3B', '%F0%9F%8E%88%25']) {
      problem(await send(`GET ${BASE}/${id}`), problems.application(decodeURIComponent(id)));
    }
  });
});

describe('a path that is encoded where it need not be', () => {
  it('W45 has the methods that it has otherwise', async () => {
    assert.equal((await send(`GET ${ENCODED}`)).status, 200);
    for (const method of ['PATCH', 'PUT', 'DELETE']) {
      const answer = await send(`${method} ${ENCODED}`);
      problem(answer, problems.verb(method));
      assert.equal(answer.headers['allow'], 'GET, HEAD, POST, OPTIONS');
    }
    problem(await send('DELETE /%68ealthz'), problems.verb('DELETE'));
  });

  it('W01 leads to the application that it leads to otherwise', async () => {
    const { id } = await api.given(body());
    assert.equal((await send(`GET ${ENCODED}/%${id.charCodeAt(0).toString(16)}${id.slice(1)}/`)).status, 200);
  });
});

describe('a target that is no path', () => {
  it('W44 is its path when it is a whole URL', async () => {
    assert.equal((await send(`GET http://localhost${BASE}?page=1`)).status, 200);
    problem(await send(`GET http://localhost${BASE}?page=0`), problems.list(['page', /^must be between/]));
    problem(await send(`GET http://localhost${BASE}/%zz`), problems.application('%zz'));
    problem(await send(`PATCH HTTP://localhost${ENCODED}`), problems.verb('PATCH'));
    problem(await send('GET http://localhost/nothing'), problems.resource);
    assert.equal((await send('GET http://localhost')).status, 200);
  });

  it('W44 is nothing of ours when it is a star', async () => {
    for (const method of ['GET', 'OPTIONS', 'DELETE']) problem(await send(`${method} *`), problems.resource);
  });
});

describe('an empty id', () => {
  for (const path of [`${BASE}//`, `${BASE}//?page=1`, `${ENCODED}//`]) {
    it(`W50 is no resource, with credentials or without: ${path}`, async () => {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        problem(await send(`${method} ${path}`), problems.resource);
        problem(await anonymous.send({ method, path }), problems.resource);
      }
      const head = await api.send({ method: 'HEAD', path });
      assert.equal(head.status, 404);
      assertErrorHeaders(head);
    });
  }
});
