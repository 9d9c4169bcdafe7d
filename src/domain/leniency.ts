/** What some known clients may send in voice webhooks although the contract refuses it. */

import { MIN_SOCKET_TIMEOUT } from '../contract/limits.ts';

/** Which rules are loosened for the client at hand. */
export interface Leniency {
  /** A `socket_timeout` below the minimum is raised to it (W61). */
  raiseSocketTimeout: boolean;
  /** Timeouts written as strings of digits are read as integers (W62). */
  digitStringTimeouts: boolean;
}

const TIMEOUTS = ['connection_timeout', 'connect_timeout', 'socket_timeout'] as const;

/**
 * A copy of `body` in which the timeouts of voice webhooks are read as `leniency` allows; nothing else is
 * judged or changed.
 */
export function readLeniently(body: unknown, leniency: Leniency): unknown {
  return changeMember(body, 'capabilities', (capabilities) =>
    changeMember(capabilities, 'voice', (voice) =>
      changeMember(voice, 'webhooks', (webhooks) => changeWebhooks(webhooks, leniency)),
    ),
  );
}

function changeWebhooks(webhooks: unknown, leniency: Leniency): unknown {
  const names = typeof webhooks === 'object' && webhooks !== null ? Object.keys(webhooks) : [];
  return names.reduce(
    (all, name) => changeMember(all, name, (one) => changeTimeouts(one, leniency)),
    webhooks,
  );
}

function changeTimeouts(webhook: unknown, leniency: Leniency): unknown {
  const read = leniency.digitStringTimeouts
    ? TIMEOUTS.reduce((all, name) => changeMember(all, name, readDigits), webhook)
    : webhook;
  return leniency.raiseSocketTimeout ? changeMember(read, 'socket_timeout', raise) : read;
}

function readDigits(timeout: unknown): unknown {
  return typeof timeout === 'string' && /^[0-9]+$/.test(timeout) ? Number(timeout) : timeout;
}

function raise(timeout: unknown): unknown {
  return Number.isInteger(timeout) ? Math.max(Number(timeout), MIN_SOCKET_TIMEOUT) : timeout;
}

/**
 * A copy of `parent` with its member `name` changed; `parent` itself if it is no object or has no such
 * member.
 */
function changeMember(parent: unknown, name: string, change: (member: unknown) => unknown): unknown {
  if (typeof parent !== 'object' || parent === null || Array.isArray(parent)) return parent;
  if (!Object.hasOwn(parent, name)) return parent;
  return { ...parent, [name]: change(Reflect.get(parent, name)) };
}
