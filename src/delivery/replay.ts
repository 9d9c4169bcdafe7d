/** What is replayed: one delivery that has ended, or those of a stretch of time. */

import { DELIVERY_STATUSES, type DeliveryStatus, isEnded, leastIdAt } from '../domain/delivery.ts';
import { type Fault, JackfieldError } from '../errors.ts';
import type { Database } from '../storage/database.ts';
import { findDeliverySpan } from '../storage/deliveries.ts';
import type { DeliveryDetail } from './record.ts';

/** Deliveries of one request, at most. */
const MAX_REPLAYS = 1000;

/** Deliveries to be replayed. */
export interface ReplayRequest {
  readonly applicationId: string;
  readonly webhook: string;
  readonly ids: readonly string[];
}

/** @throws `delivery_not_ended`, `body_dropped`. */
export function requireReplayable(detail: DeliveryDetail): DeliveryDetail & { readonly payload: string } {
  const { id, status, payload } = detail;
  if (!isEnded(status)) {
    throw new JackfieldError('delivery_not_ended', `The delivery ${id} has not ended: it is ${status}`);
  }
  if (payload === undefined) {
    throw new JackfieldError(
      'body_dropped',
      `The payload of the delivery ${id} was dropped when it had ended, so it cannot be sent again`,
    );
  }
  return { ...detail, payload };
}

/**
 * Reads a request for many replays and finds what it is about.
 *
 * @throws `payload_invalid` with all faults.
 */
export async function listReplays(
  database: Database,
  account: string,
  request: unknown,
): Promise<ReplayRequest> {
  const faults: Fault[] = [];
  const members = (typeof request === 'object' && request !== null ? request : {}) as Record<string, unknown>;
  const text = (name: string): string => {
    const value = members[name];
    if (typeof value === 'string' && value !== '') return value;
    faults.push({ name, reason: 'must be a text' });
    return '';
  };
  const time = (name: string): number => {
    const value = members[name];
    const read = typeof value === 'string' && ISO_TIME.test(value) ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(read)) faults.push({ name, reason: 'must be a time as ISO 8601 has it, with its zone' });
    return read;
  };
  const application = text('application_id');
  const webhook = text('webhook');
  const status = text('status') as DeliveryStatus;
  const [from, to] = [time('from'), time('to')];
  if (status !== ('' as string) && !ENDED.includes(status)) {
    faults.push({ name: 'status', reason: `must be one of: ${ENDED.join(', ')}` });
  }
  if (faults.length > 0) {
    throw new JackfieldError('payload_invalid', 'The request failed due to validation errors', { faults });
  }
  const span = { account, application, webhook, status, limit: MAX_REPLAYS };
  const rows = await findDeliverySpan(database, { ...span, after: leastIdAt(from), before: leastIdAt(to) });
  return { applicationId: application, webhook, ids: rows.map(({ id }) => id) };
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

const ENDED = DELIVERY_STATUSES.filter(isEnded);
