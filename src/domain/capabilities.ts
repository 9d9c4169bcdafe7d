/**
 * Makes the capabilities that are kept out of those that were sent: both spellings, defaults, no webhook
 * without an address.
 */

import type { Capabilities } from '../contract/capabilities.ts';
import {
  CONNECTION_TIMEOUT,
  CONVERSATION_TTL,
  LEG_PERSISTENCE_TIME,
  VOICE_WEBHOOKS,
} from '../contract/limits.ts';
import type { Sent } from '../contract/sent.ts';
import { addFault, type Faults } from './faults.ts';
import { isAbsoluteUri, isWebhookAddress } from './webhook-address.ts';

type Voice = NonNullable<Capabilities['voice']>;
type VoiceWebhooks = Voice['webhooks'];
type VoiceWebhookName = keyof VoiceWebhooks;
type VoiceWebhook = NonNullable<VoiceWebhooks[VoiceWebhookName]>;
type Path = readonly string[];

const VOICE_PATH = ['capabilities', 'voice'];

/**
 * Completes capabilities that fit the contract's schema and hold no null. `stored` are those a PUT replaces
 * (W15). Faults that a schema cannot tell are noted in `faults`; what is returned then is not fit to be kept.
 */
export function completeCapabilities(
  sent: Sent<Capabilities>,
  stored: Capabilities | undefined,
  faults: Faults,
): Capabilities {
  const { voice, messages, rtc, meetings, verify, ...others } = sent;
  const redirectUri = others.network_apis?.redirect_uri;
  if (redirectUri !== undefined && !isAbsoluteUri(redirectUri)) {
    addFault(faults, ['capabilities', 'network_apis', 'redirect_uri'], 'must be an absolute URI');
  }
  const webhooksOf = <Name extends string, Method extends string>(
    capability: string,
    webhooks: Partial<Record<Name, Partial<Webhook<Method>>>> | undefined,
  ) => completeWebhooks(webhooks, ['capabilities', capability, 'webhooks'], faults);
  return {
    ...(voice && { voice: completeVoice(voice, stored?.voice, faults) }),
    ...(messages && {
      messages: { version: 'v1', ...messages, webhooks: webhooksOf('messages', messages.webhooks) },
    }),
    ...(rtc && { rtc: { ...rtc, webhooks: webhooksOf('rtc', rtc.webhooks) } }),
    ...(meetings && { meetings: { webhooks: webhooksOf('meetings', meetings.webhooks) } }),
    ...(verify && { verify: { ...verify, webhooks: webhooksOf('verify', verify.webhooks) } }),
    ...others,
  };
}

function completeVoice(sent: Sent<Voice>, stored: Voice | undefined, faults: Faults): Voice {
  const { webhooks, ...members } = sent;
  const ttl =
    oneOfTwo(members, ['conversation_ttl', 'conversations_ttl'], stored, VOICE_PATH, faults) ??
    CONVERSATION_TTL.default;
  return {
    signed_callbacks: true,
    leg_persistence_time: LEG_PERSISTENCE_TIME.default,
    ...members,
    conversation_ttl: ttl,
    conversations_ttl: ttl,
    webhooks: completeVoiceWebhooks(webhooks ?? {}, stored?.webhooks, faults),
  };
}

function completeVoiceWebhooks(
  sent: Sent<VoiceWebhooks>,
  stored: VoiceWebhooks | undefined,
  faults: Faults,
): VoiceWebhooks {
  const webhooks: VoiceWebhooks = {};
  for (const name of membersOf(sent)) {
    const webhook = completeVoiceWebhook(name, sent[name] ?? {}, stored?.[name], faults);
    if (webhook) webhooks[name] = webhook;
  }
  return webhooks;
}

/** Undefined for a webhook without an address, once its other members have been judged (W18). */
function completeVoiceWebhook(
  name: VoiceWebhookName,
  sent: Sent<VoiceWebhook>,
  stored: VoiceWebhook | undefined,
  faults: Faults,
): VoiceWebhook | undefined {
  const path = [...VOICE_PATH, 'webhooks', name];
  const timeout = oneOfTwo(sent, ['connection_timeout', 'connect_timeout'], stored, path, faults);
  const address = readAddress(sent, path, faults);
  if (address === undefined) return undefined;
  const { httpMethod, maxSocketTimeout } = VOICE_WEBHOOKS[name];
  return {
    address,
    http_method: sent.http_method ?? httpMethod,
    connection_timeout: timeout ?? CONNECTION_TIMEOUT.default,
    connect_timeout: timeout ?? CONNECTION_TIMEOUT.default,
    socket_timeout: sent.socket_timeout ?? maxSocketTimeout,
  };
}

interface Webhook<Method extends string> {
  address: string;
  http_method: Method;
}

/** The webhooks that have an address, each with its method (W17, W18, W19). */
function completeWebhooks<Name extends string, Method extends string>(
  sent: Partial<Record<Name, Partial<Webhook<Method>>>> = {},
  path: Path,
  faults: Faults,
): Partial<Record<Name, Webhook<Method | 'POST'>>> {
  const webhooks: Partial<Record<Name, Webhook<Method | 'POST'>>> = {};
  for (const name of membersOf(sent)) {
    const webhook = sent[name];
    const address = readAddress(webhook, [...path, name], faults);
    if (address !== undefined) webhooks[name] = { address, http_method: webhook?.http_method ?? 'POST' };
  }
  return webhooks;
}

/** The address of a webhook; undefined if there is none, or none but the empty one (W18). */
function readAddress(
  webhook: { address?: string } | undefined,
  path: Path,
  faults: Faults,
): string | undefined {
  const address = webhook?.address;
  if (address === undefined || address === '') return undefined;
  if (!isWebhookAddress(address)) {
    addFault(faults, [...path, 'address'], 'must be an absolute http or https URL');
  }
  return address;
}

/**
 * The one value of a member that has two spellings (W15). Of two different values the one that is not stored
 * is what the client changed; where neither is stored, or nothing is, the second spelling has a fault.
 */
function oneOfTwo<Name extends string>(
  sent: { [Spelling in Name]?: number },
  [first, second]: readonly [Name, Name],
  stored: { [Spelling in Name]: number } | undefined,
  path: Path,
  faults: Faults,
): number | undefined {
  const value = sent[first];
  const other = sent[second];
  if (value === undefined || other === undefined || value === other) return value ?? other;
  if (value === stored?.[first]) return other;
  if (other !== stored?.[first]) addFault(faults, [...path, second], `must equal ${first}`);
  return value;
}

/** The members of an object that fits a closed schema: no others than its type names. */
function membersOf<Name extends string>(object: { [Member in Name]?: unknown }): Name[] {
  return Object.keys(object) as Name[];
}
