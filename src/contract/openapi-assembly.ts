/** How an OpenAPI document is put together of paths and schemas: named parts are referred to, and only what is used is there. */

import { HEADERS } from './openapi-headers.ts';
import { type OpenApiDocument, type Paths, reference, type Schema } from './openapi-model.ts';
import { RESPONSES } from './openapi-responses.ts';

/** What one document is made of. */
export interface DocumentParts {
  readonly info: Readonly<Record<string, unknown>>;
  readonly serverUrl: string;
  readonly tags: OpenApiDocument['tags'];
  readonly paths: Paths;
  /** The schemas that have a name in the document; where one is a part of another, it is referred to. */
  readonly schemas: Readonly<Record<string, Schema>>;
}

/** Makes the document; it is plain JSON data. */
export function assembleDocument({ info, serverUrl, tags, paths, schemas }: DocumentParts): OpenApiDocument {
  const responses = findUsed('responses', RESPONSES, paths);
  return plain({
    openapi: '3.1.1',
    info: { ...info, license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: serverUrl, description: 'This server.' }],
    tags,
    security: [{ basicAuth: [] }],
    paths,
    components: {
      schemas: nameParts(schemas),
      headers: findUsed('headers', HEADERS, [paths, responses]),
      responses,
      securitySchemes: {
        basicAuth: {
          type: 'http',
          scheme: 'basic',
          description: 'The API key as user name, an API secret as password (RFC 7617).',
        },
      },
    },
  });
}

/** The components of a kind that something refers to. */
function findUsed<T>(
  kind: 'responses' | 'headers',
  all: Readonly<Record<string, T>>,
  by: unknown,
): Record<string, T> {
  const text = JSON.stringify(by);
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => text.includes(JSON.stringify(reference(kind, name).$ref))),
  );
}

function nameParts(schemas: Readonly<Record<string, Schema>>): Record<string, Schema> {
  const names = new Map(Object.entries(schemas).map(([name, schema]) => [JSON.stringify(schema), name]));
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, withReferences(schema, names)]),
  );
}

/** A copy of `schema` in which every part that equals a named schema has become a reference to it. */
function withReferences(schema: Schema, names: ReadonlyMap<string, string>): Schema {
  const refer = (part: unknown): unknown => {
    if (typeof part !== 'object' || part === null) return part;
    const found = names.get(JSON.stringify(part));
    if (found !== undefined) return reference('schemas', found);
    if (Array.isArray(part)) return part.map(refer);
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, refer(value)]));
  };
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, refer(value)]));
}

/** TypeBox marks its schemas with hidden members; JSON has none. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
