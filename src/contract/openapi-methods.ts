/** What operations of any resource have in common: what they can get, `HEAD` beside `GET`, `OPTIONS`. */

import { allowHeader, UNSTORED } from './openapi-headers.ts';
import { type Operation, type Response, type Responses, reference } from './openapi-model.ts';
import { ANY_REQUEST, errors, RESPONSES } from './openapi-responses.ts';

/** What every operation behind the credentials can get. */
export const AUTHENTICATED = {
  ...ANY_REQUEST,
  401: 'Unauthorized',
  406: 'NotAcceptable',
  429: 'TooManyRequests',
  503: 'Unavailable',
} as const;

/** And every one that takes a body. */
export const WITH_BODY = {
  ...AUTHENTICATED,
  400: 'InvalidBody',
  413: 'PayloadTooLarge',
  415: 'UnsupportedMediaType',
} as const;
/** `HEAD`: the answers of `GET`, each without its body. */
export function headOf(get: Operation, operationId: string, what: string): Operation {
  const responses: Responses = Object.fromEntries(
    Object.entries(get.responses).map(([status, response]) => [status, withoutBody(response)]),
  );
  return {
    ...get,
    operationId,
    summary: `Ask for the headers of ${what}`,
    description: 'Answers like GET, without a body.',
    responses,
  };
}

function withoutBody(response: Responses[string]): Response {
  const { content: _, ...rest } = '$ref' in response ? requireResponse(response.$ref) : response;
  return rest;
}

function requireResponse($ref: string): Response {
  const found = Object.entries(RESPONSES).find(([name]) => reference('responses', name).$ref === $ref);
  if (found === undefined) throw new Error(`${$ref} is no response of this document`);
  return found[1];
}

/** `OPTIONS` asks for no credentials (W50). */
export function optionsOf(operationId: string, tags: readonly string[], allow: string): Operation {
  return {
    operationId,
    tags,
    summary: 'Ask which methods there are',
    description: 'Answers the methods of this resource in `Allow`; it takes no credentials (W50, W52).',
    security: [],
    responses: {
      204: { description: 'The methods.', headers: { ...UNSTORED, Allow: allowHeader(allow) } },
      ...errors(ANY_REQUEST),
    },
  };
}
