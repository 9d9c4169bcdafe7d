/** What the server answers beside the API, as paths of the OpenAPI document. */

import type Type from 'typebox';
import { ALWAYS, UNSTORED } from './openapi-headers.ts';
import {
  descriptionOf,
  exampleOf,
  jsonContent,
  type Operation,
  type Paths,
  type Response,
  reference,
  type Schema,
} from './openapi-model.ts';
import { ANY_REQUEST, errors, methodNotAllowed } from './openapi-responses.ts';
import { Health, Readiness, ServerInfo } from './server.ts';

/** A `GET` that everybody may send, and `HEAD` with it. */
export function open(
  operation: Pick<Operation, 'operationId' | 'summary' | 'description' | 'responses'>,
): Operation {
  return {
    ...operation,
    tags: ['Server'],
    security: [],
    responses: {
      ...operation.responses,
      ...errors(ANY_REQUEST),
      405: methodNotAllowed('GET, HEAD'),
    },
  };
}

/** A document that a client may keep and ask about by its ETag. */
export function versioned(description: string, mediaType: string, schema: Schema): Operation['responses'] {
  const headers = { ...ALWAYS, ETag: reference('headers', 'ETag') };
  return {
    200: { description, headers, content: { [mediaType]: { schema } } },
    304: { description: 'The client holds the current version.', headers },
  };
}

/** An answer about the server as it is now. */
function fresh(name: 'ServerInfo' | 'Health' | 'Readiness', schema: Type.TSchema): Response {
  return {
    description: descriptionOf(schema),
    headers: UNSTORED,
    content: jsonContent(reference('schemas', name), exampleOf(schema)),
  };
}

export const SERVER_PATHS: Paths = {
  '/': {
    get: open({
      operationId: 'getServerInfo',
      summary: 'What answers here',
      description: 'Answers the name and the version of the server, and where its parts are.',
      responses: { 200: fresh('ServerInfo', ServerInfo) },
    }),
  },
  '/healthz': {
    get: open({
      operationId: 'getHealth',
      summary: 'Whether the process is alive',
      description: 'Answers as long as the process can; it asks nothing else.',
      responses: { 200: fresh('Health', Health) },
    }),
  },
  '/readyz': {
    get: open({
      operationId: 'getReadiness',
      summary: 'Whether requests can be served',
      description: 'Asks the database, and answers 503 while that fails or the server is shutting down.',
      responses: { 200: fresh('Readiness', Readiness), ...errors({ 503: 'Unready' }) },
    }),
  },
  '/metrics': {
    get: open({
      operationId: 'getMetrics',
      summary: 'Metrics for Prometheus',
      description:
        'Requests by route, method and status, their durations, the level of the key pool, the delay of the event loop. `jackfield serve` answers this only on the listener of its own that `JACKFIELD_METRICS_PORT` opens.',
      responses: {
        200: {
          description: 'The metrics, in the text format of Prometheus.',
          headers: UNSTORED,
          content: { 'text/plain': { schema: { type: 'string' } } },
        },
        ...errors({ 404: 'NoSuchResource' }),
      },
    }),
  },
  '/openapi.json': {
    get: open({
      operationId: 'getOpenApiJson',
      summary: 'This document as JSON',
      description: 'Answers this document.',
      responses: versioned('This document.', 'application/json', { type: 'object' }),
    }),
  },
  '/openapi.yaml': {
    get: open({
      operationId: 'getOpenApiYaml',
      summary: 'This document as YAML',
      description: 'Answers the same document as `/openapi.json`.',
      responses: versioned('This document.', 'application/yaml', { type: 'object' }),
    }),
  },
  '/docs': {
    get: open({
      operationId: 'getReference',
      summary: 'This document for people',
      description:
        'Answers a page that shows this document and lets one try it. It loads nothing from elsewhere.',
      responses: versioned('The page.', 'text/html', { type: 'string' }),
    }),
  },
};
