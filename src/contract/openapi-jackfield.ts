/** The OpenAPI 3.1 document of Jackfield's own API, which stands beside the one of the contract. */

import { CreatedApplicationAnswer } from './application.ts';
import { Capabilities } from './capabilities.ts';
import {
  AcceptedDelivery,
  AnsweredDelivery,
  DeliveryDetail,
  DeliveryItem,
  DeliveryPage,
  EventBody,
  ReplayBody,
  Replayed,
} from './delivery.ts';
import { JwkSet } from './jwks.ts';
import { assembleDocument } from './openapi-assembly.ts';
import { DELIVERY_PATHS } from './openapi-deliveries.ts';
import { KEY_PATHS } from './openapi-keys.ts';
import type { OpenApiDocument, Paths, Schema } from './openapi-model.ts';
import { open, versioned } from './openapi-server.ts';
import { DeliveryProblem, Problem, RateLimitProblem, ValidationProblem } from './problem.ts';
import { TokenBody, TokenVerdict } from './token.ts';

const SCHEMAS: Readonly<Record<string, Schema>> = {
  CreatedApplication: CreatedApplicationAnswer,
  Capabilities,
  JwkSet,
  TokenBody,
  TokenVerdict,
  EventBody,
  AcceptedDelivery,
  AnsweredDelivery,
  DeliveryItem,
  DeliveryDetail,
  DeliveryPage,
  ReplayBody,
  Replayed,
  Problem,
  DeliveryProblem,
  ValidationProblem,
  RateLimitProblem,
};

const DESCRIPTION = `What Jackfield does beyond the published Application API: it delivers events to the webhooks of applications, rotates
their keys, publishes them as key sets, and judges tokens.

It is an API of Jackfield's own, **not affiliated with, endorsed by or supported by Vonage**; the service it is compatible
with has nothing at these paths.

**Credentials, errors, limits** are those of \`/v2\`: HTTP Basic with an API key and an API secret, problem documents,
one rate limit over both. Numbers such as W50 name rows of \`docs/wire-contract.md\` in the
repository, those such as D20 rows of \`docs/webhooks.md\`.
`;

const DOCUMENT_PATHS: Paths = {
  '/jackfield/openapi.json': {
    get: open({
      operationId: 'getJackfieldOpenApiJson',
      summary: 'This document as JSON',
      description: 'Answers this document.',
      responses: versioned('This document.', 'application/json', { type: 'object' }),
    }),
  },
  '/jackfield/openapi.yaml': {
    get: open({
      operationId: 'getJackfieldOpenApiYaml',
      summary: 'This document as YAML',
      description: 'Answers the same document as `/jackfield/openapi.json`.',
      responses: versioned('This document.', 'application/yaml', { type: 'object' }),
    }),
  },
  '/jackfield/docs': {
    get: open({
      operationId: 'getJackfieldReference',
      summary: 'This document for people',
      description:
        'Answers a page that shows this document and lets one try it. It loads nothing from elsewhere.',
      responses: versioned('The page.', 'text/html', { type: 'string' }),
    }),
  },
};

/**
 * Makes the document; it is plain JSON data.
 *
 * @param version the version of the server.
 * @param serverUrl where it is; relative for readers that got the document from it.
 */
export function createJackfieldDocument({
  version,
  serverUrl = '/',
}: {
  readonly version: string;
  readonly serverUrl?: string;
}): OpenApiDocument {
  return assembleDocument({
    info: {
      title: 'Jackfield: its own API v1',
      version,
      summary: 'What Jackfield does beyond the Application API v2.',
      description: DESCRIPTION,
    },
    serverUrl,
    tags: [
      {
        name: 'Deliveries',
        description: 'Events for the webhooks of applications, and what became of them.',
      },
      { name: 'Keys', description: 'Keys of applications, and the tokens they sign.' },
      { name: 'Server', description: 'The description of this API. Open to everybody.' },
    ],
    paths: { ...DELIVERY_PATHS, ...KEY_PATHS, ...DOCUMENT_PATHS },
    schemas: SCHEMAS,
  });
}
