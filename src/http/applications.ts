/** The routes of applications: what comes in, what goes out; the rules are the registry's. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { parsePageQuery } from '../domain/page.ts';
import { notFound, type SentBody } from '../registry/applications.ts';
import { chain, type MaybePromise } from '../storage/database.ts';
import { type Answers, type Body, createBody, createBodyOf } from './answer.ts';
import type { AnswerCache } from './answer-cache.ts';
import { parseJsonBody } from './body.ts';
import type { Exchange } from './exchange.ts';
import { linkOf, presentApplication, presentCreated, presentPage } from './present.ts';
import { PROBLEMS } from './problem.ts';
import { findQuirks, NO_QUIRKS, type Quirks } from './quirks.ts';

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
      answers.send(reply, exchange, 200, kept);
      return;
    }
    finish(answers, exchange, reply, () =>
      chain(applications.find(apiKey, id), (document) => {
        if (document === undefined) throw notFound(id);
        const body = createBody(presentApplication(document, id));
        cache.put(version, apiKey, id, body);
        return body;
      }),
    );
  };
}

/** `GET /v2/applications` */
export function createList({ context, answers, cache }: ApplicationHandling): Handler {
  const { applications } = context;
  const quirksOf = createQuirks(context);
  return (exchange, request, reply) => {
    finish(answers, exchange, reply, () => {
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
      const created = await context.applications.create(apiKey, body, quirksOf(request));
      const text = presentCreated(created.document, created.id, created.privateKey);
      answers.send(reply, exchange, 201, createBody(text), ['Location', linkOf(created.id)]);
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
      const updated = await context.applications.update(apiKey, id, body, quirksOf(request));
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
      .remove(apiKey, id)
      .then(() => answers.sendEmpty(reply, exchange))
      .catch((error: unknown) => answers.fail(reply, exchange, error));
  };
}

/** Answers what `find` finds, at once where it is there at once. */
function finish(
  answers: Answers,
  exchange: Exchange,
  reply: FastifyReply,
  find: () => MaybePromise<Body>,
): void {
  try {
    const found = find();
    if (!(found instanceof Promise)) {
      answers.send(reply, exchange, 200, found);
      return;
    }
    found
      .then((body) => answers.send(reply, exchange, 200, body))
      .catch((error: unknown) => answers.fail(reply, exchange, error));
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
