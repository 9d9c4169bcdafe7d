/** A delivery as the server tells of it, and the timeline of its attempts for people. */

import type { ClientAnswer } from './client.ts';
import { CliError } from './errors.ts';
import { makePrintable, shorten } from './printable.ts';

/** One attempt; what the server leaves out is not known, or is not kept. */
export interface Attempt {
  readonly id?: string;
  readonly url?: string;
  readonly method?: string;
  readonly started_at?: string;
  readonly connect_ms?: number | null;
  readonly first_byte_ms?: number | null;
  readonly total_ms?: number | null;
  readonly status_code?: number | null;
  readonly outcome?: string;
  readonly reason?: string | null;
  readonly response_excerpt?: string | null;
}

/** A delivery with the attempts that have been made so far. */
export interface Delivery {
  readonly id: string;
  readonly status: string;
  readonly attempts: readonly Attempt[];
  readonly ncco?: unknown;
  readonly next_attempt_at?: string;
}

/** The states in which nothing more happens to a delivery. */
const ENDED: ReadonlySet<string> = new Set(['delivered', 'failed', 'gone', 'dropped']);

const MAX_URL = 200;
const MAX_EXCERPT = 200;

/** Whether a delivery has ended, well or not. */
export function hasEnded({ status }: Delivery): boolean {
  return ENDED.has(status);
}

/** Reads a delivery out of an answer; what else stands there is kept. @throws `server_unreachable` when it is none. */
export function parseDelivery({ body }: ClientAnswer): Delivery {
  const { id, status = 'failed', attempts = [], next_attempt_at: next = '' } = body;
  if (
    typeof id !== 'string' ||
    typeof status !== 'string' ||
    typeof next !== 'string' ||
    !Array.isArray(attempts)
  ) {
    throw new CliError('server_unreachable', 'The server answered with what is no delivery');
  }
  return {
    ...body,
    id,
    status,
    attempts: attempts.map((attempt: unknown) => ({ ...Object(attempt) }) as Attempt),
  };
}

/** The lines of one attempt: when, where to, what came of it, and how long each step took. */
export function composeAttempt(attempt: Attempt): string {
  const { method = '', url = '', outcome = 'under way', status_code: code } = attempt;
  // A query holds the payload, which people have seen or do not want to.
  const address = shorten(makePrintable(url.replace(/\?.*$/s, '?…')), MAX_URL);
  const status = typeof code === 'number' ? ` ${code}` : '';
  const lines = [
    `${timeOf(attempt.started_at)}  ${method} ${address}  ${outcome}${status}${composeClocks(attempt)}`,
  ];
  if (attempt.reason) lines.push(`              ${makePrintable(attempt.reason)}`);
  if (outcome !== 'delivered' && attempt.response_excerpt) {
    lines.push(`              answered: ${shorten(makePrintable(attempt.response_excerpt), MAX_EXCERPT)}`);
  }
  return lines.join('\n');
}

/** When the next attempt is due, if one is. */
export function composeNext({ next_attempt_at: next }: Delivery, now: number): string | undefined {
  if (next === undefined || next === '') return undefined;
  const seconds = Math.max(0, (Date.parse(next) - now) / 1000);
  return `${timeOf(next)}  the next attempt is due, in ${seconds.toFixed(1)} s`;
}

/** How a delivery stands, in one sentence. */
export function composeState({ id, status, attempts }: Delivery): string {
  const count = attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`;
  return `Delivery ${makePrintable(id)}: ${makePrintable(status)} after ${count}.`;
}

function composeClocks(attempt: Attempt): string {
  const clocks = [
    ['connected', attempt.connect_ms],
    ['first byte', attempt.first_byte_ms],
    ['whole', attempt.total_ms],
  ] as const;
  const known = clocks.flatMap(([name, ms]) =>
    typeof ms === 'number' ? [`${name} ${Math.round(ms)} ms`] : [],
  );
  return known.length === 0 ? '' : `  (${known.join(', ')})`;
}

/** The time of day, UTC. */
function timeOf(iso: string | undefined): string {
  const at = Date.parse(iso ?? '');
  return Number.isNaN(at) ? '--:--:--.---' : new Date(at).toISOString().slice(11, 23);
}
