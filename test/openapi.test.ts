/** The OpenAPI document of the contract's API: it holds to the rules, and everything that is there is in it. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fastify from 'fastify';
import { parse } from 'yaml';
import { createOpenApiDocument } from '../src/contract/openapi.ts';
import { createJackfieldDocument } from '../src/contract/openapi-jackfield.ts';
import { registerOpenApi } from '../src/http/openapi.ts';
import { describeDocument, operationsOf, type Statuses } from './openapi-rules.ts';

const document = createOpenApiDocument({ version: '1.2.3' });

const always = [400, 405, 408, 431, 500];
const admitted = [...always, 401, 406, 429, 503];
const statuses: Statuses = {
  'GET /v2/applications': [200, ...admitted],
  'HEAD /v2/applications': [200, ...admitted],
  'POST /v2/applications': [201, ...admitted, 413, 415],
  'OPTIONS /v2/applications': [204, 400, 408, 431, 500],
  'GET /v2/applications/{id}': [200, 304, ...admitted, 404, 412],
  'HEAD /v2/applications/{id}': [200, 304, ...admitted, 404, 412],
  'PUT /v2/applications/{id}': [200, ...admitted, 404, 412, 413, 415],
  'DELETE /v2/applications/{id}': [204, ...admitted, 404, 412],
  'OPTIONS /v2/applications/{id}': [204, 400, 408, 431, 500],
  'GET /': [200, ...always],
  'GET /healthz': [200, ...always],
  'GET /readyz': [200, 503, ...always],
  'GET /metrics': [200, 404, ...always],
  'GET /openapi.json': [200, 304, ...always],
  'GET /openapi.yaml': [200, 304, ...always],
  'GET /docs': [200, 304, ...always],
};

describe('the OpenAPI document of the contract', () => {
  describeDocument(document, statuses);

  it('carries the version and the address it is given', () => {
    assert.equal(document.info['version'], '1.2.3');
    assert.equal(document.servers[0]?.url, '/');
    const elsewhere = createOpenApiDocument({ version: '1', serverUrl: 'http://localhost:4020' });
    assert.equal(elsewhere.servers[0]?.url, 'http://localhost:4020');
  });

  it('says that the project is independent', () => {
    assert.match(
      String(document.info['description']),
      /not affiliated with, endorsed by or supported by Vonage/,
    );
  });

  it('asks for credentials under /v2 alone, and not for OPTIONS', () => {
    for (const [name, { security }] of operationsOf(document)) {
      const isOpen = name.startsWith('OPTIONS') || !name.includes('/v2/');
      assert.deepEqual(security, isOpen ? [] : undefined, name);
    }
  });
});

describe('/openapi.json and /openapi.yaml', () => {
  const app = fastify();
  registerOpenApi(app, { version: '1.2.3' });

  const documents = [
    ['/openapi', document],
    ['/jackfield/openapi', createJackfieldDocument({ version: '1.2.3' })],
  ] as const;
  for (const [url, expected] of documents)
    it(`are the same document (${url})`, async () => {
      const json = await app.inject(`${url}.json`);
      const yaml = await app.inject(`${url}.yaml`);
      assert.equal(json.statusCode, 200);
      assert.equal(json.headers['content-type'], 'application/json; charset=utf-8');
      assert.equal(yaml.statusCode, 200);
      assert.equal(yaml.headers['content-type'], 'application/yaml; charset=utf-8');
      assert.deepEqual(json.json(), JSON.parse(JSON.stringify(expected)));
      assert.deepEqual(parse(yaml.body), json.json());
    });

  for (const url of [
    '/openapi.json',
    '/openapi.yaml',
    '/jackfield/openapi.json',
    '/jackfield/openapi.yaml',
  ]) {
    it(`save a client that holds the current version the download (${url})`, async () => {
      const { headers } = await app.inject(url);
      assert.match(String(headers.etag), /^"[\w-]{22}"$/);
      for (const held of [headers.etag, `W/${headers.etag}`, `"other", ${headers.etag}`, '*']) {
        const again = await app.inject({ url, headers: { 'if-none-match': held } });
        assert.equal(again.statusCode, 304, held);
        assert.equal(again.body, '');
        assert.equal(again.headers.etag, headers.etag);
      }
      const changed = await app.inject({ url, headers: { 'if-none-match': '"other"' } });
      assert.equal(changed.statusCode, 200);
    });

    it(`answer HEAD like GET, without a body (${url})`, async () => {
      const get = await app.inject(url);
      const head = await app.inject({ url, method: 'HEAD' });
      assert.equal(head.statusCode, 200);
      assert.equal(head.body, '');
      for (const name of ['content-type', 'content-length', 'etag', 'cache-control']) {
        assert.equal(head.headers[name], get.headers[name], name);
      }
    });
  }
});
