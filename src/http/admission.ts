/** What every request of `/v2` passes before its handler, in the order of W50. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { parseBasicCredentials } from '../registry/credentials.ts';
import type { Answers } from './answer.ts';
import { connectionOf, type Exchange, requireExchange } from './exchange.ts';
import { acceptsJson, isJsonBody, mayHaveBody } from './negotiate.ts';
import { PROBLEMS, type Problem, rateLimited } from './problem.ts';

/** Calls `next` for a request that may go on, and answers every other one. */
export type Admission = (
  request: FastifyRequest,
  reply: FastifyReply,
  next: (exchange: Exchange) => void,
) => void;

/**
 * Makes the admission of one route.
 *
 * @param route the route's number in the metrics.
 * @param accepts whether an `Accept` leaves room for what the route answers.
 */
export function createAdmission(
  context: Context,
  answers: Answers,
  route: number,
  accepts = acceptsJson,
): Admission {
  const { credentials } = context;
  const check = createChecks(context, accepts);

  return (request, reply, next) => {
    const exchange = requireExchange(request.raw);
    exchange.route = route;
    const header = request.headers.authorization;
    const known =
      header === undefined
        ? undefined
        : credentials.recall(header, connectionOf(request.raw.socket).recollection);

    const admit = (apiKey: string) => {
      exchange.apiKey = apiKey;
      const problem = check(request, exchange);
      if (problem === undefined) next(exchange);
      else answers.sendProblem(reply, exchange, problem);
    };
    if (known !== undefined) {
      admit(known);
      return;
    }
    credentials
      .verify(header ?? '', parseBasicCredentials(header), addressGroup(request.ip))
      .then(admit, (error: unknown) => answers.fail(reply, exchange, error))
      // What a handler throws ends where it would if the credentials had been known.
      .catch((error: unknown) => reply.send(error));
  };
}

/** Everything behind the credentials: rate, `Accept`, `Content-Type`. */
function createChecks(
  { rates, config }: Context,
  accepts: (accept: string | undefined) => boolean,
): (request: FastifyRequest, exchange: Exchange) => Problem | undefined {
  const policy = `"default";q=${config.limits.perSecond};w=1`;

  return (request, exchange) => {
    if (rates !== undefined) {
      const { allowed, left, seconds } = rates.take(exchange.apiKey, exchange.begun);
      exchange.rateLimit = `"default";r=${left};t=${seconds}`;
      exchange.ratePolicy = policy;
      if (!allowed) return rateLimited(seconds);
    }
    if (!accepts(request.headers.accept)) return PROBLEMS.notAcceptable;
    return checkBody(request, exchange);
  };
}

function checkBody(request: FastifyRequest, exchange: Exchange): Problem | undefined {
  const { method, headers } = request.raw;
  if (method === 'GET' || method === 'HEAD') return undefined;
  if ((method === 'POST' || method === 'PUT') && mayHaveBody(headers) && !isJsonBody(headers)) {
    // Whether chunks come to anything is known only when they are there.
    if (headers['transfer-encoding'] === undefined) return PROBLEMS.unsupportedType;
    exchange.unsupportedBody = true;
  }
  // W54 is decided here; the framework would refuse types that no row refuses. Taking the member out makes all that
  // follow slower to find.
  headers['content-type'] = undefined;
  return undefined;
}

/** An IPv4 address as it is, an IPv6 address by its /64: whoever has one of those has them all. */
export function addressGroup(address: string): string {
  const mapped = address.startsWith('::ffff:') ? address.slice(7) : address;
  return mapped.includes('.') || !mapped.includes(':') ? mapped : expandPrefix(mapped);
}

function expandPrefix(address: string): string {
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - groups.length - rest.length)).fill('0');
  return [...groups, ...zeros, ...rest].slice(0, 4).join(':');
}
