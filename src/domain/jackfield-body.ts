/** The bodies of Jackfield's own API, read into what they say; each throws `payload_invalid` with all its faults. */

import { MAX_FAULTS } from '../contract/limits.ts';
import { addFault, createFaults, type Faults, isFaultless } from './faults.ts';
import { collectUncleanJson, payloadInvalid } from './validation.ts';

/** A body as it was sent: the value, undefined when there was none, and the text it was parsed from. */
interface Sent {
  readonly value: unknown;
  readonly text: string;
}

/** The kinds of members that bodies have; all are required. */
type Kind = 'string' | 'object';

type Read<Shape extends Readonly<Record<string, Kind>>> = {
  readonly [Name in keyof Shape]: Shape[Name] extends 'string' ? string : Readonly<Record<string, unknown>>;
};

const ARTICLE = { string: 'a string', object: 'an object' } as const;

/** An event: the webhook it goes to, and its payload. */
export function parseEventBody(body: Sent) {
  return readBody(body, { webhook: 'string', payload: 'object' } as const, true);
}

/** The token that is asked about; any text may be one. */
export function parseTokenBody(body: Sent): string {
  return readBody(body, { token: 'string' } as const, false).token;
}

/** Which deliveries are replayed; what the texts mean is told by whoever replays. */
export function parseReplayBody(body: Sent) {
  const shape = {
    application_id: 'string',
    webhook: 'string',
    status: 'string',
    from: 'string',
    to: 'string',
  };
  return readBody(body, shape as Readonly<Record<keyof typeof shape, 'string'>>, true);
}

/** Takes no body or an empty object, and refuses what says something. */
export function assertEmptyBody({ value, text }: Sent): void {
  readBody({ value: value === undefined ? {} : value, text }, {}, false);
}

/** @param isKept whether the texts are kept, and therefore must be sound (W21). */
function readBody<const Shape extends Readonly<Record<string, Kind>>>(
  { value, text }: Sent,
  shape: Shape,
  isKept: boolean,
): Read<Shape> {
  const faults = createFaults();
  const members = value === undefined ? {} : value;
  if (isObject(members)) {
    if (isKept) collectUncleanJson(members, faults);
    for (const [name, kind] of Object.entries(shape)) addMemberFault(faults, members, name, kind);
    for (const name of Object.keys(members).slice(0, MAX_FAULTS))
      if (!Object.hasOwn(shape, name)) addFault(faults, [name], 'is not a known property');
  } else addFault(faults, [], 'must be an object');
  if (!isFaultless(faults)) throw payloadInvalid(faults, value, text);
  return members as Read<Shape>;
}

function addMemberFault(faults: Faults, members: object, name: string, kind: Kind): void {
  const value: unknown = Object.hasOwn(members, name) ? Reflect.get(members, name) : undefined;
  if (value === undefined) addFault(faults, [name], 'is required');
  else if (kind === 'object' ? !isObject(value) : typeof value !== 'string')
    addFault(faults, [name], `must be ${ARTICLE[kind]}`);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
