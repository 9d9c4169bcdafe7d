/** The OpenAPI document of Jackfield's own API holds to the same rules as the one of the contract. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createJackfieldDocument } from '../src/contract/openapi-jackfield.ts';
import { describeDocument, operationsOf, type Statuses } from './openapi-rules.ts';

const document = createJackfieldDocument({ version: '1.2.3' });
const anybody = [400, 408, 431, 500];
const always = [...anybody, 405];
const admitted = [...always, 401, 406, 429, 503];
const OPEN = ['/jackfield/openapi.', '/jackfield/docs', '/jwks.json'];

const statuses: Statuses = {
  'POST /jackfield/v1/applications/{id}/events': [200, 202, ...admitted, 404, 409, 413, 415, 502],
  'OPTIONS /jackfield/v1/applications/{id}/events': [204, ...anybody],
  'GET /jackfield/v1/deliveries': [200, ...admitted],
  'HEAD /jackfield/v1/deliveries': [200, ...admitted],
  'OPTIONS /jackfield/v1/deliveries': [204, ...anybody],
  'GET /jackfield/v1/deliveries/{id}': [200, ...admitted, 404],
  'HEAD /jackfield/v1/deliveries/{id}': [200, ...admitted, 404],
  'OPTIONS /jackfield/v1/deliveries/{id}': [204, ...anybody],
  'POST /jackfield/v1/deliveries/{id}/replay': [202, ...admitted, 404, 409, 413, 415],
  'OPTIONS /jackfield/v1/deliveries/{id}/replay': [204, ...anybody],
  'POST /jackfield/v1/deliveries/replay': [202, ...admitted, 404, 409, 413, 415],
  'OPTIONS /jackfield/v1/deliveries/replay': [204, ...anybody],
  'GET /jackfield/v1/deliveries/stream': [200, ...admitted],
  'HEAD /jackfield/v1/deliveries/stream': [200, ...admitted],
  'OPTIONS /jackfield/v1/deliveries/stream': [204, ...anybody],
  'POST /jackfield/v1/applications/{id}/keys': [201, ...admitted, 404, 413, 415],
  'OPTIONS /jackfield/v1/applications/{id}/keys': [204, ...anybody],
  'GET /jackfield/v1/accounts/{api_key}/applications/{id}/jwks.json': [200, ...always, 404, 429, 503],
  'HEAD /jackfield/v1/accounts/{api_key}/applications/{id}/jwks.json': [200, ...always, 404, 429, 503],
  'OPTIONS /jackfield/v1/accounts/{api_key}/applications/{id}/jwks.json': [204, ...anybody],
  'POST /jackfield/v1/tokens/verify': [200, ...admitted, 413, 415],
  'OPTIONS /jackfield/v1/tokens/verify': [204, ...anybody],
  'GET /jackfield/openapi.json': [200, 304, ...always],
  'GET /jackfield/openapi.yaml': [200, 304, ...always],
  'GET /jackfield/docs': [200, 304, ...always],
};

describe("the OpenAPI document of Jackfield's own API", () => {
  describeDocument(document, statuses);

  it('says that the project is independent', () => {
    assert.match(
      String(document.info['description']),
      /not affiliated with, endorsed by or supported by Vonage/,
    );
  });

  it('asks for credentials, but not for OPTIONS, key sets and documents', () => {
    for (const [name, { security }] of operationsOf(document)) {
      const isOpen = name.startsWith('OPTIONS') || OPEN.some((part) => name.includes(part));
      assert.deepEqual(security, isOpen ? [] : undefined, name);
    }
  });

  it('has the header by which a stream goes on where it ended', () => {
    const { get } = document.paths['/jackfield/v1/deliveries/stream'] ?? {};
    const headers = get?.parameters?.filter((one) => 'in' in one && one.in === 'header');
    assert.deepEqual(
      headers?.map((one) => 'name' in one && one.name),
      ['Last-Event-ID'],
    );
  });
});
