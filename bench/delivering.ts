/** A server that delivers: applications whose webhook is a receiver's, and a queue that is filled past it. */

import { createHash } from 'node:crypto';
import type { Arrival, Expectation } from './baseline/receiver.ts';
import { askChild } from './children.ts';
import { fillDeliveries } from './database/filling.ts';
import { accountOf, databaseUrlOf, type JackfieldServer, startJackfield } from './jackfield-server.ts';
import type { DatabaseKind, Receiver, Stage } from './stage.ts';

/** Applications that the deliveries are of, in turn. */
const APPLICATIONS = 8;

export const WEBHOOK = 'messages.inbound_url';
/** The payload of every delivery. */
export const PAYLOAD = JSON.stringify({
  channel: 'sms',
  message_uuid: '11111111-1111-4111-8111-111111111111',
  to: '447700900000',
  from: '447700900001',
  timestamp: '2026-01-01T00:00:00Z',
  message_type: 'text',
  text: 'Hello from the bench',
});

/** A server that may call loopback, and applications whose webhook is the receiver's. */
export interface Delivering {
  readonly server: JackfieldServer;
  readonly applications: readonly string[];
}

const SETTINGS = {
  JACKFIELD_EGRESS_ALLOW: '127.0.0.0/8',
  JACKFIELD_KEY_POOL_SIZE: '0',
  JACKFIELD_SHUTDOWN_GRACE_MS: '1000',
};

/** Creates an application whose webhooks are a receiver's; answers its id. */
export async function createApplication(
  stage: Stage,
  server: JackfieldServer,
  receiverUrl: string,
): Promise<string> {
  const { keys } = JSON.parse(stage.keyedBody) as { keys: unknown };
  const address = { address: receiverUrl, http_method: 'POST' };
  const capabilities = { messages: { webhooks: { inbound_url: address, status_url: address } } };
  const response = await fetch(`${server.url}/v2/applications`, {
    method: 'POST',
    headers: { authorization: server.home.authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Bench deliveries', keys, capabilities }),
  });
  const answer = (await response.json()) as { id: string };
  if (response.status !== 201) throw new Error(`an application was refused: ${JSON.stringify(answer)}`);
  return answer.id;
}

/** Starts a server with the applications. */
export async function startDelivering(
  stage: Stage,
  database: DatabaseKind,
  receiver: Receiver,
): Promise<Delivering> {
  await stage.stopServer();
  const home = await stage.createHome(SETTINGS, database);
  const { profile } = stage.options;
  const server = await startJackfield(stage.children, home, { core: stage.cores.server, profile });
  const applications: string[] = [];
  for (let at = 0; at < APPLICATIONS; at++) {
    applications.push(await createApplication(stage, server, receiver.url));
  }
  return { server, applications };
}

/** Stops it and removes its database. */
export async function endDelivering(stage: Stage, { server }: Delivering): Promise<void> {
  await stage.children.stop(server.child);
  await stage.removeHome(server.home);
}

/** How many calls of an application are under way, up to 100. */
export async function countDelivering(server: JackfieldServer, application: string): Promise<number> {
  const query = `application_id=${application}&status=delivering&limit=100`;
  const response = await fetch(`${server.url}/jackfield/v1/deliveries?${query}`, {
    headers: { authorization: server.home.authorization },
  });
  const { deliveries } = (await response.json()) as { deliveries: unknown[] };
  return deliveries.length;
}

/** Deliveries queued for each second that a run is to last; more than can be made in it. */
const CALLS_A_SECOND = 3000;

/** How many deliveries are queued for a run of so many seconds. */
export function callsOf(seconds: number): number {
  return Math.ceil(CALLS_A_SECOND * seconds);
}

/** Queues deliveries for so many seconds, and tells how they came to the receiver. */
export async function runDeliveries(
  delivering: Delivering,
  receiver: Receiver,
  seconds: number,
): Promise<Arrival> {
  const calls = callsOf(seconds);
  const expectation: Expectation = { calls, processId: delivering.server.processId };
  const arrival = askChild<Arrival>(receiver.child, expectation);
  const [result] = await Promise.all([arrival, queueDeliveries(delivering, calls)]);
  return result;
}

/** Puts deliveries that are due into the queue; the engine sees them within a second. */
export async function queueDeliveries({ server, applications }: Delivering, count: number): Promise<void> {
  await fillDeliveries(databaseUrlOf(server.home), {
    account: accountOf(server.home),
    applications,
    webhook: WEBHOOK,
    payload: PAYLOAD,
    payloadSha256: createHash('sha256').update(PAYLOAD).digest('hex'),
    count,
    now: Date.now(),
  });
}
