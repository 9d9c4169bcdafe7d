/** Where the API answers, with which methods, and what HEAD and OPTIONS say. */

import assert from 'node:assert/strict';
import { METHODS } from 'node:http';
import { after, describe, it } from 'node:test';
import { type Answer, application, at, BASE, createClient, page } from './client.ts';
import { problem, problems } from './problem.ts';
import { body } from './sample.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const anonymous = createClient(target.url);
const MISSING = '019a0000-0000-7000-8000-000000000000';
const COLLECTION_ALLOW = 'GET, HEAD, POST, OPTIONS';
const ITEM_ALLOW = 'GET, HEAD, PUT, DELETE, OPTIONS';

function assertSameHeaders(one: Answer, other: Answer): void {
  const stable = ({ headers }: Answer) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => !['date', 'x-request-id'].includes(name)));
  assert.deepEqual(stable(one), stable(other));
}

function assertNoCors({ headers }: Answer): void {
  assert.deepEqual(
    Object.keys(headers).filter((name) => name.startsWith('access-control-')),
    [],
  );
}

describe('the paths', () => {
  for (const slash of ['', '/']) {
    it(`W01 answers the whole life of an application at paths that end in "${slash}"`, async () => {
      const created = await api.send({ method: 'POST', path: BASE + slash, json: body({ name: 'slash' }) });
      const { id } = application(created, 201);
      const path = `${BASE}/${id}${slash}`;
      assert.equal(application(await api.send({ path })).id, id);
      const updated = await api.send({ method: 'PUT', path, json: body({ name: 'other' }) });
      assert.equal(application(updated).name, 'other');
      assert.equal((await api.send({ method: 'HEAD', path })).status, 200);
      assert.equal((await api.send({ method: 'OPTIONS', path })).status, 204);
      assert.equal((await api.send({ method: 'DELETE', path })).status, 204);
      problem(await api.send({ path }), problems.application(id));
      assert.equal(page(await api.send({ path: `${BASE}${slash}?page=1` })).page, 1);
    });
  }

  it('W01 says the same links and Location whatever slash it was asked with', async () => {
    const created = await api.send({ method: 'POST', path: `${BASE}/`, json: body() });
    const { id } = application(created, 201);
    assert.deepEqual(at(created.json, '_links.self.href'), `${BASE}/${id}`);
    assert.equal(new URL(created.headers['location'] ?? '', target.url).pathname, `${BASE}/${id}`);
    const list = page(await api.list('/?page_size=3'));
    assert.equal(list._links['self']?.href, `${BASE}?page_size=3&page=1`);
  });

  const nowhere = ['/v2', '/v2/', '/v2/other', '/v1/applications', '/V2/applications', '/v2/Applications'];
  for (const path of [...nowhere, `${BASE}s`, `${BASE}/a/b`, `/x${BASE}`, '/nothing', `/${BASE}`]) {
    it(`W44 knows no resource at ${path}`, async () => {
      problem(await api.send({ path }), problems.resource);
      problem(await anonymous.send({ method: 'PATCH', path }), problems.resource);
    });
  }
});

describe('HEAD', () => {
  it('W02 answers like GET without a body on a list, an application and an error', async () => {
    const { id } = await api.given(body());
    for (const path of [BASE, `${BASE}/`, `${BASE}?page=0`, `${BASE}/${id}`, `${BASE}/${MISSING}`]) {
      const get = await api.send({ path });
      const head = await api.send({ method: 'HEAD', path });
      assert.equal(head.status, get.status, path);
      assert.equal(head.text, '');
      assertSameHeaders(head, get);
    }
  });

  it('W02 asks for credentials like GET', async () => {
    const head = await anonymous.send({ method: 'HEAD' });
    assert.equal(head.status, 401);
    assert.equal(head.text, '');
    assertSameHeaders(head, await anonymous.list());
  });
});

describe('OPTIONS', () => {
  const cases = [
    [BASE, COLLECTION_ALLOW],
    [`${BASE}/`, COLLECTION_ALLOW],
    [`${BASE}/${MISSING}`, ITEM_ALLOW],
    [`${BASE}/any%20thing/`, ITEM_ALLOW],
  ] as const;
  for (const [path, allow] of cases) {
    it(`W52 answers 204 with Allow at ${path}, with credentials or without`, async () => {
      for (const client of [api, anonymous]) {
        const answer = await client.send({ method: 'OPTIONS', path });
        assert.equal(answer.status, 204);
        assert.equal(answer.text, '');
        assert.equal(answer.headers['allow'], allow);
      }
    });
  }

  it('W02 sends no CORS header, whatever a browser asks', async () => {
    const origin = { origin: 'https://evil.example' };
    const preflight = {
      ...origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    };
    const { id } = await api.given(body());
    assertNoCors(await anonymous.send({ method: 'OPTIONS', headers: preflight }));
    assertNoCors(await anonymous.send({ method: 'OPTIONS', path: `${BASE}/${id}`, headers: preflight }));
    assertNoCors(await api.send({ headers: origin }));
    assertNoCors(await api.send({ method: 'POST', json: body(), headers: origin }));
    assertNoCors(await anonymous.send({ headers: origin }));
    assertNoCors(await anonymous.send({ path: '/nothing', headers: origin }));
  });
});

describe('a method that a path does not know', () => {
  const others = METHODS.filter((method) => method !== 'CONNECT');
  const paths = [
    [BASE, COLLECTION_ALLOW],
    [`${BASE}/`, COLLECTION_ALLOW],
    [`${BASE}/${MISSING}`, ITEM_ALLOW],
    [`${BASE}/${MISSING}/`, ITEM_ALLOW],
  ] as const;
  for (const [path, allow] of paths) {
    it(`W45 is a 405 that names it, with Allow (W52), at ${path}`, async () => {
      for (const method of others.filter((method) => !allow.split(', ').includes(method))) {
        const answer = await anonymous.send({ method, path });
        problem(answer, problems.verb(method));
        assert.equal(answer.headers['allow'], allow, method);
      }
    });
  }

  it('W45 is a 405 with a body of any kind, too', async () => {
    for (const body of ['{"name":', 'x'.repeat(1000), '']) {
      const headers = { 'content-type': 'text/plain' };
      problem(await api.send({ method: 'PATCH', body, headers }), problems.verb('PATCH'));
      problem(await api.send({ method: 'PUT', body, headers }), problems.verb('PUT'));
      problem(await api.send({ method: 'POST', path: `${BASE}/x`, body, headers }), problems.verb('POST'));
    }
    assert.equal((await api.list()).status, 200);
  });
});
