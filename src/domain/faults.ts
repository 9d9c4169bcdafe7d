/**
 * The faults of one body, held in the shape of the body, so that they come out in its order and one for each
 * path.
 */

import { MAX_FAULTS } from '../contract/limits.ts';
import type { Fault } from '../errors.ts';
import type { MemberOrder } from './member-order.ts';

/** The faults at one member and beneath it. */
export interface Faults {
  reason?: string;
  readonly members: Map<string, Faults>;
}

export function createFaults(): Faults {
  return { members: new Map() };
}

/** Notes a fault at `path`, member by member from the body itself; the first one noted at a path stays. */
export function addFault(faults: Faults, path: readonly string[], reason: string): void {
  let place = faults;
  for (const key of path) {
    let member = place.members.get(key);
    if (member === undefined) {
      member = createFaults();
      place.members.set(key, member);
    }
    place = member;
  }
  place.reason ??= reason;
}

export function isFaultless(faults: Faults): boolean {
  return faults.reason === undefined && faults.members.size === 0;
}

/**
 * The faults of `body`, at most `MAX_FAULTS`, with dotted paths: of members it lacks first, then in the order in which its members
 * stand: `order`, or that of the value itself.
 */
export function listFaults(faults: Faults, body: unknown, order?: MemberOrder): Fault[] {
  const missing: Fault[] = [];
  const present: Fault[] = [];
  const visit = (
    place: Faults,
    value: unknown,
    path: readonly string[],
    list: Fault[],
    names?: MemberOrder,
  ): void => {
    if (place.reason !== undefined) list.push({ name: nameOf(path), reason: place.reason });
    if (place.members.size === 0) return;
    const keys =
      typeof value === 'object' && value !== null ? [...(names?.keys() ?? Object.keys(value))] : [];
    for (const key of keys) {
      const member = place.members.get(key);
      if (member) visit(member, Reflect.get(Object(value), key), [...path, key], list, names?.get(key));
    }
    const standing = new Set(keys);
    for (const [key, member] of place.members) {
      if (!standing.has(key)) visit(member, undefined, [...path, key], missing);
    }
  };
  visit(faults, body, [], present, order);
  return [...missing, ...present].slice(0, MAX_FAULTS);
}

/**
 * `value` without the members that have a fault, so that what is left can be judged further; no copy where
 * there is none.
 */
export function withoutFaulty(faults: Faults, value: unknown): unknown {
  if (faults.members.size === 0 || typeof value !== 'object' || value === null) return value;
  const copy: object = Array.isArray(value) ? [...value] : { ...value };
  for (const [key, member] of faults.members) {
    if (!Object.hasOwn(copy, key)) continue;
    if (member.reason !== undefined) Reflect.deleteProperty(copy, key);
    else Reflect.set(copy, key, withoutFaulty(member, Reflect.get(copy, key)));
  }
  return copy;
}

/** The dotted path (W40); a key that is no Unicode text is named as well as it can be. */
function nameOf(path: readonly string[]): string {
  return path.length === 0 ? 'body' : path.join('.').toWellFormed();
}
