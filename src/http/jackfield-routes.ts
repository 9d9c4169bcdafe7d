/** The routes of Jackfield's own API, `/jackfield/v1`: admission, bodies and errors are those of `/v2`. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createKeySet, createRotate, createVerifyToken } from './application-keys.ts';
import type { ApplicationHandling, Handler } from './applications.ts';
import { requireExchange } from './exchange.ts';
import { RESOURCES, type Resource } from './jackfield-resources.ts';
import type { Metrics } from './metrics.ts';
import { PROBLEMS } from './problem.ts';
import { addOptions, createRouteAdmission, takeBytes } from './routes.ts';

/** Adds the routes; each also answers with a slash at its end. */
export function registerJackfield(
  app: FastifyInstance,
  handling: ApplicationHandling,
  metrics: Metrics,
): void {
  const routeOf = ({ name }: Resource) => metrics.addRoute(name);
  addPublicRead(app, handling, RESOURCES.jwks, {
    route: routeOf(RESOURCES.jwks),
    handle: createKeySet(handling),
  });
  app.register(async (scope) => {
    takeBytes(scope);
    const addPost = (resource: Resource, handle: Handler) => {
      const admit = createRouteAdmission(handling, routeOf(resource));
      scope.route({
        method: 'POST',
        url: resource.url,
        onRequest: (request, reply, done) => admit(request, reply, () => done()),
        handler: (request, reply) => handle(requireExchange(request.raw), request, reply),
      });
    };
    addPost(RESOURCES.keys, createRotate(handling));
    addPost(RESOURCES.verify, createVerifyToken(handling));
  });
  for (const resource of Object.values(RESOURCES))
    addOptions(app, handling.answers, resource.url, routeOf(resource), resource.allow);
}

/** A read that takes no credentials. */
function addPublicRead(
  app: FastifyInstance,
  { answers }: ApplicationHandling,
  { url }: Resource,
  { route, handle }: { readonly route: number; readonly handle: Handler },
): void {
  const handler = (request: FastifyRequest, reply: FastifyReply): void => {
    const exchange = requireExchange(request.raw);
    if (Object.values(request.params as Readonly<Record<string, string>>).includes('')) {
      answers.sendProblem(reply, exchange, PROBLEMS.noRoute);
      return;
    }
    exchange.route = route;
    handle(exchange, request, reply);
  };
  app.route({ method: ['GET', 'HEAD'], url, handler, exposeHeadRoute: false });
}
