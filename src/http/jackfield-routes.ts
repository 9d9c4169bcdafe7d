/** The routes of Jackfield's own API, `/jackfield/v1`: admission, bodies and errors are those of `/v2`. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { onFirstUse } from '../first-use.ts';
import type { ApplicationHandling, Handler } from './applications.ts';
import { requireExchange } from './exchange.ts';
import type { JackfieldHandling, loadHandlers } from './jackfield-handlers.ts';
import { RESOURCES, type Resource } from './jackfield-resources.ts';
import type { Metrics } from './metrics.ts';
import { acceptsEvents } from './negotiate.ts';
import { PROBLEMS, wrongVerb } from './problem.ts';
import { addOptions, createRouteAdmission, takeBytes } from './routes.ts';

type Handlers = Awaited<ReturnType<typeof loadHandlers>>;

/** Finds a handler that is loaded when it is needed. */
type FindHandler = (name: keyof Handlers) => Handler;

/** Hands requests to handlers that are loaded with the first of them; they wait for that. */
function createHandlers(handling: JackfieldHandling): FindHandler {
  const load = onFirstUse(async () => (await import('./jackfield-handlers.ts')).loadHandlers(handling));
  return (name) => (exchange, request, reply) => {
    load()
      .then(
        (handlers) => handlers[name](exchange, request, reply),
        (error: unknown) => handling.answers.fail(reply, exchange, error),
      )
      // What a handler throws ends where it would if the handlers had been loaded.
      .catch((error: unknown) => reply.send(error));
  };
}

/** Adds the routes; each also answers with a slash at its end. */
export function registerJackfield(app: FastifyInstance, handling: JackfieldHandling, metrics: Metrics): void {
  const routeOf = ({ name }: Resource) => metrics.addRoute(name);
  const handlerOf = createHandlers(handling);
  const jwks = { route: routeOf(RESOURCES.jwks), handle: handlerOf('showKeySet') };
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
  addRead(RESOURCES.deliveries, handlerOf('list'));
  addRead(RESOURCES.stream, handlerOf('follow'), acceptsEvents);
  addRead(RESOURCES.delivery, handlerOf('show'));
  refuseReads(app, handling, RESOURCES.replays);
  registerWrites(app, handling, { routeOf, handlerOf });
  for (const resource of Object.values(RESOURCES))
    addOptions(app, handling.answers, resource.url, routeOf(resource), resource.allow);
}

function registerWrites(
  app: FastifyInstance,
  handling: ApplicationHandling,
  {
    routeOf,
    handlerOf,
  }: { readonly routeOf: (resource: Resource) => number; readonly handlerOf: FindHandler },
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
    addPost(RESOURCES.keys, handlerOf('rotate'));
    addPost(RESOURCES.verify, handlerOf('verifyToken'));
    addPost(RESOURCES.events, handlerOf('takeEvent'));
    addPost(RESOURCES.replay, handlerOf('replay'));
    addPost(RESOURCES.replays, handlerOf('replayMany'));
  });
}

/** Where the router would take the name of a resource for the id of a delivery. */
function refuseReads(app: FastifyInstance, { answers }: ApplicationHandling, { url, allow }: Resource): void {
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
