/** The OpenAPI 3.1 document of everything this server answers, made of the schemas beside it. */

import {
  ApplicationAnswer,
  ApplicationBody,
  ApplicationItem,
  CreatedApplicationAnswer,
} from './application.ts';
import { Capabilities } from './capabilities.ts';
import { APPLICATION_PATHS } from './openapi-applications.ts';
import { assembleDocument } from './openapi-assembly.ts';
import type { OpenApiDocument, Schema } from './openapi-model.ts';
import { SERVER_PATHS } from './openapi-server.ts';
import { ApplicationCollection } from './page.ts';
import { Problem, RateLimitProblem, UnreadyProblem, ValidationProblem } from './problem.ts';
import { Health, Readiness, ServerInfo } from './server.ts';

export type { OpenApiDocument } from './openapi-model.ts';

/** The schemas that have a name in the document; where one is a part of another, it is referred to. */
const SCHEMAS: Readonly<Record<string, Schema>> = {
  Application: ApplicationAnswer,
  ApplicationItem,
  CreatedApplication: CreatedApplicationAnswer,
  ApplicationCollection,
  ApplicationBody,
  Capabilities,
  Problem,
  ValidationProblem,
  RateLimitProblem,
  UnreadyProblem,
  ServerInfo,
  Health,
  Readiness,
};

const DESCRIPTION = `Jackfield is an independent, open-source server of the public Application API, version 2: it creates, lists,
reads, updates and deletes applications, each with a name, a public key, and the webhooks of the products it uses.

It implements the published contract (2.1.4) of that API. It is **not affiliated with, endorsed by or supported by Vonage**;
names of products belong to their owners.

**Credentials.** HTTP Basic: the API key is the user name, an API secret the password. An account sees its own
applications and no others.

**Errors.** Every error is a JSON document with \`type\`, \`title\`, \`detail\` and \`instance\`; the last is the id of the request,
which the header \`X-Request-Id\` and the log have too. Validation errors name all faults at once in \`invalid_parameters\`.

**Two spellings.** \`connection_timeout\` and \`connect_timeout\` are one value, and so are \`conversation_ttl\` and
\`conversations_ttl\`. Either is taken; answers carry both (W15).

Numbers such as W15 name rows of \`docs/wire-contract.md\` in the repository, which settles what the contract leaves open.
`;

/**
 * Makes the document; it is plain JSON data.
 *
 * @param version the version of the server.
 * @param serverUrl where the server is, without a slash at the end; left out, it is where the document came from.
 */
export function createOpenApiDocument({
  version,
  serverUrl = '/',
}: {
  readonly version: string;
  readonly serverUrl?: string;
}): OpenApiDocument {
  return assembleDocument({
    info: {
      title: 'Jackfield: Application API v2',
      version,
      summary: 'An independent, open-source server of the public Application API v2.',
      description: DESCRIPTION,
    },
    serverUrl,
    tags: [
      { name: 'Applications', description: 'The Application API, version 2.' },
      {
        name: 'Server',
        description: 'The server itself: what it is, how it fares, its description. Open to everybody.',
      },
    ],
    paths: { ...APPLICATION_PATHS, ...SERVER_PATHS },
    schemas: SCHEMAS,
  });
}
