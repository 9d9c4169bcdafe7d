/** Checks values against the schemas that stand in an OpenAPI document. */

import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { OpenApiDocument } from '../src/contract/openapi.ts';
import type { Method, Operation, Response } from '../src/contract/openapi-model.ts';
import type { Answer } from './wire/client.ts';

/** A JSON pointer (RFC 6901) to the part of a document that these keys lead to. */
export function pointerTo(...keys: readonly string[]): string {
  return keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Returns a function that asserts that the schema at a JSON pointer into the document takes a value. */
export function createCheck(document: OpenApiDocument): (pointer: string, value: unknown) => void {
  const ajv = new Ajv2020({
    strict: false,
    validateSchema: false,
    allErrors: true,
    formats: {
      uri: (text) => URL.canParse(text),
      'uri-reference': (text) => URL.canParse(text, 'http://localhost'),
      uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    },
  });
  ajv.addSchema({ ...document, $id: 'document' });
  return (pointer, value) => {
    const $ref = `document#${pointer.split('/').map(encodeURIComponent).join('/')}`;
    const validate = ajv.getSchema($ref) ?? ajv.compile({ $ref });
    assert.ok(validate(value), `${pointer}: ${ajv.errorsText(validate.errors)}`);
  };
}

/** Checks answers against what a document says of them. */
export function createAnswerCheck(document: OpenApiDocument) {
  const check = createCheck(document);

  function operationOf(method: Method, path: string): Operation {
    const operation = document.paths[path]?.[method];
    assert.ok(operation !== undefined, `${method} ${path} is not in the document`);
    return operation;
  }

  /** The response that the document has for a status, and where it stands. */
  function responseOf(method: Method, path: string, status: number): { response: Response; pointer: string } {
    const found = operationOf(method, path).responses[status];
    assert.ok(found !== undefined, `${method} ${path} does not list ${status}`);
    if (!('$ref' in found))
      return { response: found, pointer: pointerTo('paths', path, method, 'responses', `${status}`) };
    const name = found.$ref.split('/').at(-1) ?? '';
    const response = document.components.responses[name];
    assert.ok(response !== undefined, found.$ref);
    return { response, pointer: pointerTo('components', 'responses', name) };
  }

  function assertDocumented(method: Method, path: string, answer: Answer): void {
    const { response, pointer } = responseOf(method, path, answer.status);
    for (const name of Object.keys(response.headers ?? {})) {
      if (name === 'Idempotency-Replayed') continue; // only on a repeat
      assert.ok(answer.headers[name.toLowerCase()], `${answer.status} without ${name}`);
    }
    const [mediaType] = Object.keys(response.content ?? {});
    if (mediaType === undefined) {
      assert.equal(answer.text, '');
      return;
    }
    assert.equal(answer.headers['content-type']?.split(';')[0], mediaType);
    if (mediaType === 'application/json')
      check(`${pointer}${pointerTo('content', mediaType, 'schema')}`, answer.json);
  }

  return { responseOf, assertDocumented };
}
