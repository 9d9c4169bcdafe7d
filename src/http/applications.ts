/** The routes of applications: what comes in, what goes out; the rules are the registry's. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { parsePageQuery } from '../domain/page.ts';
import { notFound, type SentBody } from '../registry/applications.ts';
import type { Actor } from '../registry/audit.ts';
import { chain, type MaybePromise } from '../storage/database.ts';
import { type Answers, type Body, createBody, createBodyOf } from './answer.ts';
import type { AnswerCache } from './answer-cache.ts';
import { parseJsonBody } from './body.ts';
import { judge, parseConditions, preconditionFailed, tagOf } from './entity-tag.ts';
import type { Exchange } from './exchange.ts';
import { parseIdempotencyKey } from './idempotency-key.ts';
import { linkOf, presentApplication, presentCreated, presentPage } from './present.ts';
import { PROBLEMS } from './problem.ts';
import { findQuirks, NO_QUIRKS, type Quirks } from './quirks.ts';
import { YoungGarbage } from './young-garbage.ts';

/** What the handlers work with. */
export interface ApplicationHandling {
  readonly context: Context;
  readonly answers: Answers;
  readonly cache: AnswerCache;
}

/** Tells a client that sends back an application of before a rotation that its old key was not taken. */
const KEPT_KEY = [
  'X-Jackfield-Notice',
  'The public key that was sent has been retired by a rotation; the current key is kept',
];

/** Answers a request that was admitted; it never throws and never answers through Fastify. */
export type Handler = (exchange: Exchange, request: FastifyRequest, reply: FastifyReply) => void;

/** `GET /v2/applications/{id}` */
export function createGet({ context, answers, cache }: ApplicationHandling): Handler {
  const { applications } = context;
  return (exchange, request, reply) => {
    const { apiKey } = exchange;
    const { id } = request.params as { id: string };
    const version = applications.version();
    const kept = cache.find(version, apiKey, id);
    if (kept !== undefined) {
      sendFound(answers, exchange, request, reply, kept);
      return;
    }
    const send = (body: Body) => sendFound(answers, exchange, request, reply, body);
    finish(answers, exchange, reply, send, () =>
      chain(applications.find(apiKey, id), (document) => {
        if (document === undefined) throw notFound(id);
        const body = createBody(presentApplication(document, id), tagOf(document));
        cache.put(version, apiKey, id, body);
        return body;
      }),
    );
  };
}

/** `GET /v2/applications` */
export function createList({ context, answers, cache }: ApplicationHandling): Handler {
  const { applications } = context;
  const garbage = new YoungGarbage();
  const quirksOf = createQuirks(context);
  return (exchange, request, reply) => {
    const send = (body: Body) => answers.sendRead(reply, exchange, body);
    finish(answers, exchange, reply, send, () => {
      const { apiKey } = exchange;
      const { maxPageSize, endlessPages } = quirksOf(request);
      const { page, pageSize } = parsePageQuery(request.query as Record<string, unknown>, maxPageSize);
      const version = applications.version();
      // An id may be any text, the name of a list too; but an item's owner is an API key, and this is none.
      const owner = `list${apiKey}`;
      const name = `${apiKey} ${pageSize} ${page} ${endlessPages}`;
      const kept = cache.find(version, owner, name);
      if (kept !== undefined) return kept;
      return chain(applications.list(apiKey, page, pageSize), (stored) => {
        const body = createBodyOf(presentPage({ page, pageSize, endless: endlessPages }, stored));
        garbage.add(body.bytes);
        cache.put(version, owner, name, body);
        return body;
      });
    });
  };
}

/** `POST /v2/applications` */
export function createCreate({ context, answers }: ApplicationHandling): Handler {
  const quirksOf = createQuirks(context);
  return (exchange, request, reply) => {
    const { apiKey } = exchange;
    withBody(answers, exchange, request, reply, async (body) => {
      const options = { by: actorOf(exchange), idempotencyKey: parseIdempotencyKey(request.headers) };
      const created = await context.applications.create(apiKey, body, quirksOf(request), options);
      const text = presentCreated(created.document, created.id, created.privateKey);
      // The tag of what GET answers now, though this body has the private key besides (RFC 9110 §15.3.2).
      const answer = createBody(text, tagOf(created.document));
      const again = created.replayed ? ['Idempotency-Replayed', 'true'] : [];
      answers.send(reply, exchange, 201, answer, ['Location', linkOf(created.id), ...again]);
    });
  };
}

/** `PUT /v2/applications/{id}` */
export function createUpdate({ context, answers }: ApplicationHandling): Handler {
  const quirksOf = createQuirks(context);
  return (exchange, request, reply) => {
    const { apiKey } = exchange;
    const { id } = request.params as { id: string };
    withBody(answers, exchange, request, reply, async (body) => {
      const options = { by: actorOf(exchange), demand: createDemand(request) };
      const updated = await context.applications.update(apiKey, id, body, quirksOf(request), options);
      // No tag: what was sent is not kept as it is, and RFC 9110 §9.3.4 forbids one then.
      const answer = createBody(presentApplication(updated.document, id));
      answers.send(reply, exchange, 200, answer, updated.keptKey ? KEPT_KEY : undefined);
    });
  };
}

/** `DELETE /v2/applications/{id}` */
export function createRemove({ context, answers }: ApplicationHandling): Handler {
  return (exchange, request, reply) => {
    const { apiKey } = exchange;
    const { id } = request.params as { id: string };
    context.applications
      .remove(apiKey, id, { by: actorOf(exchange), demand: createDemand(request) })
      .then(() => answers.sendEmpty(reply, exchange))
      .catch((error: unknown) => answers.fail(reply, exchange, error));
  };
}

/** How the audit tells of a request. */
export function actorOf({ id }: Exchange): Actor {
  return { actor: 'api', requestId: id };
}

/** Answers an application, if the request's conditions are for it; hardly any request has one. */
function sendFound(
  answers: Answers,
  exchange: Exchange,
  request: FastifyRequest,
  reply: FastifyReply,
  body: Body,
): void {
  try {
    const conditions = parseConditions(request.raw.headers);
    const verdict = conditions === undefined ? 'holds' : judge(conditions, 'read', body.tag);
    if (verdict === 'fails') throw preconditionFailed();
    if (verdict === 'unmodified') answers.sendUnmodified(reply, exchange, body);
    else answers.sendRead(reply, exchange, body);
  } catch (error) {
    answers.fail(reply, exchange, error);
  }
}

/**
 * What a request that changes an application demands of it first; undefined when it demands nothing. The headers are
 * not looked at before the application is there: without it there are no conditions (RFC 9110 §13.2.1).
 */
function createDemand({ headers }: FastifyRequest): ((document: string) => void) | undefined {
  if (headers['if-match'] === undefined && headers['if-none-match'] === undefined) return undefined;
  return (document) => {
    const conditions = parseConditions(headers);
    if (conditions === undefined) return;
    if (judge(conditions, 'change', tagOf(document)) === 'fails') throw preconditionFailed();
  };
}

/** Hands what `find` finds to `send`, at once where it is there at once. */
function finish(
  answers: Answers,
  exchange: Exchange,
  reply: FastifyReply,
  send: (body: Body) => void,
  find: () => MaybePromise<Body>,
): void {
  try {
    const found = find();
    if (!(found instanceof Promise)) {
      send(found);
      return;
    }
    found.then(send).catch((error: unknown) => answers.fail(reply, exchange, error));
  } catch (error) {
    answers.fail(reply, exchange, error);
  }
}

/** Hands the body of a request to `handle` as JSON, and answers what goes wrong with either. */
export function withBody(
  answers: Answers,
  exchange: Exchange,
  request: FastifyRequest,
  reply: FastifyReply,
  handle: (body: SentBody) => Promise<void>,
): void {
  const bytes = request.body as Buffer | undefined;
  if (exchange.unsupportedBody && bytes !== undefined && bytes.length > 0) {
    answers.sendProblem(reply, exchange, PROBLEMS.unsupportedType);
    return;
  }
  try {
    handle(parseJsonBody(bytes)).catch((error: unknown) => answers.fail(reply, exchange, error));
  } catch (error) {
    answers.fail(reply, exchange, error);
  }
}

function createQuirks({ config }: Context): (request: FastifyRequest) => Quirks {
  if (!config.http.clientQuirks) return () => NO_QUIRKS;
  return (request) => findQuirks(request.headers['user-agent']);
}
