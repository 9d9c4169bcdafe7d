/** The application over HTTP: Fastify, with its answers and errors replaced by those of the contract. */

import type { IncomingMessage } from 'node:http';
import {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
} from 'fastify';
import type { Context } from '../context.ts';
import { notFound } from '../registry/applications.ts';
import { openAccessLog } from './access-log.ts';
import { createAdmission } from './admission.ts';
import { Answers, type Draining } from './answer.ts';
import { AnswerCache } from './answer-cache.ts';
import { beginExchange, requireExchange } from './exchange.ts';
import { createListener, MAX_HEADER_BYTES } from './listener.ts';
import { Metrics } from './metrics.ts';
import { PROBLEMS, type Problem, presentError, wrongVerb } from './problem.ts';
import { registerPublicRoutes } from './public-routes.ts';
import { answerClientError } from './raw-answers.ts';
import { createRequestIds } from './request-id.ts';
import { findAllowedMethods, registerApplications } from './routes.ts';
import { watchUnusedConnections } from './unused-connections.ts';

/** An application that can listen. */
export interface App {
  readonly fastify: FastifyInstance;
  readonly metrics: Metrics;
  /** From now on answers say that the connection ends with them; connections without a request end at once. */
  drain(): void;
}

/**
 * Builds the application; it listens nowhere yet.
 *
 * @param version of the product, as `GET /` tells it.
 */
export async function createApp(context: Context, version: string): Promise<App> {
  const state: Draining = { draining: false };
  const createId = createRequestIds();
  const answers = new Answers(state);
  const metrics = new Metrics({
    keyPoolLevel: () => context.keys.level,
    keyPoolSize: context.config.keys.poolSize,
    keyPoolWaiting: () => context.keys.waiting,
  });
  const app = createFastify(context, createId, createBadUrlHandler(context, answers));
  // Bodies are read where they mean something; elsewhere they are ignored, whatever they say they are.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  registerErrors(app, answers);
  registerApplications(app, { context, answers, cache: new AnswerCache(context.config.cacheBytes) }, metrics);
  registerPublicRoutes(app, { context, metrics, version, state });
  const closeUnused = watchUnusedConnections(app.server);
  const closeAccessLog = openAccessLog(app.server, context.log, metrics);
  app.addHook('onClose', async () => {
    closeAccessLog();
    metrics.close();
  });
  await app.ready();
  return {
    fastify: app,
    metrics,
    drain: () => {
      state.draining = true;
      closeUnused();
    },
  };
}

/** Routes have no schemas of Fastify's; without its compilers a start takes 50 ms less and the process 10 MB. */
const NO_COMPILERS = { buildValidator: refuseSchemas, buildSerializer: refuseSchemas };

function refuseSchemas(): never {
  throw new Error('bodies are validated by the domain, and answers are written by hand');
}

function createFastify(
  { config }: Context,
  createId: () => string,
  answerBadUrl: (request: FastifyRequest, reply: FastifyReply) => void,
): FastifyInstance {
  const { trustProxy } = config.http;
  return fastify({
    logger: false,
    genReqId: (raw) => beginExchange(raw as IncomingMessage, createId()).id,
    requestIdHeader: false,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    trustProxy: trustProxy === undefined ? false : [...trustProxy],
    schemaController: { compilersFactory: NO_COMPILERS },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_HEADER_BYTES },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, createId),
    serverFactory: (handle) => createListener(config.http, handle, createId),
    frameworkErrors: (_error, request, reply) => answerBadUrl(request, reply),
  });
}

/** Answers what no route does: mismatches of paths and methods, and whatever goes wrong. */
function registerErrors(app: FastifyInstance, answers: Answers): void {
  app.setNotFoundHandler((request, reply) =>
    answers.sendProblem(reply, requireExchange(request.raw), findMismatch(request.server, request.raw)),
  );
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const exchange = requireExchange(request.raw);
    const problem = request.is404
      ? findMismatch(request.server, request.raw)
      : presentFrameworkError(error, request);
    if (problem.status >= 500) exchange.failure = error;
    answers.sendProblem(reply, exchange, problem);
  });
}

/** What a request that matches no route is told: that there is no such route, or no such method on it. */
function findMismatch(app: FastifyInstance, raw: IncomingMessage): Problem {
  const path = pathOf(raw.url ?? '');
  // Everything beside applications is only read.
  const url = path.length > 1 ? path.replace(/\/$/, '') : path;
  const allow = findAllowedMethods(path) ?? (app.hasRoute({ method: 'GET', url }) ? 'GET, HEAD' : undefined);
  return allow === undefined ? PROBLEMS.noRoute : wrongVerb(raw.method ?? '', allow);
}

/** An id that cannot be decoded is an id that nobody has, and is asked for like any other (W44, W50). */
function createBadUrlHandler(
  context: Context,
  answers: Answers,
): (request: FastifyRequest, reply: FastifyReply) => void {
  const admit = createAdmission(context, answers, 0);
  return (request, reply) => {
    const { method = '', url = '' } = request.raw;
    const exchange = requireExchange(request.raw);
    const allow = findAllowedMethods(pathOf(url));
    if (allow === undefined || !allow.split(', ').includes(method)) {
      answers.sendProblem(reply, exchange, findMismatch(request.server, request.raw));
    } else if (method === 'OPTIONS') {
      answers.sendEmpty(reply, exchange, ['Allow', allow]);
    } else {
      const id = /([^/]*)\/?$/.exec(pathOf(url))?.[1] ?? '';
      admit(request, reply, () => answers.sendProblem(reply, exchange, presentError(notFound(id))));
    }
  };
}

function presentFrameworkError(error: FastifyError, request: FastifyRequest): Problem {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return requireExchange(request.raw).unsupportedBody ? PROBLEMS.unsupportedType : PROBLEMS.tooLarge;
  }
  if (error.code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH') return PROBLEMS.badRequest;
  return presentError(error);
}

/** The path of a request target, which may also be a whole URL (RFC 9112 §3.2.2). */
function pathOf(target: string): string {
  const path = target.startsWith('/') ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  return path.replace(/[?#].*$/s, '');
}
