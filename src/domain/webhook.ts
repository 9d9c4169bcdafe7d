/** The webhooks of an application by name: which there are, and how the application wants each called. */

import type { ApplicationItem } from '../contract/application.ts';
import { CONNECTION_TIMEOUT, VOICE_WEBHOOKS } from '../contract/limits.ts';

/** Every webhook of the contract, as `capability.webhook`. */
export const WEBHOOK_NAMES = [
  'voice.answer_url',
  'voice.fallback_answer_url',
  'voice.event_url',
  'messages.inbound_url',
  'messages.status_url',
  'rtc.event_url',
  'meetings.room_changed',
  'meetings.session_changed',
  'meetings.recording_changed',
  'verify.status_url',
] as const;

/** The name of a webhook. */
export type WebhookName = (typeof WEBHOOK_NAMES)[number];

/** The method of a call. */
export type WebhookMethod = 'GET' | 'POST' | 'PUT';

/** A webhook that an application has set, with all that its calls depend on. */
export interface Webhook {
  readonly capability: string;
  /** As the application holds it. */
  readonly address: string;
  readonly method: WebhookMethod;
  readonly connectTimeoutMs: number;
  readonly socketTimeoutMs: number;
  /** Whether calls carry a signed token (D11). */
  readonly signed: boolean;
}

/** What is read of an application's document. */
export type WebhookHolder = Pick<ApplicationItem, 'capabilities'>;

/** What a capability with webhooks looks like to a reader of any of them. */
interface Capability {
  readonly signed_callbacks?: boolean;
  readonly webhooks?: { readonly [name: string]: StoredWebhook | undefined };
}

interface StoredWebhook {
  readonly address: string;
  readonly http_method?: WebhookMethod;
  readonly connection_timeout?: number;
  readonly socket_timeout?: number;
}

/** Milliseconds to wait for an answer where the contract has no timeout (D04). */
const SOCKET_TIMEOUT_MS = 10_000;

/** Whether `name` is the name of a webhook. */
export function isWebhookName(name: string): name is WebhookName {
  return (WEBHOOK_NAMES as readonly string[]).includes(name);
}

/**
 * The webhook `name` of an application, from its document as parsed JSON; undefined when it is not set.
 *
 * Timeouts are those the application chose, else the longest of the contract; where that has none, D04's.
 */
export function findWebhook(application: WebhookHolder, name: WebhookName): Webhook | undefined {
  const [capability = '', member = ''] = name.split('.');
  const capabilities = application.capabilities as { readonly [name: string]: Capability | undefined };
  const { signed_callbacks: signed = true, webhooks } = capabilities[capability] ?? {};
  const stored = webhooks?.[member];
  if (stored === undefined) return undefined;
  const preset = capability === 'voice' ? VOICE_WEBHOOKS[member as keyof typeof VOICE_WEBHOOKS] : undefined;
  return {
    capability,
    address: stored.address,
    method: stored.http_method ?? preset?.httpMethod ?? 'POST',
    connectTimeoutMs: stored.connection_timeout ?? CONNECTION_TIMEOUT.default,
    socketTimeoutMs: stored.socket_timeout ?? preset?.maxSocketTimeout ?? SOCKET_TIMEOUT_MS,
    signed,
  };
}

/** The names of the webhooks that an application has set. */
export function findWebhooks(application: WebhookHolder): WebhookName[] {
  return WEBHOOK_NAMES.filter((name) => findWebhook(application, name) !== undefined);
}
