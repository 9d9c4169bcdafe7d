/** A received call as it is printed: for people, and as one line of JSON. */

import { makePrintable, shorten } from './printable.ts';
import type { ReceivedCallReport } from './receiver.ts';

/** How many characters of a path, a payload and a claim people are shown. */
const MAX_PATH = 500;
const MAX_PAYLOAD = 4000;
const MAX_CLAIM = 100;

/** How many characters of a body that is no JSON, or too long, programs are told. */
const MAX_BODY = 64 * 1024;

/** Composes the lines for people; the last one is empty. */
export function composeCall(report: ReceivedCallReport): string {
  const { receivedAt, method, path, body, status, took, fault } = report;
  const size = body.length === 0 ? '' : `  ${body.length} bytes`;
  const lines = [
    `${receivedAt.toISOString().slice(11, 23)}  ${makePrintable(method)} ${shorten(makePrintable(path), MAX_PATH)}${size}`,
    ...composeDelivery(report),
    ...composeVerdict(report),
    ...composePayload(report),
    `  answered   ${status} in ${Math.round(took)} ms${fault === undefined ? '' : `; ${makePrintable(fault)}`}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The call as a value for one line of JSON. */
export function presentCall(report: ReceivedCallReport): object {
  const { verdict, query, delivery, replayOf, fault } = report;
  return {
    received_at: report.receivedAt.toISOString(),
    method: report.method,
    path: report.path,
    query: Object.fromEntries(new URLSearchParams(query)),
    body: presentBody(report.body),
    bytes: report.body.length,
    signature: presentHold(verdict.signatureFault),
    payload_hash: presentHold(verdict.payloadFault),
    ...(verdict.claims !== undefined && { claims: verdict.claims }),
    ...(delivery !== undefined && { delivery, repeat: report.repeat }),
    ...(replayOf !== undefined && { replay_of: replayOf }),
    status: report.status,
    total_ms: Math.round(report.took),
    ...(fault !== undefined && { fault }),
  };
}

function presentHold(reason: string | undefined): object {
  return reason === undefined ? { holds: true } : { holds: false, reason };
}

function presentBody(body: Buffer): unknown {
  if (body.length === 0) return null;
  const value = body.length > MAX_BODY ? undefined : parseJson(body);
  return value ?? shorten(body.toString('utf8'), MAX_BODY);
}

function composeDelivery({ delivery, repeat, replayOf }: ReceivedCallReport): string[] {
  if (delivery === undefined) return [];
  const repeated = repeat > 1 ? `, repeated: call ${repeat} of it` : '';
  const replayed =
    replayOf === undefined ? '' : `, a replay of ${shorten(makePrintable(replayOf), MAX_CLAIM)}`;
  return [`  delivery   ${shorten(makePrintable(delivery), MAX_CLAIM)}${repeated}${replayed}`];
}

function composeVerdict({ verdict, receivedAt }: ReceivedCallReport): string[] {
  const { signatureFault, payloadFault, claims } = verdict;
  const lines = [
    signatureFault === undefined
      ? '  signature  holds'
      : `  signature  DOES NOT HOLD: ${makePrintable(signatureFault)}`,
    payloadFault === undefined
      ? '  payload    is the one that was signed'
      : `  payload    NOT PROVEN: ${payloadFault}`,
  ];
  if (claims === undefined) return lines;
  const { payload_hash: _, ...told } = claims;
  const parts = Object.entries(told).map(
    ([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const age = typeof told['iat'] === 'number' ? ` (${ageOf(receivedAt, told['iat'])})` : '';
  const text = parts.map((part) => shorten(makePrintable(part), MAX_CLAIM)).join(', ');
  return [...lines, `  claims     ${shorten(text, MAX_PATH)}${age}`];
}

/** Whole seconds are all that a token tells. */
function ageOf(receivedAt: Date, issuedAt: number): string {
  return `${Math.floor(receivedAt.getTime() / 1000) - issuedAt} s old`;
}

function composePayload({ query, body }: ReceivedCallReport): string[] {
  const parameters = [...new URLSearchParams(query)].map(([name, value]) => `${name} = ${value}`);
  const value = body.length === 0 ? undefined : parseJson(body);
  const text = value === undefined ? body.toString('utf8') : JSON.stringify(value, null, 2);
  return [parameters.join('\n'), text]
    .filter((part) => part !== '')
    .flatMap((part) => shorten(makePrintable(part, { lines: true }), MAX_PAYLOAD).split('\n'))
    .map((line) => `    ${line}`);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
