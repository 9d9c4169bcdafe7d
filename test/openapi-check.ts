/** Checks values against the schemas that stand in an OpenAPI document. */

import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { OpenApiDocument } from '../src/contract/openapi.ts';

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
