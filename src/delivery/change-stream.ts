/** Follows the changes of an account's deliveries, whichever process made them. */

import { JackfieldError } from '../errors.ts';
import type { Database } from '../storage/database.ts';
import { findChanges, findLastChange } from '../storage/delivery-changes.ts';
import type { Bell } from './bell.ts';
import { type DeliveryChange, readDelivery } from './record.ts';

/** Where somebody begins to follow, and what. */
export interface FollowRequest {
  readonly applicationId?: string | undefined;
  readonly after?: string | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** Changes read at a time. */
const AT_A_TIME = 100;

/** How often is looked for the changes of other processes, in ms. */
const LOOK_EVERY_MS = 1000;

/** Tells each change once and in order, from behind `after` or from now on, until the signal is given. */
export async function* followChanges(
  { database, bell }: { database: Database; bell: Bell },
  account: string,
  { applicationId, after, signal }: FollowRequest,
): AsyncGenerator<DeliveryChange> {
  let last = await findLastChange(database, account);
  // A place ahead of all there is was given by the database that this one was restored or copied from.
  if (after !== undefined) last = Math.min(last, readPlace(after));
  while (!signal?.aborted) {
    // Before the look, so that what is told meanwhile is not slept through.
    const rung = new AbortController();
    const next = bell.wait(
      account,
      LOOK_EVERY_MS,
      signal ? AbortSignal.any([signal, rung.signal]) : rung.signal,
    );
    // What is of other applications is passed by once, not looked through again at each look.
    const passed = applicationId === undefined ? last : await findLastChange(database, account);
    const rows = await findChanges(database, {
      account,
      application: applicationId,
      after: last,
      limit: AT_A_TIME,
    });
    for (const row of rows) {
      last = row.sequence;
      if (row.id === null) continue;
      yield { id: row.sequence, delivery: readDelivery(row, row.status, row.due_at) };
    }
    if (rows.length < AT_A_TIME) last = Math.max(last, passed);
    if (rows.length > 0) rung.abort();
    await next;
    database.refresh();
  }
}

/** The number that somebody follows from; throws `list_invalid` when it is none. */
export function readPlace(after: string): number {
  const place = Number(after);
  if (/^[0-9]{1,16}$/.test(after) && Number.isSafeInteger(place)) return place;
  throw new JackfieldError('list_invalid', 'The request failed due to validation errors', {
    faults: [{ name: 'Last-Event-ID', reason: 'must be the id of an event of this stream' }],
  });
}
