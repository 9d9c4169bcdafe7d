/** The part of the OpenAPI 3.1 object model that this project writes. */

import type Type from 'typebox';

export interface Reference {
  readonly $ref: string;
}

/** A JSON Schema (2020-12): of TypeBox, a reference to a component, or plain. */
export type Schema = Type.TSchema | Reference | Readonly<Record<string, unknown>>;

export interface Header {
  readonly description: string;
  readonly schema: Schema;
}

export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

export interface MediaType {
  readonly schema: Schema;
  readonly examples?: Readonly<Record<string, Example>>;
}

export interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Reference | Header>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header';
  readonly description: string;
  readonly required: boolean;
  readonly schema: Schema;
}

export interface RequestBody {
  readonly description: string;
  readonly required: boolean;
  readonly content: Readonly<Record<string, MediaType>>;
}

/** Responses by status. */
export type Responses = Readonly<Record<string, Reference | Response>>;

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: RequestBody;
  readonly responses: Responses;
}

export type Method = 'get' | 'head' | 'post' | 'put' | 'delete' | 'options';

interface PathItem extends Readonly<Partial<Record<Method, Operation>>> {
  readonly parameters?: readonly Parameter[];
}

export type Paths = Readonly<Record<string, PathItem>>;

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: Readonly<Record<string, unknown>>;
  readonly servers: readonly { readonly url: string; readonly description: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly paths: Paths;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly headers: Readonly<Record<string, Header>>;
    readonly responses: Readonly<Record<string, Response>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
}

/** A reference to a component of the document. */
export function reference(kind: 'schemas' | 'headers' | 'responses', name: string): Reference {
  return { $ref: `#/components/${kind}/${name}` };
}

/** The `application/json` content of a body. */
export function jsonContent(
  schema: Schema,
  examples: Readonly<Record<string, Example>>,
): Readonly<Record<string, MediaType>> {
  return { 'application/json': { schema, examples } };
}

/** What a schema says of itself. */
export function descriptionOf(schema: Type.TSchema): string {
  const { description }: Type.TSchemaOptions = { ...schema };
  if (description === undefined) throw new Error('a schema of this document needs a description');
  return description;
}

/** The first example of a schema, as the one example of a body. */
export function exampleOf(schema: Type.TSchema): { readonly answer: Example } {
  const { examples }: Type.TSchemaOptions = { ...schema };
  if (!Array.isArray(examples)) throw new Error('a schema that a body has needs an example');
  return { answer: { summary: descriptionOf(schema), value: examples[0] } };
}
