/** From a delivery to its JSON: times as ISO 8601, what is JSON already as it stands. */

import type { Attempt, Delivery, DeliveryDetail } from '../delivery/record.ts';

/** Members that have a text of JSON; those without one are left out. */
type Members = readonly (readonly [name: string, json: string | undefined])[];

function writeObject(members: Members): string {
  const parts = members.flatMap(([name, json]) => (json === undefined ? [] : [`"${name}":${json}`]));
  return `{${parts.join(',')}}`;
}

const text = (value: string | number | undefined) =>
  value === undefined ? undefined : JSON.stringify(value);

/** UTC with milliseconds. */
const time = (ms: number | undefined) => (ms === undefined ? undefined : `"${new Date(ms).toISOString()}"`);

function rowMembers(delivery: Delivery): Members {
  const { dropped } = delivery;
  return [
    ['id', text(delivery.id)],
    ['application_id', text(delivery.applicationId)],
    ['webhook', text(delivery.webhook)],
    ['status', text(delivery.status)],
    ['created_at', time(delivery.createdAt)],
    ['next_attempt_at', time(delivery.nextAttemptAt)],
    ['replay_of', text(delivery.replayOf)],
    ['ncco', delivery.ncco],
    ['payload_bytes', text(dropped?.payloadBytes)],
    ['payload_sha256', text(dropped?.payloadSha256)],
  ];
}

/** A delivery as an item of a list. */
function presentDelivery(delivery: Delivery): string {
  return writeObject(rowMembers(delivery));
}

/** A delivery with all that is known of it; the payload's members stand as they were sent. */
export function presentDetail(detail: DeliveryDetail): string {
  const attempts = JSON.stringify(detail.attempts.map(presentAttempt));
  return writeObject([...rowMembers(detail), ['payload', detail.payload], ['attempts', attempts]]);
}

/** An attempt as it stands in a delivery. */
export function presentAttempt(attempt: Attempt): object {
  return {
    id: attempt.id,
    url: attempt.url,
    method: attempt.method,
    started_at: new Date(attempt.startedAt).toISOString(),
    connect_ms: attempt.connectMs,
    first_byte_ms: attempt.firstByteMs,
    total_ms: attempt.totalMs,
    status_code: attempt.statusCode,
    outcome: attempt.outcome,
    reason: attempt.reason,
    request_headers: attempt.requestHeaders,
    response_excerpt: attempt.responseExcerpt,
  };
}

/** A page of the list. */
export function presentDeliveries(deliveries: readonly Delivery[], nextCursor: string | undefined): string {
  const rows = `[${deliveries.map(presentDelivery).join(',')}]`;
  return writeObject([
    ['deliveries', rows],
    ['next_cursor', text(nextCursor)],
  ]);
}

/** A question that was answered: `ncco` is JSON. */
export function presentAnswered(id: string, ncco: string, attempts: readonly Attempt[]): string {
  return writeObject([
    ['id', text(id)],
    ['status', '"delivered"'],
    ['ncco', ncco],
    ['attempts', JSON.stringify(attempts.map(presentAttempt))],
  ]);
}

/** A change as an event of a stream (HTML Living Standard §9.2.6); an NCCO may have lines. */
export function presentChange(id: number, delivery: Delivery): string {
  const data = presentDelivery(delivery)
    .split(/\r\n|\r|\n/)
    .join('\ndata: ');
  return `id: ${id}\nevent: delivery\ndata: ${data}\n\n`;
}
