/** The application over HTTP: Fastify, with its answers and errors replaced by those of the contract. */

import type { IncomingMessage } from 'node:http';
import { type FastifyError, type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import type { Context } from '../context.ts';
import { createRecord, watchAnswers } from './access-log.ts';
import { Answers, type Draining } from './answer.ts';
import { AnswerCache } from './answer-cache.ts';
import { watchConnections } from './connections.ts';
import { requireExchange } from './exchange.ts';
import { registerJackfield } from './jackfield-routes.ts';
import { createListener, MAX_HEADER_BYTES } from './listener.ts';
import { Metrics } from './metrics.ts';
import { PROBLEMS, type Problem, presentError, wrongVerb } from './problem.ts';
import { registerPublicRoutes } from './public-routes.ts';
import { answerClientError, type RawAnswering } from './raw-answers.ts';
import { createRequestIds } from './request-id.ts';
import { pathOf } from './request-target.ts';
import { findAllowedMethods, registerApplications } from './routes.ts';

/** An application that can listen. */
export interface App {
  readonly fastify: FastifyInstance;
  readonly metrics: Metrics;
  /** From now on answers say that the connection ends with them; connections without a request end at once. */
  drain(): void;
  /** Closes every connection, answered or not. */
  cut(): void;
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
  const metrics = createMetrics(context);
  const record = createRecord(context.log, metrics);
  const app = createFastify(context, { createId, record });
  // Bodies are read where they mean something; elsewhere they are ignored, whatever they say they are.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  registerErrors(app, answers, registerPublicRoutes(app, { context, metrics, version, state }));
  const handling = { context, answers, cache: new AnswerCache(context.config.cacheBytes) };
  registerApplications(app, handling, metrics);
  const ending = new AbortController();
  registerJackfield(app, { ...handling, ending: ending.signal }, metrics);
  const connections = watchConnections(app.server);
  const unwatchAnswers = watchAnswers(app.server, record);
  app.addHook('onClose', async () => {
    unwatchAnswers();
    metrics.close();
  });
  await app.ready();
  return {
    fastify: app,
    metrics,
    drain: () => {
      state.draining = true;
      ending.abort();
      connections.closeUnused();
    },
    cut: connections.closeAll,
  };
}

/** The metrics of a server, with what is read of its parts when somebody asks. */
function createMetrics(context: Context): Metrics {
  return new Metrics({
    keyPoolLevel: () => context.keys.level,
    keyPoolSize: context.config.keys.poolSize,
    keyPoolWaiting: () => context.keys.waiting,
    loadFamilies: async () => {
      const { describeDeliveries } = await import('./delivery-metrics.ts');
      const { courier } = context;
      return describeDeliveries({ figures: courier.figures, readQueue: () => courier.readQueue() });
    },
  });
}

/** Routes have no schemas of Fastify's; without its compilers a start takes 50 ms less and the process 10 MB. */
const NO_COMPILERS = { buildValidator: refuseSchemas, buildSerializer: refuseSchemas };

function refuseSchemas(): never {
  throw new Error('bodies are validated by the domain, and answers are written by hand');
}

function createFastify({ config, courier }: Context, answering: RawAnswering): FastifyInstance {
  const { trustProxy } = config.http;
  return fastify({
    logger: false,
    genReqId: (raw) => requireExchange(raw as IncomingMessage).id,
    requestIdHeader: false,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    trustProxy: trustProxy === undefined ? false : [...trustProxy],
    schemaController: { compilersFactory: NO_COMPILERS },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_HEADER_BYTES },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, answering),
    serverFactory: (handle) =>
      createListener(
        config.http,
        (request, response) => {
          courier.pace.noteRequest();
          handle(request, response);
        },
        answering,
      ),
  });
}

/** Answers what no route does: mismatches of paths and methods, and whatever goes wrong. */
function registerErrors(app: FastifyInstance, answers: Answers, publicUrls: ReadonlySet<string>): void {
  app.setNotFoundHandler((request, reply) =>
    answers.sendProblem(reply, requireExchange(request.raw), findMismatch(request.raw, publicUrls)),
  );
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const exchange = requireExchange(request.raw);
    const problem = request.is404
      ? findMismatch(request.raw, publicUrls)
      : presentFrameworkError(error, request);
    if (problem.status >= 500) exchange.failure = error;
    answers.sendProblem(reply, exchange, problem);
  });
}

/** What a request that matches no route is told: that there is no such route, or no such method on it. */
function findMismatch(raw: IncomingMessage, publicUrls: ReadonlySet<string>): Problem {
  const path = pathOf(raw.url ?? '');
  // Everything beside applications is only read.
  const url = path.length > 1 ? path.replace(/\/$/, '') : path;
  const allow = findAllowedMethods(path) ?? (publicUrls.has(url) ? 'GET, HEAD' : undefined);
  return allow === undefined ? PROBLEMS.noRoute : wrongVerb(raw.method ?? '', allow);
}

function presentFrameworkError(error: FastifyError, request: FastifyRequest): Problem {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return requireExchange(request.raw).unsupportedBody ? PROBLEMS.unsupportedType : PROBLEMS.tooLarge;
  }
  if (error.code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH') return PROBLEMS.badRequest;
  return presentError(error);
}
