/** The routes that need no credentials: what this is, and how it is. */

import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Context } from '../context.ts';
import { isReachable } from '../storage/health.ts';
import { requireExchange } from './exchange.ts';
import type { Metrics } from './metrics.ts';
import { registerOpenApi } from './openapi.ts';
import { type Problem, unavailable, writeProblem } from './problem.ts';
import { registerReferences } from './reference.ts';

/** What the routes work with. */
export interface PublicRoutes {
  readonly context: Context;
  readonly metrics: Metrics;
  readonly version: string;
  /** Whether the server is about to end. */
  readonly state: { readonly draining: boolean };
}

/**
 * Adds `/`, `/healthz`, `/readyz`, the OpenAPI documents, their references and, in `dev`, `/metrics`.
 *
 * @returns their paths, all there once the application is ready.
 */
export function registerPublicRoutes(app: FastifyInstance, routes: PublicRoutes): ReadonlySet<string> {
  const { context, metrics, version } = routes;
  const urls = new Set<string>();
  app.register(async (scope) => {
    scope.addHook('onRoute', ({ url }) => void urls.add(url));
    scope.addHook('onRequest', async (request, reply) => {
      const exchange = requireExchange(request.raw);
      exchange.route = metrics.addRoute(request.routeOptions.url ?? 'unknown');
      reply.header('x-request-id', exchange.id);
      if (routes.state.draining) reply.header('connection', 'close');
    });
    const read = { method: ['GET', 'HEAD'] as ['GET', 'HEAD'], exposeHeadRoute: false };
    scope.route({
      ...read,
      url: '/',
      handler: async (_request, reply) => sendFresh(reply, 200, presentSelf(version)),
    });
    scope.route({
      ...read,
      url: '/healthz',
      handler: async (_request, reply) => sendFresh(reply, 200, { status: 'ok' }),
    });
    scope.route({ ...read, url: '/readyz', handler: (_request, reply) => answerReadiness(reply, routes) });
    if (context.config.mode === 'dev') {
      scope.route({ ...read, url: '/metrics', handler: (_request, reply) => answerMetrics(reply, metrics) });
    }
    registerOpenApi(scope, { version });
    registerReferences(scope);
  });
  return urls;
}

/** Answers the metrics in the text format of Prometheus. */
async function answerMetrics(reply: FastifyReply, metrics: Metrics): Promise<FastifyReply> {
  const { text, contentType } = await metrics.present();
  return reply.header('cache-control', 'no-store').type(contentType).send(text);
}

function presentSelf(version: string): object {
  return {
    name: 'Jackfield',
    version,
    _links: {
      self: { href: '/' },
      applications: { href: '/v2/applications' },
      openapi: { href: '/openapi.json' },
      docs: { href: '/docs' },
      jackfield_openapi: { href: '/jackfield/openapi.json' },
      jackfield_docs: { href: '/jackfield/docs' },
      health: { href: '/healthz' },
      readiness: { href: '/readyz' },
    },
  };
}

async function answerReadiness(reply: FastifyReply, { context, state }: PublicRoutes): Promise<FastifyReply> {
  const reachable = await isReachable(context.database);
  if (reachable && !state.draining) return sendFresh(reply, 200, { status: 'ready', database: 'ok' });
  const why = reachable ? 'The server is shutting down' : 'The storage cannot be reached';
  const members = { status: 'unavailable', database: reachable ? 'ok' : 'unreachable' };
  const problem: Problem = { ...unavailable(why, 1), members };
  reply.header('retry-after', `${problem.retryAfter}`);
  return sendFresh(reply, problem.status, writeProblem(problem, requireExchange(reply.request.raw).id));
}

function sendFresh(reply: FastifyReply, status: number, value: object | string): FastifyReply {
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(typeof value === 'string' ? value : JSON.stringify(value));
}
