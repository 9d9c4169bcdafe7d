/** The operations on keys and tokens, as paths of the OpenAPI document of Jackfield's own API. */

import { CreatedApplicationAnswer } from './application.ts';
import { EXAMPLE_ID } from './examples.ts';
import { JwkSet } from './jwks.ts';
import { ADMITTED, ALWAYS } from './openapi-headers.ts';
import { headOf, optionsOf, WITH_BODY } from './openapi-methods.ts';
import {
  descriptionOf,
  exampleOf,
  jsonContent,
  type Operation,
  type Parameter,
  type Paths,
  type Response,
  type Responses,
  reference,
} from './openapi-model.ts';
import { ANY_REQUEST, errors, methodNotAllowed, RESPONSES } from './openapi-responses.ts';
import { TokenBody, TokenVerdict } from './token.ts';

const TAGS = ['Keys'];
const READ = 'GET, HEAD, OPTIONS';
const WRITE = 'POST, OPTIONS';

/** The id of an application in a path. */
export const APPLICATION_ID: Parameter = {
  name: 'id',
  in: 'path',
  description: 'The id of an application, compared as it is: upper case is another id (W03).',
  required: true,
  schema: { type: 'string', examples: [EXAMPLE_ID] },
};

const API_KEY: Parameter = {
  name: 'api_key',
  in: 'path',
  description: 'The API key of the account that the application is in.',
  required: true,
  schema: { type: 'string', examples: ['a1b2c3d4'] },
};

const ROTATE: Operation = {
  operationId: 'rotateKey',
  tags: TAGS,
  summary: 'Rotate the key of an application',
  description:
    'Makes a new RSA pair and answers the application with the private key, this once. The key it had stays valid for a time of grace (`JACKFIELD_KEY_GRACE_HOURS`), in the key set and for `/jackfield/v1/tokens/verify`; one that was retired before leaves at once, and so does a key that a PUT replaces. The body is empty, or an empty object.',
  responses: {
    201: {
      description: 'The application with its new pair.',
      headers: { ...ADMITTED, Location: reference('headers', 'Location') },
      content: jsonContent(reference('schemas', 'CreatedApplication'), exampleOf(CreatedApplicationAnswer)),
    },
    ...errors({ ...WITH_BODY, 404: 'NotFound' }),
    405: methodNotAllowed(WRITE),
  },
};

/** An answer to somebody without an account, whose rate could be told. */
function withoutRate({ headers = {}, ...rest }: Response): Response {
  const told = Object.entries(headers).filter(([name]) => !name.startsWith('RateLimit'));
  return { ...rest, headers: Object.fromEntries(told) };
}

const KEY_SET_RESPONSES: Responses = {
  200: {
    description: descriptionOf(JwkSet),
    headers: {
      ...ALWAYS,
      'Cache-Control': {
        description: 'Everybody may keep the answer for a minute.',
        schema: { type: 'string', examples: ['public, max-age=60'] },
      },
    },
    content: jsonContent(reference('schemas', 'JwkSet'), exampleOf(JwkSet)),
  },
  ...errors(ANY_REQUEST),
  404: withoutRate(RESPONSES.NotFound),
  429: withoutRate(RESPONSES.TooManyRequests),
  503: withoutRate(RESPONSES.Unavailable),
  405: methodNotAllowed(READ),
};

const GET_KEY_SET: Operation = {
  operationId: 'getKeySet',
  tags: TAGS,
  summary: 'Get the public keys of an application',
  description:
    'Answers the key of the application and, while it is valid, the retired one behind it. It takes no credentials; an address may ask as often as `JACKFIELD_RATE_LIMIT` lets an API key. An account that is unknown or disabled is answered like an application that does not exist.',
  security: [],
  responses: KEY_SET_RESPONSES,
};

const VERIFY: Operation = {
  operationId: 'verifyToken',
  tags: TAGS,
  summary: 'Judge a token',
  description:
    'Says whether a token that an application of the account signed for itself holds: RS256 by its key or the retired one, `application_id`, `iat`, `exp` and `jti` there, `nbf` and `acl` sound if they are there. `iat` and `nbf` may be 60 seconds ahead. A text that is no token at all is answered as one that does not hold.',
  requestBody: {
    description: descriptionOf(TokenBody),
    required: true,
    content: jsonContent(reference('schemas', 'TokenBody'), exampleOf(TokenBody)),
  },
  responses: {
    200: {
      description: descriptionOf(TokenVerdict),
      headers: ADMITTED,
      content: jsonContent(reference('schemas', 'TokenVerdict'), exampleOf(TokenVerdict)),
    },
    ...errors(WITH_BODY),
    405: methodNotAllowed(WRITE),
  },
};

export const KEY_PATHS: Paths = {
  '/jackfield/v1/applications/{id}/keys': {
    parameters: [APPLICATION_ID],
    post: ROTATE,
    options: optionsOf('optionsKeys', TAGS, WRITE),
  },
  '/jackfield/v1/accounts/{api_key}/applications/{id}/jwks.json': {
    parameters: [API_KEY, APPLICATION_ID],
    get: GET_KEY_SET,
    head: headOf(GET_KEY_SET, 'headKeySet', 'the key set'),
    options: optionsOf('optionsKeySet', TAGS, READ),
  },
  '/jackfield/v1/tokens/verify': {
    post: VERIFY,
    options: optionsOf('optionsVerifyToken', TAGS, WRITE),
  },
};
