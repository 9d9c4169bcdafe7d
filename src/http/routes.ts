/** Every route of the server and the methods it has. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Admission, createAdmission } from './admission.ts';
import type { Answers } from './answer.ts';
import {
  type ApplicationHandling,
  createCreate,
  createGet,
  createList,
  createRemove,
  createUpdate,
  type Handler,
} from './applications.ts';
import { MAX_BODY_BYTES } from './body.ts';
import { requireExchange } from './exchange.ts';
import { findJackfieldMethods } from './jackfield-resources.ts';
import type { Metrics } from './metrics.ts';
import { PROBLEMS } from './problem.ts';

const COLLECTION = '/v2/applications';
const ITEM = '/v2/applications/:id';

type RouteHandler = (request: FastifyRequest, reply: FastifyReply) => void;
type RouteHook = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;

/** The methods of the collection and of an item, as `Allow` tells them (W52). */
const COLLECTION_METHODS = 'GET, HEAD, POST, OPTIONS';
const ITEM_METHODS = 'GET, HEAD, PUT, DELETE, OPTIONS';

/** Adds the routes of applications; each also answers with a slash at its end (W01). */
export function registerApplications(
  app: FastifyInstance,
  handling: ApplicationHandling,
  metrics: Metrics,
): void {
  const { answers } = handling;
  const collection = metrics.addRoute('/v2/applications');
  const item = metrics.addRoute('/v2/applications/{id}');
  const admissionOf = (url: string) => createRouteAdmission(handling, url === ITEM ? item : collection);
  /** Reads are admitted and answered in one go: 0.3 µs less than by a hook. */
  const addRead = (url: string, handle: Handler) => {
    const admit = admissionOf(url);
    const handler: RouteHandler = (request, reply) =>
      admit(request, reply, (exchange) => handle(exchange, request, reply));
    app.route({ method: ['GET', 'HEAD'], url, handler, exposeHeadRoute: false });
  };
  /** Nothing is read of the body of a write that is not admitted. */
  const addWrite = (
    scope: FastifyInstance,
    method: 'POST' | 'PUT' | 'DELETE',
    url: string,
    handle: Handler,
  ) => {
    const admit = admissionOf(url);
    const onRequest: RouteHook = (request, reply, done) => admit(request, reply, () => done());
    const handler: RouteHandler = (request, reply) => handle(requireExchange(request.raw), request, reply);
    scope.route({ method, url, onRequest, handler });
  };
  addRead(COLLECTION, createList(handling));
  addRead(ITEM, createGet(handling));
  // The root reads no body: that of a DELETE is ignored (W54).
  addWrite(app, 'DELETE', ITEM, createRemove(handling));
  app.register(async (scope) => {
    takeBytes(scope);
    addWrite(scope, 'POST', COLLECTION, createCreate(handling));
    addWrite(scope, 'PUT', ITEM, createUpdate(handling));
  });
  addOptions(app, answers, COLLECTION, collection, COLLECTION_METHODS);
  addOptions(app, answers, ITEM, item, ITEM_METHODS);
}

/** The admission of a route; the router takes `/v2/applications//` for an item without an id, and nothing is there (W50). */
export function createRouteAdmission(
  { context, answers }: ApplicationHandling,
  route: number,
  accepts?: (accept: string | undefined) => boolean,
): Admission {
  const admit = createAdmission(context, answers, route, accepts);
  return (request, reply, next) => {
    if (hasId(request)) admit(request, reply, next);
    else answers.sendProblem(reply, requireExchange(request.raw), PROBLEMS.noRoute);
  };
}

function hasId(request: FastifyRequest): boolean {
  return !Object.values(request.params as Readonly<Record<string, string>>).includes('');
}

/** Bodies reach the handlers of `scope` as bytes, whatever type they say they are. */
export function takeBytes(scope: FastifyInstance): void {
  scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES }, (_request, body, done) =>
    done(null, body),
  );
}

/** `OPTIONS` is answered before anything is asked, credentials included (W50); the hook's `done` is never called. */
export function addOptions(
  app: FastifyInstance,
  answers: Answers,
  url: string,
  route: number,
  allow: string,
): void {
  const onRequest: RouteHandler = (request, reply) => {
    const exchange = requireExchange(request.raw);
    if (!hasId(request)) {
      answers.sendProblem(reply, exchange, PROBLEMS.noRoute);
      return;
    }
    exchange.route = route;
    answers.sendEmpty(reply, exchange, ['Allow', allow]);
  };
  app.route({ method: 'OPTIONS', url, onRequest, handler: () => undefined });
}

/**
 * The methods of the route of the API that a path belongs to, for `Allow`.
 *
 * @param path as sent: any one segment after the collection is an id (W44).
 * @returns undefined when it belongs to none.
 */
export function findAllowedMethods(path: string): string | undefined {
  if (path === COLLECTION || path === `${COLLECTION}/`) return COLLECTION_METHODS;
  return /^\/v2\/applications\/[^/]+\/?$/.test(path) ? ITEM_METHODS : findJackfieldMethods(path);
}
