/** The OpenAPI document: it keeps the standard, describes everything, and its examples are true. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import fastify from 'fastify';
import { parse } from 'yaml';
import { createOpenApiDocument } from '../src/contract/openapi.ts';
import type { Operation } from '../src/contract/openapi-model.ts';
import { JackfieldError } from '../src/errors.ts';
import { preconditionFailed, tagsInvalid } from '../src/http/entity-tag.ts';
import { registerOpenApi } from '../src/http/openapi.ts';
import { PROBLEMS, type Problem, presentError, rateLimited, wrongVerb } from '../src/http/problem.ts';
import { createCheck, pointerTo } from './openapi-check.ts';

const document = createOpenApiDocument({ version: '1.2.3' });

/** A part of the document and where it stands, as a JSON pointer (RFC 6901). */
interface Part {
  readonly pointer: string;
  readonly keys: readonly string[];
  readonly value: Readonly<Record<string, unknown>>;
}

/** All objects of the document but those inside of examples, which are data. */
function* partsOf(value: unknown, keys: readonly string[] = []): Generator<Part> {
  if (typeof value !== 'object' || value === null) return;
  yield { pointer: pointerTo(...keys), keys, value: Object.fromEntries(Object.entries(value)) };
  for (const [key, inner] of Object.entries(value)) {
    if (!['examples', 'default', 'enum'].includes(key)) yield* partsOf(inner, [...keys, key]);
  }
}

const parts = [...partsOf(document)];

/** All operations, by `METHOD path`. */
const operations = new Map<string, Operation>();
for (const [path, item] of Object.entries(document.paths)) {
  for (const method of ['get', 'head', 'post', 'put', 'delete', 'options'] as const) {
    const operation = item[method];
    if (operation !== undefined) operations.set(`${method.toUpperCase()} ${path}`, operation);
  }
}

function operationOf(name: string): Operation {
  const found = operations.get(name);
  assert.ok(found !== undefined, `${name} is not in the document`);
  return found;
}

describe('the OpenAPI document', () => {
  it('is valid by the published schema of OpenAPI 3.1', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone({ ...document }));
    assert.deepEqual(errors, undefined);
    assert.equal(valid, true);
    assert.equal(validator.version, '3.1');
  });

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

  it('names every operation once', () => {
    const names = [...operations.values()].map(({ operationId }) => operationId);
    assert.equal(new Set(names).size, names.length);
  });

  it('uses every component it holds, and holds every component it uses', () => {
    const used = new Set(parts.map(({ value }) => value['$ref']).filter((ref) => ref !== undefined));
    const held = (['schemas', 'headers', 'responses'] as const).flatMap((kind) =>
      Object.keys(document.components[kind]).map((name) => `#/components/${kind}/${name}`),
    );
    assert.deepEqual([...used].sort(), held.sort());
  });

  it('describes every member of every schema', () => {
    const members = parts.filter(({ keys }) => keys.at(-2) === 'properties' || keys.at(-1) === 'items');
    assert.ok(members.length > 200);
    const silent = members.filter(({ value }) => !isDescribed(value));
    assert.deepEqual(
      silent.map(({ pointer }) => pointer),
      [],
    );
  });

  it('describes every schema, parameter, header, response and tag', () => {
    const { schemas, headers, responses } = document.components;
    const described: object[] = [schemas, headers, responses, document.tags].flatMap((some) =>
      Object.values(some),
    );
    for (const operation of operations.values()) {
      described.push(operation, ...(operation.parameters ?? []), ...Object.values(operation.responses));
    }
    const silent = described.filter((item) => !isDescribed({ ...item }));
    assert.deepEqual(silent, []);
  });
});

function isDescribed(value: Readonly<Record<string, unknown>>): boolean {
  return '$ref' in value || /^\S.{4,}/.test(String(value['description'] ?? ''));
}

describe('the examples of the OpenAPI document', () => {
  const check = createCheck(document);

  it('are values that their schemas take', () => {
    const shown = parts.filter(({ value }) => Array.isArray(value['examples']));
    assert.ok(shown.length > 100);
    for (const { pointer, value } of shown) {
      for (const example of Object.values({ ...Object(value['examples']) })) check(pointer, example);
    }
  });

  it('are there for every JSON body, and bodies that it may have', () => {
    const bodies = parts.filter(
      ({ keys }) => keys.at(-2) === 'content' && keys.at(-1) === 'application/json',
    );
    assert.ok(bodies.length > 20);
    for (const { pointer, value } of bodies) {
      if (pointer.includes('~1openapi.json')) continue;
      const examples = Object.values({ ...Object(value['examples']) });
      assert.notEqual(examples.length, 0, pointer);
      for (const example of examples) check(`${pointer}/schema`, Object(example).value);
    }
  });

  it('are values like the defaults, which their schemas take too', () => {
    for (const { pointer, value } of parts) if ('default' in value) check(pointer, value['default']);
  });

  it('of errors say what the server says', () => {
    const words = new Map(
      knownProblems().map(({ type, title, detail }) => [`${type} ${title} ${detail}`, true]),
    );
    const examples = parts
      .filter(({ keys }) => keys.at(-1) === 'application/json')
      .flatMap(({ value }) => Object.values({ ...Object(value['examples']) }))
      .map((example) => Object(example).value)
      .filter(({ instance }) => instance !== undefined);
    assert.ok(examples.length > 10);
    for (const { type, title, detail } of examples) {
      if (title === 'Malformed JSON') continue; // what follows is where the parser stopped
      assert.ok(words.has(`${type} ${title} ${detail}`), `nothing answers ${type}: ${detail}`);
    }
  });
});

/** The problem documents whose words are fixed. */
function knownProblems(): Problem[] {
  const id = '019a1f3e-7c52-7b84-9d36-4f0b8a2c6e51';
  return [
    ...Object.values(PROBLEMS),
    wrongVerb('PATCH', 'GET'),
    rateLimited(2),
    presentError(new JackfieldError('payload_invalid', '')),
    presentError(new JackfieldError('list_invalid', '')),
    presentError(new JackfieldError('unauthorized', 'You did not provide correct credentials.')),
    presentError(
      new JackfieldError('application_not_found', `ID '${id}' does not exist, or you do not have access`),
    ),
    presentError(new JackfieldError('storage_unavailable', '')),
    presentError(preconditionFailed()),
    presentError(
      new JackfieldError('idempotency_conflict', 'A request with this Idempotency-Key is under way'),
    ),
    presentError(
      new JackfieldError('idempotency_mismatch', 'This Idempotency-Key was used with another body'),
    ),
    presentError(tagsInvalid('If-Match')),
  ];
}

describe('the operations of the OpenAPI document', () => {
  const always = [400, 405, 408, 431, 500];
  const admitted = [...always, 401, 406, 429, 503];
  const statuses: Readonly<Record<string, readonly number[]>> = {
    'GET /v2/applications': [200, ...admitted],
    'HEAD /v2/applications': [200, ...admitted],
    'POST /v2/applications': [201, ...admitted, 409, 413, 415, 422],
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

  it('are these and no others', () => {
    assert.deepEqual([...operations.keys()].sort(), Object.keys(statuses).sort());
  });

  for (const [name, expected] of Object.entries(statuses)) {
    it(`list every status of ${name}`, () => {
      const listed = Object.keys(operationOf(name).responses).map(Number);
      assert.deepEqual(
        listed,
        [...expected].sort((one, other) => one - other),
      );
    });
  }

  it('answer HEAD with headers and no body', () => {
    for (const [name, { responses }] of operations) {
      if (!name.startsWith('HEAD')) continue;
      for (const response of Object.values(responses)) {
        assert.ok('headers' in response && !('content' in response), name);
      }
    }
  });

  it('ask for credentials under /v2 alone, and not for OPTIONS', () => {
    for (const [name, { security }] of operations) {
      const isOpen = name.startsWith('OPTIONS') || !name.includes('/v2/');
      assert.deepEqual(security, isOpen ? [] : undefined, name);
    }
  });
});

describe('/openapi.json and /openapi.yaml', () => {
  const app = fastify();
  registerOpenApi(app, { version: '1.2.3' });

  it('are the same document', async () => {
    const json = await app.inject('/openapi.json');
    const yaml = await app.inject('/openapi.yaml');
    assert.equal(json.statusCode, 200);
    assert.equal(json.headers['content-type'], 'application/json; charset=utf-8');
    assert.equal(yaml.statusCode, 200);
    assert.equal(yaml.headers['content-type'], 'application/yaml; charset=utf-8');
    assert.deepEqual(json.json(), JSON.parse(JSON.stringify(document)));
    assert.deepEqual(parse(yaml.body), json.json());
  });

  for (const url of ['/openapi.json', '/openapi.yaml']) {
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
