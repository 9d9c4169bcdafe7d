/** The bodies of the requests about keys and tokens, read into what they say. */

import { MAX_FAULTS } from '../contract/limits.ts';
import { addFault, createFaults, type Faults, isFaultless } from './faults.ts';
import { payloadInvalid } from './validation.ts';

/** The token that a body asks about; throws `payload_invalid` with all its faults. */
export function parseTokenBody(body: unknown, text: string): string {
  const faults = createFaults();
  const members = readMembers(body, faults);
  const token = members?.['token'];
  if (members !== undefined) {
    if (token === undefined || token === null) addFault(faults, ['token'], 'is required');
    else if (typeof token !== 'string') addFault(faults, ['token'], 'must be a string');
    refuseMembers(members, ['token'], faults);
  }
  if (!isFaultless(faults) || typeof token !== 'string') throw payloadInvalid(faults, body, text);
  return token;
}

/** Takes no body or an empty object; throws `payload_invalid` for anything that says something. */
export function assertEmptyBody(body: unknown, text: string): void {
  const faults = createFaults();
  refuseMembers(readMembers(body, faults) ?? {}, [], faults);
  if (!isFaultless(faults)) throw payloadInvalid(faults, body, text);
}

function readMembers(body: unknown, faults: Faults): Readonly<Record<string, unknown>> | undefined {
  if (body === undefined) return {};
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body };
  addFault(faults, [], 'must be an object');
  return undefined;
}

function refuseMembers(members: object, known: readonly string[], faults: Faults): void {
  for (const name of Object.keys(members).slice(0, MAX_FAULTS))
    if (!known.includes(name)) addFault(faults, [name], 'is not a known property');
}
