/** One attempt, from what is to be told to what came of it: target → signed call → what was sent → judgement → record. */

import type { KeyObject } from 'node:crypto';
import type { Clock, Ids } from '../clock.ts';
import { judgeAnswer } from '../domain/answer.ts';
import { type Call, writeCall } from '../domain/event.ts';
import { parseNcco } from '../domain/ncco.ts';
import type { WrittenPayload } from '../domain/payload.ts';
import type { Manner, Outcome } from '../domain/retry.ts';
import { signCall } from '../domain/signature.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { MaybePromise } from '../storage/database.ts';
import type { AttemptRow } from '../storage/delivery-attempts.ts';
import type { Figures } from './figures.ts';
import type { Sender, Sent } from './send.ts';

/** What attempts work with. */
export interface AttemptTools {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly sender: Sender;
  readonly version: string;
  readonly issuer: string;
  readonly figures: Figures;
  /** The newest signature secret of an account; rejects with `signing_impossible`. */
  findSignatureKey(account: string): MaybePromise<KeyObject>;
}

/** What is told to whom. */
export interface Target {
  readonly account: string;
  readonly application: string;
  readonly delivery: string;
  readonly replayOf: string | undefined;
  readonly manner: Manner;
  readonly webhook: Webhook;
  readonly payload: WrittenPayload;
}

/** What an attempt came to. */
interface Judgement {
  readonly outcome: Outcome;
  readonly statusCode: number | undefined;
  readonly reason: string | undefined;
  /** Seconds. */
  readonly retryAfter: number | undefined;
  /** As the receiver wrote it. */
  readonly ncco: Buffer | undefined;
}

/** An attempt that was made. */
export interface Made extends Judgement {
  readonly row: AttemptRow;
}

interface SignedCall {
  readonly attemptId: string;
  readonly startedAt: number;
  readonly call: Call;
  /** Without the token. */
  readonly headers: Call['headers'];
}

/** Bytes of an answer that are kept. */
const EXCERPT_BYTES = 1024;

/**
 * Makes one attempt.
 *
 * @throws `signing_impossible`; nothing is sent then (D11).
 */
export async function makeAttempt(target: Target, tools: AttemptTools): Promise<Made> {
  const signed = await writeSigned(target, tools);
  const sent = await tools.sender.send(signed.call, target.webhook);
  const judgement = judge(sent, target.manner);
  tools.figures.countAttempt(target.webhook.capability, judgement.outcome, sent.totalMs);
  return { ...judgement, row: record(signed, sent, judgement) };
}

async function writeSigned(target: Target, tools: AttemptTools): Promise<SignedCall> {
  const { account, application, delivery, replayOf, webhook, payload } = target;
  const name = { 'X-Jackfield-Delivery': delivery };
  const headers = replayOf === undefined ? name : { ...name, 'X-Jackfield-Replay-Of': replayOf };
  const call = writeCall({ webhook, payload, version: tools.version, headers });
  const attemptId = tools.ids.uuid();
  const key = webhook.signed ? await tools.findSignatureKey(account) : undefined;
  const startedAt = tools.clock.now();
  if (key === undefined) return { attemptId, startedAt, call, headers: call.headers };
  const token = signCall(key, {
    now: startedAt,
    attemptId,
    issuer: tools.issuer,
    payloadHash: call.payloadHash,
    apiKey: account,
    applicationId: application,
  });
  const signed = { ...call, headers: { ...call.headers, Authorization: token } };
  return { attemptId, startedAt, call: signed, headers: call.headers };
}

function judge(sent: Sent, manner: Manner): Judgement {
  const { statusCode, reason, retryAfter } = sent;
  const outcome =
    sent.outcome === 'answered' ? judgeAnswer(statusCode ?? 0) : (sent.outcome satisfies Outcome);
  const judgement = { outcome, statusCode, reason, retryAfter, ncco: undefined };
  if (outcome !== 'delivered' || (manner !== 'answer' && manner !== 'call_control')) {
    return { ...judgement, reason: reason ?? describe(outcome, statusCode) };
  }
  if (manner === 'call_control' && sent.body.length === 0) return judgement;
  const { body, contentType, truncated } = sent;
  const read = parseNcco({ body, contentType, truncated });
  return 'ncco' in read
    ? { ...judgement, ncco: body }
    : { ...judgement, outcome: 'bad_ncco', reason: read.reason };
}

function describe(outcome: Outcome, statusCode: number | undefined): string | undefined {
  if (outcome === 'redirect') return `the answer is a redirect (${statusCode}), which is not followed`;
  if (outcome === 'http_error' && statusCode !== undefined) return `the answer has the status ${statusCode}`;
  return undefined;
}

function record(
  { attemptId, startedAt, call, headers }: SignedCall,
  sent: Sent,
  { outcome, reason, statusCode }: Judgement,
): AttemptRow {
  const mark = call.url.indexOf('?');
  return {
    id: attemptId,
    url: mark === -1 ? call.url : call.url.slice(0, mark),
    query: mark === -1 ? null : call.url.slice(mark + 1),
    method: call.method,
    started_at: startedAt,
    connect_ms: sent.connectMs ?? null,
    first_byte_ms: sent.firstByteMs ?? null,
    total_ms: sent.totalMs,
    status_code: statusCode ?? null,
    outcome,
    reason: reason ?? null,
    request_headers: JSON.stringify(headers),
    excerpt: excerptOf(sent),
  };
}

/** The beginning of an answer as text; not every database keeps NUL. */
function excerptOf({ body, statusCode }: Sent): string | null {
  if (statusCode === undefined) return null;
  if (body.length === 0) return '';
  return body.subarray(0, EXCERPT_BYTES).toString('utf8').replaceAll('\0', '\ufffd');
}
