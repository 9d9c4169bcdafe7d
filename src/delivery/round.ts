/** A round of attempts: those that follow each other at once, until one has succeeded or nothing more follows at once. */

import { type WrittenPayload, writePayload } from '../domain/payload.ts';
import { decideStep, type Manner, mannerOf } from '../domain/retry.ts';
import { findWebhook, type Webhook } from '../domain/webhook.ts';
import type { AttemptRow } from '../storage/delivery-attempts.ts';
import type { StoredHolder } from './applications.ts';
import { type AttemptTools, type Made, makeAttempt } from './attempt.ts';

/** What is to be delivered. */
export interface Errand {
  readonly account: string;
  readonly applicationId: string;
  readonly delivery: string;
  readonly replayOf: string | undefined;
  /** The name of the webhook. */
  readonly name: string;
  readonly webhook: Webhook;
  readonly application: StoredHolder;
  readonly payload: WrittenPayload;
}

/** What a round came to. */
export interface RoundResult {
  readonly step: 'later' | 'delivered' | 'failed' | 'gone';
  readonly attempts: readonly AttemptRow[];
  readonly ncco: Buffer | undefined;
  /** Seconds. */
  readonly retryAfter: number | undefined;
}

/**
 * Makes the attempts of a round (D21 to D23).
 *
 * @throws `signing_impossible`; nothing was sent then.
 */
export async function makeRound(errand: Errand, tools: AttemptTools): Promise<RoundResult> {
  const { account, applicationId: application, delivery, replayOf } = errand;
  const manner = mannerOf(errand.name, errand.payload);
  let fallback = fallbackOf(errand, manner);
  let { webhook, payload } = errand;
  const rows: AttemptRow[] = [];
  for (let attempts = 1; ; attempts += 1) {
    const target = { account, application, delivery, replayOf, manner, webhook, payload };
    const made = await makeAttempt(target, tools);
    rows.push(made.row);
    const { outcome, statusCode, ncco, retryAfter } = made;
    const step = decideStep({ manner, outcome, statusCode, attempts, hasFallback: fallback !== undefined });
    if (step === 'fallback' && fallback !== undefined) {
      payload = explainFallback(errand, made);
      webhook = fallback;
      fallback = undefined;
      attempts = 0;
    } else if (step !== 'again') {
      return { step: step === 'fallback' ? 'failed' : step, attempts: rows, ncco, retryAfter };
    }
  }
}

function fallbackOf({ application }: Errand, manner: Manner): Webhook | undefined {
  const falls = manner === 'answer' || manner === 'call_control';
  return falls ? findWebhook(application.holder, 'voice.fallback_answer_url') : undefined;
}

/** The original members, and why and in place of what the fallback is called (D22). */
function explainFallback({ payload, webhook, name }: Errand, { outcome, reason }: Made): WrittenPayload {
  const type = name === 'voice.answer_url' ? 'answer' : 'event';
  const original = { url: webhook.address, type };
  return writePayload({ ...payload.members, reason: reason ?? outcome, original_request: original });
}
