/** A delivery as it is shown: its state, its attempts, and the list of them. */

import { type Fault, JackfieldError } from '../errors.ts';

/** How a delivery stands. */
export const DELIVERY_STATUSES = [
  'queued',
  'delivering',
  'waiting',
  'delivered',
  'failed',
  'gone',
  'dropped',
] as const;

export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** Whether nothing follows a status. */
export function isEnded(status: DeliveryStatus): boolean {
  return status !== 'queued' && status !== 'delivering' && status !== 'waiting';
}

/** Items of a page of deliveries. */
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/** Greater than every id. */
const LAST = 'g';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Which deliveries a query asks for, newest first. */
export interface DeliveryListRequest {
  readonly applicationId: string | undefined;
  readonly webhook: string | undefined;
  readonly status: DeliveryStatus | undefined;
  /** Only deliveries whose id is less. */
  readonly before: string;
  readonly limit: number;
}

/**
 * Reads `application_id`, `webhook`, `status`, `cursor` and `limit` of a query; other parameters are ignored.
 *
 * @throws `list_invalid` with all faults.
 */
export function parseDeliveryQuery(query: Readonly<Record<string, unknown>>): DeliveryListRequest {
  const faults: Fault[] = [];
  const read = (name: string): string | undefined => {
    const value = Object.hasOwn(query, name) ? query[name] : undefined;
    if (typeof value === 'string' || value === undefined) return value;
    faults.push({ name, reason: 'must be given once' });
    return undefined;
  };
  const status = read('status');
  if (status !== undefined && !isStatus(status)) {
    faults.push({ name: 'status', reason: `must be one of: ${DELIVERY_STATUSES.join(', ')}` });
  }
  const limit = read('limit');
  if (limit !== undefined && !isLimit(limit)) {
    faults.push({ name: 'limit', reason: `must be between 1 and ${MAX_LIMIT}` });
  }
  const cursor = read('cursor');
  const before = cursor === undefined ? LAST : readCursor(cursor);
  if (before === undefined) faults.push({ name: 'cursor', reason: 'must be the next_cursor of a page' });
  const request = { applicationId: read('application_id'), webhook: read('webhook') };
  if (faults.length > 0) {
    throw new JackfieldError('list_invalid', 'The request failed due to validation errors', { faults });
  }
  return {
    ...request,
    status: status as DeliveryStatus | undefined,
    before: before ?? LAST,
    limit: Number(limit ?? DEFAULT_LIMIT),
  };
}

function isStatus(text: string): text is DeliveryStatus {
  return (DELIVERY_STATUSES as readonly string[]).includes(text);
}

function isLimit(text: string): boolean {
  return /^[0-9]{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_LIMIT;
}

/** The cursor that leads to what comes behind a delivery. */
export function writeCursor(id: string): string {
  return Buffer.from(id).toString('base64url');
}

function readCursor(cursor: string): string | undefined {
  const id = Buffer.from(cursor, 'base64url').toString();
  return UUID.test(id) && writeCursor(id) === cursor ? id : undefined;
}

/** The least UUID version 7 of a time in ms since the epoch; ids of that time and later are not less. */
export function leastIdAt(time: number): string {
  const hex = Math.min(Math.max(0, Math.floor(time)), 2 ** 48 - 1)
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
