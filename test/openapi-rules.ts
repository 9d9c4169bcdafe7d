/** What holds of every OpenAPI document of the server: it keeps the standard, describes everything, and its examples are true. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { OpenApiDocument } from '../src/contract/openapi.ts';
import type { Operation } from '../src/contract/openapi-model.ts';
import { JackfieldError } from '../src/errors.ts';
import { preconditionFailed, tagsInvalid } from '../src/http/entity-tag.ts';
import {
  deliveryFailed,
  PROBLEMS,
  type Problem,
  presentError,
  rateLimited,
  wrongVerb,
} from '../src/http/problem.ts';
import { createCheck, pointerTo } from './openapi-check.ts';

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

/** All operations, by `METHOD path`. */
export function operationsOf(document: OpenApiDocument): Map<string, Operation> {
  const operations = new Map<string, Operation>();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of ['get', 'head', 'post', 'put', 'delete', 'options'] as const) {
      const operation = item[method];
      if (operation !== undefined) operations.set(`${method.toUpperCase()} ${path}`, operation);
    }
  }
  return operations;
}

/** Statuses of operations by `METHOD path`. */
export type Statuses = Readonly<Record<string, readonly number[]>>;

/** Declares the tests of a document, whose operations and their statuses are these and no others. */
export function describeDocument(document: OpenApiDocument, statuses: Statuses): void {
  describe('the document', () => describeShape(document));
  describe('its examples', () => describeExamples(document));
  describe('its operations', () => describeOperations(document, statuses));
}

function describeShape(document: OpenApiDocument): void {
  const parts = [...partsOf(document)];
  const operations = operationsOf(document);

  it('is valid by the published schema of OpenAPI 3.1', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone({ ...document }));
    assert.deepEqual(errors, undefined);
    assert.equal(valid, true);
    assert.equal(validator.version, '3.1');
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
    assert.notEqual(members.length, 0);
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
}

function isDescribed(value: Readonly<Record<string, unknown>>): boolean {
  return '$ref' in value || /^\S.{4,}/.test(String(value['description'] ?? ''));
}

function describeExamples(document: OpenApiDocument): void {
  const parts = [...partsOf(document)];
  const check = createCheck(document);

  it('are values that their schemas take', () => {
    const shown = parts.filter(({ value }) => Array.isArray(value['examples']));
    assert.notEqual(shown.length, 0);
    for (const { pointer, value } of shown) {
      for (const example of Object.values({ ...Object(value['examples']) })) check(pointer, example);
    }
  });

  it('are there for every JSON body, and bodies that it may have', () => {
    const bodies = parts.filter(
      ({ keys }) => keys.at(-2) === 'content' && keys.at(-1) === 'application/json',
    );
    assert.notEqual(bodies.length, 0);
    for (const { pointer, value } of bodies) {
      if (pointer.includes('openapi.json')) continue;
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
    assert.notEqual(examples.length, 0);
    for (const { type, title, detail } of examples) {
      if (title === 'Malformed JSON') continue; // what follows is where the parser stopped
      assert.ok(words.has(`${type} ${title} ${detail}`), `nothing answers ${type}: ${detail}`);
    }
  });
}

/** The problem documents whose words are fixed. */
function knownProblems(): Problem[] {
  const id = '019a1f3e-7c52-7b84-9d36-4f0b8a2c6e51';
  return [
    ...Object.values(PROBLEMS),
    wrongVerb('PATCH', 'GET'),
    rateLimited(2),
    deliveryFailed({}),
    presentError(
      new JackfieldError(
        'webhook_not_set',
        'The application has not set rtc.event_url. It has set: messages.inbound_url',
      ),
    ),
    presentError(
      new JackfieldError(
        'delivery_not_ended',
        'The delivery 019a1f40-11d2-7c3e-8a5b-0c7d9e1f2a3b has not ended: it is queued',
      ),
    ),
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

function describeOperations(document: OpenApiDocument, statuses: Statuses): void {
  const operations = operationsOf(document);

  it('are these and no others', () => {
    assert.deepEqual([...operations.keys()].sort(), Object.keys(statuses).sort());
  });

  for (const [name, expected] of Object.entries(statuses)) {
    it(`list every status of ${name}`, () => {
      const listed = Object.keys(operations.get(name)?.responses ?? {}).map(Number);
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
}
