/** Content negotiation: which `Accept`, which `Content-Type`, which encoding. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { application, BASE, createClient } from './client.ts';
import { problem, problems, refused } from './problem.ts';
import { body } from './sample.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const { id } = await api.given(body());
const item = `${BASE}/${id}`;
const text = JSON.stringify(body());

describe('Accept', () => {
  const fine = [
    '*/*',
    'application/*',
    'application/json',
    'Application/JSON',
    'APPLICATION/*',
    'application/json; charset=utf-8',
    'application/json;q=0.001',
    'application/json;q=1.000',
    'application/json ; q=0.5',
    'application/json;Q=1',
    'text/html, */*;q=0.1',
    'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'text/plain, application/json',
    'text/plain;q=1,application/*;q=0.2',
    '*/*;q=0, application/json',
    'application/*;q=0, application/json;q=0.1',
    '*/*;q=0,application/*',
    'application/json, application/json;q=0.5',
    ' application/json ',
    'text/html,,application/json,',
    'application/hal+json, application/json',
  ];
  for (const accept of fine) {
    it(`W53 ${accept} admits JSON`, async () => {
      assert.equal((await api.send({ headers: { accept } })).status, 200);
    });
  }

  const excluded = [
    'text/html',
    'text/*',
    'application/xml',
    'application/problem+json',
    'application/hal+json',
    'application/jsonp',
    'text/json',
    'image/*, text/html;q=0.9',
    'application/json;q=0',
    'application/json;q=0.0',
    'application/json;q=0.000',
    'application/json ;Q=0',
    '*/*;q=0',
    'application/*;q=0',
    'application/json;q=0, */*',
    '*/*, application/json;q=0',
    'application/*;q=0, */*;q=1',
    'application/json;q=0, application/*',
    'application/json;q=0,text/html',
    'text/plain;x=",application/json,"',
  ];
  for (const accept of excluded) {
    it(`W53 ${accept} rules JSON out: 406 (W46)`, async () => {
      problem(await api.send({ headers: { accept } }), problems.accept);
    });
  }

  it('W46 is told on every operation, and nothing is done', async () => {
    const headers = { accept: 'text/html' };
    const total = await api.total();
    problem(await api.send({ method: 'POST', json: body(), headers }), problems.accept);
    problem(await api.send({ path: item, headers }), problems.accept);
    problem(
      await api.send({ method: 'PUT', path: item, json: body({ name: 'x' }), headers }),
      problems.accept,
    );
    problem(await api.send({ method: 'DELETE', path: item, headers }), problems.accept);
    assert.equal((await api.send({ method: 'HEAD', headers })).status, 406);
    assert.equal(await api.total(), total);
    assert.equal((await api.found(id)).name, 'sample');
  });

  it('W53 absent admits JSON', async () => {
    assert.equal((await api.send({ headers: { accept: undefined } })).status, 200);
  });
});

describe('Content-Type', () => {
  const fine: Record<string, string>[] = [
    'application/json',
    'Application/JSON',
    'application/json;charset=utf-8',
    'application/json; charset=UTF-8',
    'application/json; charset=utf8',
    'application/json; charset=Utf8',
    'application/json; charset="utf-8"',
    'application/json; charset="UTF8"',
    'application/json; Charset=utf-8',
    'application/json ; charset=utf-8',
    'application/json; profile=x',
    'application/json; profile="a;b=c"; charset=utf-8',
    'application/json; version=1; odd="charset=latin1"',
  ].map((type) => ({ 'content-type': type }));
  fine.push({ 'content-type': 'application/json', 'content-encoding': 'identity' });
  fine.push({ 'content-type': 'application/json', 'content-encoding': 'Identity' });
  for (const headers of fine) {
    it(`W54 takes ${JSON.stringify(headers)}`, async () => {
      application(await api.send({ method: 'POST', body: text, headers }), 201);
      application(await api.send({ method: 'PUT', path: item, body: text, headers }));
      const chunked = { ...headers, 'transfer-encoding': 'chunked' };
      application(await api.send({ method: 'POST', body: text, headers: chunked }), 201);
    });
  }

  const faulty: Record<string, string | undefined>[] = [
    undefined,
    '',
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/jsonx',
    'application/json+x',
    'application/problem+json',
    'application/vnd.api+json',
    'application/merge-patch+json',
    'application',
    'json',
    '*/*',
    'application/*',
    'application/json, text/plain',
    'text/plain; application/json',
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf-16',
    'application/json; charset="latin1"',
    'application/json; charset=us-ascii',
    'application/json; charset=',
    'application/json; profile="x"; charset=utf-16',
  ].map((type) => ({ 'content-type': type }));
  for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'identity, gzip', 'x']) {
    faulty.push({ 'content-type': 'application/json', 'content-encoding': encoding });
  }
  for (const headers of faulty) {
    it(`W54 refuses ${JSON.stringify(headers)} with a body: 415 (W47)`, async () => {
      problem(await api.send({ method: 'POST', body: text, headers }), problems.contentType);
      problem(await api.send({ method: 'PUT', path: item, body: text, headers }), problems.contentType);
      const chunked = { ...headers, 'transfer-encoding': 'chunked' };
      problem(await api.send({ method: 'POST', body: text, headers: chunked }), problems.contentType);
    });

    it(`W54 does not mind ${JSON.stringify(headers)} without a body`, async () => {
      refused(await api.send({ method: 'POST', body: '', headers }), ['name', 'is required']);
      refused(await api.send({ method: 'PUT', path: item, headers }), ['name', 'is required']);
      assert.equal((await api.send({ headers })).status, 200);
      assert.equal((await api.send({ path: item, headers })).status, 200);
      const made = await api.given(body());
      const gone = await api.send({ method: 'DELETE', path: `${BASE}/${made.id}`, headers });
      assert.equal(gone.status, 204, gone.text);
    });
  }
});
