/** What follows an attempt: the table of capability, outcome and attempt, and the times of repeats (D21 to D23, D30). */

import type { Payload, WrittenPayload } from './payload.ts';

/** Who waits for a webhook: the caller of a call, a call whose event may change it, or nobody. */
export type Manner = 'answer' | 'event' | 'call_control' | 'message' | 'verify';

/** How an attempt ended. */
export type Outcome =
  | 'delivered'
  | 'http_error'
  | 'redirect'
  | 'connect_timeout'
  | 'socket_timeout'
  | 'refused'
  | 'reset'
  | 'dns_error'
  | 'tls_error'
  | 'egress_refused'
  | 'bad_ncco';

/** An attempt as the table asks for it. */
export interface Tried {
  readonly manner: Manner;
  readonly outcome: Outcome;
  readonly statusCode: number | undefined;
  /** Attempts at this address in this round, this one too. */
  readonly attempts: number;
  /** Whether there is an address still to fall back to. */
  readonly hasFallback: boolean;
}

/** What follows: once more at once, the fallback at once, a repeat later, or the end. */
export type Step = 'again' | 'fallback' | 'later' | 'delivered' | 'failed' | 'gone';

/** Outcomes that are treated alike. */
type Kind =
  | 'delivered'
  | 'passing'
  | 'unreachable'
  | 'broken'
  | 'gone'
  | 'refusal'
  | 'egress_refused'
  | 'bad_ncco';

/** `gone` ends as failed, and the address is not called again (D30). */
const TABLE: Readonly<Record<'voice' | 'message' | 'verify', Readonly<Record<Kind, Step>>>> = {
  voice: {
    delivered: 'delivered',
    passing: 'again',
    unreachable: 'fallback',
    broken: 'fallback',
    gone: 'fallback',
    refusal: 'fallback',
    egress_refused: 'fallback',
    bad_ncco: 'fallback',
  },
  message: {
    delivered: 'delivered',
    passing: 'later',
    unreachable: 'later',
    broken: 'later',
    gone: 'gone',
    refusal: 'failed',
    egress_refused: 'failed',
    bad_ncco: 'failed',
  },
  verify: {
    delivered: 'delivered',
    passing: 'later',
    unreachable: 'later',
    broken: 'later',
    gone: 'gone',
    refusal: 'later',
    egress_refused: 'failed',
    bad_ncco: 'failed',
  },
};

/** Attempts at one address that follow each other at once (D21, D22). */
const MAX_ATTEMPTS = 2;

/** Decides what follows an attempt. */
export function decideStep({ manner, outcome, statusCode, attempts, hasFallback }: Tried): Step {
  const row = manner === 'message' || manner === 'verify' ? manner : 'voice';
  const step = TABLE[row][kindOf(outcome, statusCode)];
  if (step === 'again' && attempts < MAX_ATTEMPTS) return 'again';
  if (step !== 'again' && step !== 'fallback') return step;
  return hasFallback && manner !== 'event' ? 'fallback' : 'failed';
}

/** Statuses of a server that may do better in a moment. */
const PASSING: ReadonlySet<number> = new Set([429, 503, 504]);

function kindOf(outcome: Outcome, status: number | undefined): Kind {
  switch (outcome) {
    case 'delivered':
    case 'egress_refused':
    case 'bad_ncco':
      return outcome;
    case 'connect_timeout':
    case 'socket_timeout':
    case 'refused':
    case 'reset':
      return 'passing';
    case 'dns_error':
    case 'tls_error':
      return 'unreachable';
    case 'redirect':
      return 'refusal';
    case 'http_error':
      // An answer without a status was no HTTP.
      if (status === undefined) return 'broken';
      if (PASSING.has(status)) return 'passing';
      if (status === 410) return 'gone';
      return status >= 500 ? 'broken' : 'refusal';
  }
}

/** The manner of a webhook, and of an event what its payload tells: whether the answer is used as an NCCO (D23). */
export function mannerOf(webhook: string, payload: Pick<WrittenPayload, 'members'>): Manner {
  if (webhook === 'voice.answer_url') return 'answer';
  if (webhook === 'voice.event_url') return isCallControl(payload.members) ? 'call_control' : 'event';
  return webhook.startsWith('verify.') ? 'verify' : 'message';
}

function isCallControl(payload: Payload): boolean {
  if (payload['status'] === 'disconnected') return true;
  return !('status' in payload) && ['dtmf', 'speech', 'payload'].some((name) => name in payload);
}

/** How long after its acceptance a delivery is dropped, in ms (D30). */
export const LIFETIME_MS = 24 * 60 * 60 * 1000;

const FIRST_WAIT_MS = 5000;
const DOUBLINGS = 7;
const LONG_WAIT_MS = 15 * 60 * 1000;
const JITTER = 0.1;

/** What the time of a repeat depends on; times in ms since the epoch. */
export interface Failure {
  readonly acceptedAt: number;
  readonly now: number;
  /** Rounds that failed, this one too. */
  readonly rounds: number;
  /** Seconds that the receiver asked to wait. */
  readonly retryAfter: number | undefined;
  /** Chance, from 0 to 1. */
  readonly fraction: number;
}

/**
 * When a delivery is tried again: after 5, 10, 20 … 640 s, then every 15 min, each a tenth more or less. What the
 * receiver asks for makes it longer, never shorter, and nothing makes it longer than the life of a delivery.
 */
export function timeOfRepeat({ acceptedAt, now, rounds, retryAfter, fraction }: Failure): number {
  const plain = rounds > DOUBLINGS + 1 ? LONG_WAIT_MS : FIRST_WAIT_MS * 2 ** (rounds - 1);
  const jittered = Math.round(plain * (1 - JITTER + 2 * JITTER * fraction));
  const wait = Math.max(jittered, (retryAfter ?? 0) * 1000);
  return Math.min(now + wait, acceptedAt + LIFETIME_MS);
}
