/** Takes events: what a delivery is made of, and why an event is refused. */

import type { Clock, Ids } from '../clock.ts';
import type { DeliveryStatus } from '../domain/delivery.ts';
import { type Payload, type WrittenPayload, writePayload } from '../domain/payload.ts';
import {
  findWebhook,
  findWebhooks,
  isWebhookName,
  WEBHOOK_NAMES,
  type Webhook,
  type WebhookName,
} from '../domain/webhook.ts';
import { JackfieldError } from '../errors.ts';
import type { Database } from '../storage/database.ts';
import type { NewDelivery } from '../storage/deliveries.ts';
import { Holders, type StoredHolder } from './applications.ts';

/** Which ended deliveries keep their bodies (D34). */
export type KeptBodies = 'keep' | 'private' | 'drop';

/** An event that may be delivered. */
export interface AcceptedEvent {
  readonly application: StoredHolder;
  readonly webhook: Webhook;
  readonly payload: WrittenPayload;
}

/** The webhooks that events are sent to; the fallback is only ever called in place of another. */
const EVENT_WEBHOOKS: readonly WebhookName[] = WEBHOOK_NAMES.filter(
  (name) => name !== 'voice.fallback_answer_url',
);

/** What acceptance works with. */
interface AcceptanceOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly bodies: KeptBodies;
}

/** Reads events against the applications they are of. */
export class Acceptance {
  readonly #options: AcceptanceOptions;
  readonly #holders: Holders;
  #lastPosition = 0;

  constructor(options: AcceptanceOptions) {
    this.#options = options;
    this.#holders = new Holders(options.database);
  }

  /**
   * Finds what an event is sent with.
   *
   * @throws `webhook_unknown`, `payload_invalid`, `application_not_found`, `webhook_not_set`.
   */
  async read(account: string, application: string, name: string, payload: unknown): Promise<AcceptedEvent> {
    assertEventWebhook(name);
    const stored = await this.#holders.find(account, application);
    if (stored === undefined) throw applicationNotFound(application);
    const webhook = findWebhook(stored.holder, name);
    if (webhook === undefined) throw webhookNotSet(name, findWebhooks(stored.holder));
    return { application: stored, webhook, payload: writePayload(requirePayload(payload)) };
  }

  /** Makes a delivery that is new now; first attempts are started in the order of positions. */
  compose(delivery: {
    readonly account: string;
    readonly application: string;
    readonly webhook: string;
    readonly event: AcceptedEvent;
    readonly status: DeliveryStatus;
    readonly dueNow: boolean;
    readonly attempts: number;
    readonly id: string;
    readonly createdAt: number;
    readonly replayOf?: string | undefined;
  }): NewDelivery {
    const { event, createdAt, dueNow, replayOf = null, ...rest } = delivery;
    this.#lastPosition = Math.max(this.#lastPosition + 1, createdAt * 1000);
    const { json, sha256 } = event.payload;
    return {
      ...rest,
      position: this.#lastPosition,
      createdAt,
      dueAt: dueNow ? createdAt : null,
      replayOf,
      payload: json,
      payloadSha256: sha256,
      keepsBody: keepsBody(this.#options.bodies, event.application),
    };
  }
}

/** Whether an application's deliveries keep their bodies when they have ended (D34). */
export function keepsBody(bodies: KeptBodies, { holder }: StoredHolder): boolean {
  return bodies === 'keep' || (bodies === 'private' && holder.privacy.improve_ai);
}

function assertEventWebhook(name: string): asserts name is WebhookName {
  if (isWebhookName(name) && EVENT_WEBHOOKS.includes(name)) return;
  throw new JackfieldError('webhook_unknown', `No such webhook. There are: ${EVENT_WEBHOOKS.join(', ')}`, {
    faults: [{ name: 'webhook', reason: `must be one of: ${EVENT_WEBHOOKS.join(', ')}` }],
  });
}

function requirePayload(payload: unknown): Payload {
  if (typeof payload === 'object' && payload !== null && !Array.isArray(payload)) return payload as Payload;
  throw new JackfieldError('payload_invalid', 'The request failed due to validation errors', {
    faults: [{ name: 'payload', reason: 'must be an object' }],
  });
}

/** The error for an application the account does not have. */
export function applicationNotFound(id: string): JackfieldError {
  return new JackfieldError('application_not_found', `ID '${id}' does not exist, or you do not have access`);
}

function webhookNotSet(name: WebhookName, set: readonly WebhookName[]): JackfieldError {
  const those = set.filter((one) => EVENT_WEBHOOKS.includes(one)).join(', ');
  return new JackfieldError(
    'webhook_not_set',
    `The application has not set ${name}. ${those === '' ? 'It has set none' : `It has set: ${those}`}`,
  );
}
