/** The routes of Jackfield's own API, `/jackfield/v1`: admission, bodies and errors are those of `/v2`. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createKeySet, createRotate, createVerifyToken } from './application-keys.ts';
import type { ApplicationHandling, Handler } from './applications.ts';
import {
  createGetDelivery,
  createListDeliveries,
  createReplay,
  createReplayMany,
  createTakeEvent,
  type DeliveryHandling,
} from './deliveries.ts';
import { createStream } from './delivery-stream.ts';
import { requireExchange } from './exchange.ts';
import { RESOURCES, type Resource } from './jackfield-resources.ts';
import type { Metrics } from './metrics.ts';
import { acceptsEvents } from './negotiate.ts';
import { PROBLEMS, wrongVerb } from './problem.ts';
import { addOptions, createRouteAdmission, takeBytes } from './routes.ts';

/** Adds the routes; each also answers with a slash at its end. */
export function registerJackfield(app: FastifyInstance, handling: DeliveryHandling, metrics: Metrics): void {
  const routeOf = ({ name }: Resource) => metrics.addRoute(name);
  const jwks = { route: routeOf(RESOURCES.jwks), handle: createKeySet(handling) };
  addPublicRead(app, handling, RESOURCES.jwks, jwks);
  const addRead = (resource: Resource, handle: Handler, accepts?: typeof acceptsEvents) => {
    const admit = createRouteAdmission(handling, routeOf(resource), accepts);
    app.route({
      method: ['GET', 'HEAD'],
      url: resource.url,
      exposeHeadRoute: false,
      handler: (request, reply) => admit(request, reply, (exchange) => handle(exchange, request, reply)),
    });
  };
  addRead(RESOURCES.deliveries, createListDeliveries(handling));
  addRead(RESOURCES.stream, createStream(handling), acceptsEvents);
  addRead(RESOURCES.delivery, createGetDelivery(handling));
  refuseReads(app, handling, RESOURCES.replays);
  registerWrites(app, handling, routeOf);
  for (const resource of Object.values(RESOURCES))
    addOptions(app, handling.answers, resource.url, routeOf(resource), resource.allow);
}

function registerWrites(
  app: FastifyInstance,
  handling: DeliveryHandling,
  routeOf: (resource: Resource) => number,
): void {
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
    addPost(RESOURCES.events, createTakeEvent(handling));
    addPost(RESOURCES.replay, createReplay(handling));
    addPost(RESOURCES.replays, createReplayMany(handling));
  });
}

/** Where the router would take the name of a resource for the id of a delivery. */
function refuseReads(app: FastifyInstance, { answers }: DeliveryHandling, { url, allow }: Resource): void {
  const handler = (request: FastifyRequest, reply: FastifyReply): void =>
    answers.sendProblem(reply, requireExchange(request.raw), wrongVerb(request.method, allow));
  app.route({ method: ['GET', 'HEAD'], url, exposeHeadRoute: false, handler });
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
