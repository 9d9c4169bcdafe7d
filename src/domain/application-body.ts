/** The body of POST and PUT, read into what it says of an application. */

import type { SentApplication } from '../contract/application.ts';
import type { Capabilities } from '../contract/capabilities.ts';
import { MAX_NAME_CHARACTERS } from '../contract/limits.ts';
import { completeCapabilities } from './capabilities.ts';
import { addFault, createFaults, type Faults, isFaultless, withoutFaulty } from './faults.ts';
import { parsePublicKey } from './keys.ts';
import { type Leniency, readLeniently } from './leniency.ts';
import { collectShapeFaults, isPlainShape } from './shape.ts';
import { collectSurplus } from './surplus.ts';
import { collectUncleanJson, payloadInvalid } from './validation.ts';

/**
 * What a body says of an application; where it says nothing, POST and PUT each have their own answer (W06).
 */
export interface ApplicationDraft {
  name: string;
  /** SPKI, PEM. */
  publicKey: string | undefined;
  improveAi: boolean | undefined;
  capabilities: Capabilities;
}

/**
 * How a body is read: against the capabilities a PUT replaces (W15), and for a client known to need leniency.
 */
export interface ReadingOptions {
  stored?: Capabilities | undefined;
  leniency?: Leniency | undefined;
  /** The JSON that the body was parsed from, for the order of its faults. */
  text?: string | undefined;
}

/**
 * Reads the body of POST or PUT, undefined if none was sent; throws `payload_invalid` with all its faults at
 * once. What is found faulty in one step is taken out before the next, so that each step sees only what the
 * one before it vouches for.
 */
export function parseApplicationBody(body: unknown, options: ReadingOptions = {}): ApplicationDraft {
  const faults = createFaults();
  const sent = readShape(body, options, faults);
  const draft = {
    name: readName(sent.name, faults),
    publicKey: readPublicKey(sent.keys?.public_key, faults),
    improveAi: sent.privacy?.improve_ai,
    capabilities: completeCapabilities(sent.capabilities ?? {}, options.stored, faults),
  };
  if (!isFaultless(faults)) throw payloadInvalid(faults, body, options.text);
  return draft;
}

/** The parts of a body that fit the contract's schema, without nulls; what does not fit is noted. */
function readShape(body: unknown, { leniency, text }: ReadingOptions, faults: Faults): SentApplication {
  if (isPlainShape(body, text)) return body as SentApplication;
  if (body === undefined) addFault(faults, ['name'], 'is required');
  else if (!isObject(body)) addFault(faults, [], 'must be an object');
  if (!isFaultless(faults)) return {};
  collectUncleanJson(body, faults);
  collectSurplus(withoutFaulty(faults, body), faults, text);
  const known = withoutFaulty(faults, body);
  const read = leniency === undefined ? known : readLeniently(known, leniency);
  collectShapeFaults(read, faults);
  return withoutNulls(withoutFaulty(faults, read)) as SentApplication;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A copy of clean JSON without the members that are null, which count as absent (W20); those of arrays stay
 * (W13).
 */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutNulls);
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    if (member !== null) copy[key] = withoutNulls(member);
  }
  return copy;
}

/** The name without the white space around it (W04). One that is missing or no text has a fault already. */
function readName(sent: string | undefined, faults: Faults): string {
  const name = sent?.trim() ?? '';
  if (sent === undefined) return name;
  const { length } = Array.from(name);
  if (length < 1 || length > MAX_NAME_CHARACTERS) {
    addFault(faults, ['name'], `must be between 1 and ${MAX_NAME_CHARACTERS} characters`);
  } else if (/\p{Cc}/u.test(name)) {
    addFault(faults, ['name'], 'must not contain control characters');
  }
  return name;
}

/** The key that was given; undefined if none was, which an empty one means too (W08). */
function readPublicKey(sent: string | undefined, faults: Faults): string | undefined {
  if (sent === undefined || sent === '') return undefined;
  const key = parsePublicKey(sent);
  if ('publicKey' in key) return key.publicKey;
  addFault(faults, ['keys', 'public_key'], key.reason);
  return undefined;
}
