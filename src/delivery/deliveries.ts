/** The use cases of deliveries: take events, show what became of them, repeat them, follow their changes. */

import type { Clock, Ids } from '../clock.ts';
import { type DeliveryStatus, isEnded, parseDeliveryQuery, writeCursor } from '../domain/delivery.ts';
import { JackfieldError } from '../errors.ts';
import type { Database } from '../storage/database.ts';
import { findDeliveries, findDelivery, insertDelivery } from '../storage/deliveries.ts';
import { findAttempts, insertAttempt } from '../storage/delivery-attempts.ts';
import { findLastChange } from '../storage/delivery-changes.ts';
import { endBody } from '../storage/delivery-queue.ts';
import { isGone } from '../storage/gone-addresses.ts';
import { Acceptance, type AcceptedEvent, applicationNotFound, type KeptBodies } from './acceptance.ts';
import { type Bell, nameWaited } from './bell.ts';
import { type FollowRequest, followChanges, readPlace } from './change-stream.ts';
import type { Courier } from './courier.ts';
import {
  type Attempt,
  type Delivery,
  type DeliveryChange,
  type DeliveryDetail,
  readAttempt,
  readDelivery,
} from './record.ts';
import { listReplays, type ReplayRequest, requireReplayable } from './replay.ts';

/** What the use cases work with. */
export interface DeliveriesOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly bodies: KeptBodies;
  readonly bell: Bell;
  readonly courier: Courier;
}

/** A delivery that was taken. */
export interface AcceptedDelivery {
  readonly id: string;
  /** `queued`, or `gone` when its address is known to be gone. */
  readonly status: DeliveryStatus;
}

/** What became of a question that waited for its answer. */
export interface Answered {
  readonly id: string;
  readonly status: 'delivered' | 'failed';
  /** JSON; there when it was delivered. */
  readonly ncco: string | undefined;
  readonly attempts: readonly Attempt[];
}

/** A page of deliveries, newest first. */
export interface DeliveryPage {
  readonly deliveries: readonly Delivery[];
  /** What leads to the next page; undefined on the last. */
  readonly nextCursor: string | undefined;
}

/** How often a delivery is looked at that another process may have ended, in ms. */
const LOOK_EVERY_MS = 500;

/** Deliveries of one request that are replayed in one commit. */
const REPLAYED_AT_ONCE = 20;

/** The deliveries of all accounts. */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #acceptance: Acceptance;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
    this.#acceptance = new Acceptance(options);
  }

  /**
   * Takes an event; its delivery is on disk when this resolves, and is called soon after (D31).
   *
   * @param payload a JSON object.
   * @throws `webhook_unknown`, `payload_invalid`, `application_not_found`, `webhook_not_set`, `signing_impossible`,
   * `storage_unavailable`.
   */
  async accept(
    account: string,
    applicationId: string,
    webhook: string,
    payload: unknown,
  ): Promise<AcceptedDelivery> {
    const event = await this.#acceptance.read(account, applicationId, webhook, payload);
    return this.#enqueue(account, applicationId, webhook, event);
  }

  /**
   * Asks `voice.answer_url`, and its fallback where that is needed, and answers what came of it (D20 to D22). It is
   * recorded when it has ended.
   *
   * @throws as `accept` does; when all attempts fail it answers `failed`.
   */
  async answer(account: string, applicationId: string, payload: unknown): Promise<Answered> {
    const { clock, ids, courier, database, bell } = this.#options;
    const webhook = 'voice.answer_url';
    const event = await this.#acceptance.read(account, applicationId, webhook, payload);
    const id = ids.uuid();
    const createdAt = clock.now();
    const place = { account, application: applicationId, webhook };
    const { status, attempts, ncco } = await courier.ask({ ...place, id, event });
    const delivery = this.#acceptance.compose({
      ...place,
      id,
      event,
      status,
      dueNow: false,
      attempts: attempts.length,
      createdAt,
    });
    const key = { account, id };
    await database.write([
      ...insertDelivery(delivery),
      ...attempts.map((attempt, index) => insertAttempt(key, index + 1, attempt)),
      ...endBody(key, delivery.keepsBody, ncco),
    ]);
    courier.figures.countAccepted(status);
    bell.ring(account);
    return {
      id,
      status,
      ncco: ncco && Buffer.from(ncco).toString(),
      attempts: attempts.map(readAttempt),
    };
  }

  /**
   * Waits until a delivery has ended, `ms` at the most, and answers it as it is then.
   *
   * @throws `delivery_not_found`, `storage_unavailable`.
   */
  async waitFor(account: string, id: string, ms: number, signal?: AbortSignal): Promise<DeliveryDetail> {
    const { clock, bell, database } = this.#options;
    const until = clock.now() + ms;
    for (;;) {
      const delivery = await this.find(account, id);
      const left = until - clock.now();
      if (isEnded(delivery.status) || left <= 0 || signal?.aborted) return delivery;
      await bell.wait(nameWaited(account, id), Math.min(left, LOOK_EVERY_MS), signal);
      database.refresh();
    }
  }

  /** @throws `delivery_not_found`, also for what another account has; `storage_unavailable`. */
  async find(account: string, id: string): Promise<DeliveryDetail> {
    const { database } = this.#options;
    const key = { account, id };
    const row = await findDelivery(database, key);
    if (row === undefined) throw deliveryNotFound(id);
    const attempts = await findAttempts(database, key);
    return {
      ...readDelivery(row),
      payload: row.payload === null ? undefined : Buffer.from(row.payload).toString(),
      attempts: attempts.map(readAttempt),
    };
  }

  /**
   * Lists deliveries, newest first.
   *
   * @param query as it was sent: `application_id`, `webhook`, `status`, `cursor`, `limit` (1 to 100, 20 when absent).
   * @throws `list_invalid` with all faults; `storage_unavailable`.
   */
  async list(account: string, query: Readonly<Record<string, unknown>>): Promise<DeliveryPage> {
    const { applicationId, webhook, status, before, limit } = parseDeliveryQuery(query);
    const rows = await findDeliveries(this.#options.database, {
      account,
      application: applicationId,
      webhook,
      status,
      before,
      limit: limit + 1,
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      // A row may show another state than the one it was found by, when its application has just been deleted.
      deliveries: page
        .filter((row) => status === undefined || row.status === status)
        .map((row) => readDelivery(row)),
      nextCursor: rows.length > limit && last !== undefined ? writeCursor(last.id) : undefined,
    };
  }

  /**
   * Sends an ended delivery's event once more, as a new delivery to the address as it is now.
   *
   * @throws `delivery_not_found`; `delivery_not_ended`, `body_dropped`, `application_gone`, `webhook_not_set` (409);
   * `storage_unavailable`.
   */
  async replay(account: string, id: string): Promise<AcceptedDelivery & { readonly replayOf: string }> {
    const detail = requireReplayable(await this.find(account, id));
    const { applicationId, webhook, payload } = detail;
    const event = await this.#acceptance
      .read(account, applicationId, webhook, JSON.parse(payload))
      .catch((error: unknown) => {
        throw explainReplay(error, applicationId);
      });
    return { ...(await this.#enqueue(account, applicationId, webhook, event, id)), replayOf: id };
  }

  /**
   * Replays ended deliveries of one application, webhook and status, oldest first, 1,000 at the most, a few at a time.
   *
   * @param request as it was sent: `application_id`, `webhook`, `status`, `from` and `to` (ISO 8601).
   * @throws `payload_invalid` with all faults, `application_not_found`, `webhook_not_set`, `storage_unavailable`.
   */
  async replayMany(account: string, request: unknown): Promise<{ readonly queued: number }> {
    const span: ReplayRequest = await listReplays(this.#options.database, account, request);
    // Told of before the first is looked at.
    await this.#acceptance.read(account, span.applicationId, span.webhook, {});
    let queued = 0;
    for (let at = 0; at < span.ids.length; at += REPLAYED_AT_ONCE) {
      const some = span.ids.slice(at, at + REPLAYED_AT_ONCE);
      const replays = await Promise.all(some.map((id) => this.#replayIfPossible(account, id)));
      queued += replays.filter((isReplayed) => isReplayed).length;
    }
    return { queued };
  }

  /**
   * Follows the changes of an account's deliveries, in their order, also those of other processes; never ends by itself.
   *
   * @param request `after`: the id of the last change somebody has seen, as text; without it only what comes is told.
   * @throws `list_invalid` when `after` is no such id, `storage_unavailable`.
   */
  changes(account: string, request: FollowRequest = {}): AsyncIterable<DeliveryChange> {
    const { database, bell } = this.#options;
    return followChanges({ database, bell }, account, request);
  }

  /** Follows like `changes`, once it is known from where: what is written after this has resolved is told. */
  async follow(account: string, request: FollowRequest = {}): Promise<AsyncIterable<DeliveryChange>> {
    const { after } = request;
    const place =
      after === undefined ? await findLastChange(this.#options.database, account) : readPlace(after);
    return this.changes(account, { ...request, after: `${place}` });
  }

  async #replayIfPossible(account: string, id: string): Promise<boolean> {
    try {
      await this.replay(account, id);
      return true;
    } catch (error) {
      if (error instanceof JackfieldError && PASSED_OVER.has(error.code)) return false;
      throw error;
    }
  }

  async #enqueue(
    account: string,
    application: string,
    webhook: string,
    event: AcceptedEvent,
    replayOf?: string,
  ): Promise<AcceptedDelivery> {
    const { database, clock, ids, courier, bell } = this.#options;
    courier.assertSigning(event);
    const place = { account, application, webhook };
    const gone = !webhook.startsWith('voice.') && (await isGone(database, place, event.webhook.address));
    const status = gone ? 'gone' : 'queued';
    const id = ids.uuid();
    const delivery = this.#acceptance.compose({
      ...place,
      id,
      event,
      status,
      dueNow: !gone,
      attempts: 0,
      createdAt: clock.now(),
      replayOf,
    });
    const { ok } = await database.write(insertDelivery(delivery));
    if (!ok) throw applicationNotFound(application);
    courier.figures.countAccepted(status);
    if (!gone) courier.wake({ ...place, repeated: false });
    bell.ring(account);
    return { id, status };
  }
}

/** What many replays leave out instead of ending. */
const PASSED_OVER: ReadonlySet<string> = new Set([
  'delivery_not_found',
  'delivery_not_ended',
  'body_dropped',
]);

function deliveryNotFound(id: string): JackfieldError {
  return new JackfieldError('delivery_not_found', `ID '${id}' does not exist, or you do not have access`);
}

function explainReplay(error: unknown, applicationId: string): unknown {
  if (!(error instanceof JackfieldError) || error.code !== 'application_not_found') return error;
  return new JackfieldError('application_gone', `The application ${applicationId} is gone`);
}
