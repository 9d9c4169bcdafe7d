/** The routes of events and deliveries: take an event, show deliveries, repeat them. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Answered, Deliveries } from '../delivery/deliveries.ts';
import { JackfieldError } from '../errors.ts';
import { createBody } from './answer.ts';
import { type ApplicationHandling, type Handler, withBody } from './applications.ts';
import type { Exchange } from './exchange.ts';
import { presentAnswered, presentAttempt, presentDeliveries, presentDetail } from './present-delivery.ts';
import { deliveryFailed } from './problem.ts';

/** What the handlers work with. */
export interface DeliveryHandling extends ApplicationHandling {
  readonly deliveries: Deliveries;
  /** Given when the server is about to end: nobody is to wait any longer. */
  readonly ending: AbortSignal;
}

/** How long `?wait=true` waits, in ms. */
const WAIT_MS = 30_000;

/** The one webhook whose answer the caller gets (D20). */
const ANSWERED = 'voice.answer_url';

const COLLECTION = '/jackfield/v1/deliveries';

/** `POST /jackfield/v1/applications/{id}/events` */
export function createTakeEvent(handling: DeliveryHandling): Handler {
  const { deliveries, answers } = handling;
  return (exchange, request, reply) => {
    const { apiKey } = exchange;
    const { id: application } = request.params as { id: string };
    withBody(answers, exchange, request, reply, async (body) => {
      const waits = parseWait(request.query as Readonly<Record<string, unknown>>);
      const { parseEventBody } = await import('../domain/jackfield-body.ts');
      const { webhook, payload } = parseEventBody(body);
      if (webhook === ANSWERED) {
        const answered = await deliveries.answer(apiKey, application, payload);
        sendAnswered(handling, exchange, reply, answered);
        return;
      }
      const { id, status } = await deliveries.accept(apiKey, application, webhook, payload);
      if (waits) await sendWaited(handling, exchange, reply, id);
      else sendAccepted(handling, exchange, reply, { id, status });
    });
  };
}

/** `GET /jackfield/v1/deliveries` */
export function createListDeliveries({ deliveries, answers }: DeliveryHandling): Handler {
  return (exchange, request, reply) => {
    deliveries
      .list(exchange.apiKey, request.query as Readonly<Record<string, unknown>>)
      .then((page) =>
        answers.send(reply, exchange, 200, createBody(presentDeliveries(page.deliveries, page.nextCursor))),
      )
      .catch((error: unknown) => answers.fail(reply, exchange, error));
  };
}

/** `GET /jackfield/v1/deliveries/{id}` */
export function createGetDelivery({ deliveries, answers }: DeliveryHandling): Handler {
  return (exchange, request, reply) => {
    const { id } = request.params as { id: string };
    deliveries
      .find(exchange.apiKey, id)
      .then((detail) => answers.send(reply, exchange, 200, createBody(presentDetail(detail))))
      .catch((error: unknown) => answers.fail(reply, exchange, error));
  };
}

/** `POST /jackfield/v1/deliveries/{id}/replay` */
export function createReplay(handling: DeliveryHandling): Handler {
  const { deliveries, answers } = handling;
  return (exchange, request, reply) => {
    withBody(answers, exchange, request, reply, async (body) => {
      const { assertEmptyBody } = await import('../domain/jackfield-body.ts');
      assertEmptyBody(body);
      const { id: original } = request.params as { id: string };
      const { id, status, replayOf } = await deliveries.replay(exchange.apiKey, original);
      sendAccepted(handling, exchange, reply, { id, status, replay_of: replayOf });
    });
  };
}

/** `POST /jackfield/v1/deliveries/replay` */
export function createReplayMany({ deliveries, answers }: DeliveryHandling): Handler {
  return (exchange, request, reply) => {
    withBody(answers, exchange, request, reply, async (body) => {
      const { parseReplayBody } = await import('../domain/jackfield-body.ts');
      const { queued } = await deliveries.replayMany(exchange.apiKey, parseReplayBody(body));
      answers.send(reply, exchange, 202, createBody(JSON.stringify({ queued })));
    });
  };
}

function sendAccepted(
  { answers }: DeliveryHandling,
  exchange: Exchange,
  reply: FastifyReply,
  accepted: { readonly id: string; readonly status: string; readonly replay_of?: string },
): void {
  const location = ['Location', `${COLLECTION}/${accepted.id}`];
  answers.send(reply, exchange, 202, createBody(JSON.stringify(accepted)), location);
}

function sendAnswered(
  { answers }: DeliveryHandling,
  exchange: Exchange,
  reply: FastifyReply,
  { id, ncco, attempts }: Answered,
): void {
  if (ncco === undefined) {
    const problem = deliveryFailed({ id, attempts: attempts.map(presentAttempt) });
    answers.sendProblem(reply, exchange, problem);
    return;
  }
  answers.send(reply, exchange, 200, createBody(presentAnswered(id, ncco, attempts)));
}

/** Answers a delivery once it has ended, or what has become of it in the time there is. */
async function sendWaited(
  handling: DeliveryHandling,
  exchange: Exchange,
  reply: FastifyReply,
  id: string,
): Promise<void> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  reply.raw.once('close', leave);
  const signal = AbortSignal.any([gone.signal, handling.ending]);
  const detail = await handling.deliveries.waitFor(exchange.apiKey, id, WAIT_MS, signal);
  reply.raw.off('close', leave);
  const { status } = detail;
  if (status === 'queued' || status === 'delivering' || status === 'waiting')
    sendAccepted(handling, exchange, reply, { id, status });
  else handling.answers.send(reply, exchange, 200, createBody(presentDetail(detail)));
}

/** Reads `wait` of a query; throws `list_invalid`. */
function parseWait(query: Readonly<Record<string, unknown>>): boolean {
  const wait = Object.hasOwn(query, 'wait') ? query['wait'] : undefined;
  if (wait === undefined || wait === 'false') return false;
  if (wait === 'true') return true;
  const reason = Array.isArray(wait) ? 'must be given once' : 'must be one of: true, false';
  throw new JackfieldError('list_invalid', 'The request failed due to validation errors', {
    faults: [{ name: 'wait', reason }],
  });
}

/** The parameter `application_id` of a query, for those who follow; throws `list_invalid`. */
export function parseFollowed({ query }: FastifyRequest): string | undefined {
  const { application_id: id } = query as { application_id?: string | string[] };
  if (!Array.isArray(id)) return id;
  throw new JackfieldError('list_invalid', 'The request failed due to validation errors', {
    faults: [{ name: 'application_id', reason: 'must be given once' }],
  });
}
