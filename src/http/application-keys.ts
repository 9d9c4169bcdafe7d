/** The routes of keys and tokens: rotation, the public key set, the judgement of a token. */

import type { ApplicationKeys } from '../registry/application-keys.ts';
import { addressGroup } from './admission.ts';
import { createBody } from './answer.ts';
import { type ApplicationHandling, actorOf, type Handler, withBody } from './applications.ts';
import { linkOf, presentCreated } from './present.ts';
import { rateLimited } from './problem.ts';

/** How long a cache may keep a key set, in seconds: that long a deleted application's keys may still be about (D35). */
const KEY_SET_SECONDS = 60;

/** What the handlers work with. */
export interface KeyHandling extends ApplicationHandling {
  readonly applicationKeys: ApplicationKeys;
}

/** `POST /jackfield/v1/applications/{id}/keys` */
export function createRotate({ applicationKeys, answers }: KeyHandling): Handler {
  return (exchange, request, reply) => {
    const { id } = request.params as { id: string };
    withBody(answers, exchange, request, reply, async (body) => {
      const { assertEmptyBody } = await import('../domain/jackfield-body.ts');
      assertEmptyBody(body);
      const { document, privateKey } = await applicationKeys.rotate(exchange.apiKey, id, actorOf(exchange));
      const text = presentCreated(document, id, privateKey);
      answers.send(reply, exchange, 201, createBody(text), ['Location', linkOf(id)]);
    });
  };
}

/** `GET /jackfield/v1/accounts/{api_key}/applications/{id}/jwks.json`, for everybody, so many a second from one address. */
export function createKeySet({ context, applicationKeys, answers }: KeyHandling): Handler {
  const { publicRates } = context;
  return (exchange, request, reply) => {
    const { api_key: account, id } = request.params as { api_key: string; id: string };
    const taken = publicRates?.take(addressGroup(request.ip), exchange.begun);
    if (taken?.allowed === false) {
      answers.sendProblem(reply, exchange, rateLimited(taken.seconds));
      return;
    }
    applicationKeys
      .publish(account, id)
      .then((set) => answers.sendPublic(reply, exchange, createBody(JSON.stringify(set)), KEY_SET_SECONDS))
      .catch((error: unknown) => answers.fail(reply, exchange, error));
  };
}

/** `POST /jackfield/v1/tokens/verify` */
export function createVerifyToken({ applicationKeys, answers }: KeyHandling): Handler {
  return (exchange, request, reply) => {
    withBody(answers, exchange, request, reply, async (body) => {
      const { parseTokenBody } = await import('../domain/jackfield-body.ts');
      const token = parseTokenBody(body);
      const verdict = await applicationKeys.verify(exchange.apiKey, token);
      answers.send(reply, exchange, 200, createBody(JSON.stringify(verdict)));
    });
  };
}
