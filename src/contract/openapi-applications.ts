/** The operations on applications, as paths of the OpenAPI document. */

import { ApplicationAnswer, ApplicationBody, CreatedApplicationAnswer } from './application.ts';
import { EXAMPLE_CAPABILITIES_BODY, EXAMPLE_ID, EXAMPLE_NAME, EXAMPLE_PUBLIC_KEY } from './examples.ts';
import { ADMITTED } from './openapi-headers.ts';
import { AUTHENTICATED, headOf, optionsOf, WITH_BODY } from './openapi-methods.ts';
import {
  descriptionOf,
  type Example,
  exampleOf,
  jsonContent,
  type Operation,
  type Parameter,
  type Paths,
  type RequestBody,
  type Response,
  reference,
} from './openapi-model.ts';
import { errors, methodNotAllowed } from './openapi-responses.ts';
import { ApplicationCollection, PageQuery } from './page.ts';

const TAGS = ['Applications'];
const COLLECTION_METHODS = 'GET, HEAD, POST, OPTIONS';
const ITEM_METHODS = 'GET, HEAD, PUT, DELETE, OPTIONS';

const ONE = {
  ...AUTHENTICATED,
  400: 'InvalidHeader',
  404: 'NotFound',
  412: 'PreconditionFailed',
} as const;
const TAGGED = { ...ADMITTED, ETag: reference('headers', 'ETag') };

const PAGE_PARAMETERS: readonly Parameter[] = Object.entries(PageQuery.properties).map(([name, schema]) => ({
  name,
  in: 'query',
  description: descriptionOf(schema),
  required: false,
  schema,
}));

const ID: Parameter = {
  name: 'id',
  in: 'path',
  description: 'The id of an application, compared as it is: upper case is another id (W03).',
  required: true,
  schema: { type: 'string', examples: [EXAMPLE_ID] },
};

/** The conditions that a request about an application may have (W71, W72). */
const CONDITIONS: readonly Parameter[] = [
  {
    name: 'If-Match',
    in: 'header',
    description: 'Tags of an application; a 412 when it has none of them. `*` is any (W72).',
    required: false,
    schema: { type: 'string', examples: ['"q2Zx0o6Zr1n0b9v7k3T4yA"'] },
  },
  {
    name: 'If-None-Match',
    in: 'header',
    description:
      'Tags of an application; GET and HEAD answer 304, others 412, when it has one of them (W71).',
    required: false,
    schema: { type: 'string', examples: ['"q2Zx0o6Zr1n0b9v7k3T4yA"'] },
  },
];

const NO_CONTENT: Response = { description: 'It is deleted.', headers: ADMITTED };

const LISTED: Response = {
  description: 'One page of the list (W32).',
  headers: ADMITTED,
  content: jsonContent(reference('schemas', 'ApplicationCollection'), exampleOf(ApplicationCollection)),
};

const UPDATED: Response = {
  description: 'The application as it is now (W30).',
  headers: ADMITTED,
  content: jsonContent(reference('schemas', 'Application'), exampleOf(ApplicationAnswer)),
};

const FOUND: Response = { ...UPDATED, description: 'The application (W30).', headers: TAGGED };

const UNMODIFIED: Response = { description: 'The client holds what is there (W71).', headers: TAGGED };

const CREATED: Response = {
  description: 'The new application, with its private key if the server made the pair (W09).',
  headers: { ...TAGGED, Location: reference('headers', 'Location') },
  content: jsonContent(reference('schemas', 'CreatedApplication'), exampleOf(CreatedApplicationAnswer)),
};

const LIST: Operation = {
  operationId: 'listApplication',
  tags: TAGS,
  summary: 'List applications',
  description:
    'Answers one page of the applications of the account, oldest first (W35). A page after the last is empty, and its totals stay true (W34). Query parameters not named here are ignored.',
  parameters: PAGE_PARAMETERS,
  responses: {
    200: LISTED,
    ...errors({ ...AUTHENTICATED, 400: 'InvalidList' }),
    405: methodNotAllowed(COLLECTION_METHODS),
  },
};

const CREATE: Operation = {
  operationId: 'createApplication',
  tags: TAGS,
  summary: 'Create an application',
  description:
    'Creates an application. Without a public key the server makes an RSA pair and answers the private key this once; it keeps only the public one (W09). Defaults are filled in and answered (W17). Members it does not know are refused (W14).',
  requestBody: applicationBody({
    small: { summary: 'A name, and a key pair by the server', value: { name: EXAMPLE_NAME } },
    full: {
      summary: 'Own public key, webhooks, privacy',
      value: {
        name: EXAMPLE_NAME,
        keys: { public_key: EXAMPLE_PUBLIC_KEY },
        privacy: { improve_ai: false },
        capabilities: EXAMPLE_CAPABILITIES_BODY,
      },
    },
  }),
  responses: { 201: CREATED, ...errors(WITH_BODY), 405: methodNotAllowed(COLLECTION_METHODS) },
};

const GET: Operation = {
  operationId: 'getApplication',
  tags: TAGS,
  summary: 'Get an application',
  description: 'Answers one application of the account, without a private key.',
  parameters: CONDITIONS,
  responses: { 200: FOUND, 304: UNMODIFIED, ...errors(ONE), 405: methodNotAllowed(ITEM_METHODS) },
};

const UPDATE: Operation = {
  operationId: 'updateApplication',
  tags: TAGS,
  summary: 'Update an application',
  description:
    'Replaces the name and the capabilities whole: capabilities that are not sent are gone. The key and the privacy stay as they are unless they are sent (W06). A key that a rotation has retired does not come back: the current one is kept, and the header `X-Jackfield-Notice` says so (W10). Whatever a GET answered can be sent back (W23).',
  parameters: CONDITIONS,
  requestBody: applicationBody({
    rename: { summary: 'Another name, no capabilities', value: { name: 'Night desk' } },
    webhooks: {
      summary: 'Other webhooks',
      value: { name: EXAMPLE_NAME, capabilities: EXAMPLE_CAPABILITIES_BODY },
    },
  }),
  responses: {
    200: UPDATED,
    ...errors({ ...ONE, ...WITH_BODY }),
    405: methodNotAllowed(ITEM_METHODS),
  },
};

const DELETE: Operation = {
  operationId: 'deleteApplication',
  tags: TAGS,
  summary: 'Delete an application',
  description: 'Deletes an application for good. A body is ignored.',
  parameters: CONDITIONS,
  responses: { 204: NO_CONTENT, ...errors(ONE), 405: methodNotAllowed(ITEM_METHODS) },
};

/** Both paths are answered with a slash at their end too (W01). */
export const APPLICATION_PATHS: Paths = {
  '/v2/applications': {
    get: LIST,
    head: headOf(LIST, 'headApplications', 'the list'),
    post: CREATE,
    options: optionsOf('optionsApplications', TAGS, COLLECTION_METHODS),
  },
  '/v2/applications/{id}': {
    parameters: [ID],
    get: GET,
    head: headOf(GET, 'headApplication', 'an application'),
    put: UPDATE,
    delete: DELETE,
    options: optionsOf('optionsApplication', TAGS, ITEM_METHODS),
  },
};

function applicationBody(examples: Readonly<Record<string, Example>>): RequestBody {
  return {
    description: descriptionOf(ApplicationBody),
    required: true,
    content: jsonContent(reference('schemas', 'ApplicationBody'), examples),
  };
}
