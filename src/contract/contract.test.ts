import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import {
  ApplicationAnswer,
  ApplicationBody,
  ApplicationItem,
  CreatedApplicationAnswer,
} from './application.ts';
import { Capabilities } from './capabilities.ts';
import { ApplicationCollection, PageQuery } from './page.ts';
import { Problem, RateLimitProblem, ValidationProblem } from './problem.ts';

interface Schema {
  type?: unknown;
  description?: string;
  examples?: unknown[];
  default?: unknown;
  required?: string[];
  enum?: unknown[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean;
  items?: Schema;
}

/** The schemas as the data they are on the wire. */
const schemas: Record<string, Schema> = JSON.parse(
  JSON.stringify({
    ApplicationAnswer,
    ApplicationBody,
    ApplicationCollection,
    ApplicationItem,
    Capabilities,
    CreatedApplicationAnswer,
    PageQuery,
    Problem,
    RateLimitProblem,
    ValidationProblem,
  }),
);

const formats = {
  uri: (text: string) => URL.canParse(text),
  'uri-reference': (text: string) => URL.canParse(text, 'http://localhost'),
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
};

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true, formats });

/** Every schema beneath `schema`, itself included, by its dotted path. */
function* partsOf(schema: Schema, path: string): Generator<[string, Schema]> {
  yield [path, schema];
  for (const [name, member] of Object.entries(schema.properties ?? {}))
    yield* partsOf(member, `${path}.${name}`);
  if (schema.items) yield* partsOf(schema.items, `${path}.0`);
}

const parts = Object.entries(schemas).flatMap(([name, schema]) => [...partsOf(schema, name)]);

describe('the schemas of the contract', () => {
  it('are JSON Schema 2020-12 without unknown keywords', () => {
    for (const [name, schema] of Object.entries(schemas)) {
      assert.doesNotThrow(() => ajv.compile(schema), name);
    }
  });

  it('give examples and defaults that are valid themselves', () => {
    for (const [path, schema] of parts) {
      const validate = ajv.compile(schema);
      const values = [...(schema.examples ?? []), ...(schema.default === undefined ? [] : [schema.default])];
      for (const value of values) {
        assert.equal(validate(value), true, `${path}: ${JSON.stringify(validate.errors)}`);
      }
    }
  });

  it('give an example of every value that is no object and no list', () => {
    for (const [path, { type, examples }] of parts) {
      const isPlain = [type].flat().some((name) => ['string', 'integer', 'boolean'].includes(String(name)));
      if (isPlain) assert.ok(examples?.length, path);
    }
  });

  it('describe every member', () => {
    for (const [path, { description }] of parts) {
      const isShell = /\.(self|first|last|prev|next|invalid_parameters\.0)$|^PageQuery$/.test(path);
      if (!isShell) assert.match(description ?? '', /^[A-Z].*\.$/s, path);
    }
  });

  it('W14 refuse members they do not name, but for video, network_apis and bulk', () => {
    for (const [path, { type, additionalProperties }] of parts) {
      if (![type].flat().includes('object') || path === 'PageQuery') continue;
      const isOpen = /\.(video|network_apis|bulk)$/.test(path);
      assert.equal(additionalProperties, isOpen, path);
    }
  });
});

describe('the schema of a body', () => {
  const body = parts.filter(([path]) => path.startsWith('ApplicationBody.'));

  it('W20 takes null for every optional member', () => {
    for (const [path, { type, enum: values }] of body) {
      const isRequired = path === 'ApplicationBody.name' || path.endsWith('.gateways.0');
      if (type === undefined) continue;
      assert.equal([type].flat().includes('null'), !isRequired, path);
      if (values) assert.ok(values.includes(null), path);
    }
  });

  it('W06 requires the name and nothing else', () => {
    assert.deepEqual(ApplicationBody.required, ['name']);
    for (const [path, { required = [] }] of body) assert.deepEqual(required, [], path);
  });
});

describe('the schema of an answer', () => {
  it('W30 requires every member of the envelope, in this order', () => {
    const order = ['id', 'name', 'keys', 'privacy', 'capabilities', '_links'];
    assert.deepEqual(ApplicationAnswer.required, order);
    assert.deepEqual(CreatedApplicationAnswer.required, order);
    assert.deepEqual(ApplicationItem.required, order.slice(0, -1));
  });

  it('W20 holds no null', () => {
    const answer = parts.filter(([path]) => path.startsWith('ApplicationAnswer'));
    for (const [path, { type }] of answer) {
      assert.equal([type].flat().includes('null'), false, path);
    }
  });
});
