/** Members of a made-up payload that somebody wants otherwise: `a.b=value`, typed and judged by the schema. */

import type Type from 'typebox';
import Value from 'typebox/value';
import { findNear } from './near-names.ts';

/** An override that the schema does not take, and what to write in its place. */
export class OverrideError extends Error {
  readonly fix: string;

  constructor(message: string, fix: string) {
    super(message);
    this.name = 'OverrideError';
    this.fix = fix;
  }
}

/** A JSON Schema as data, as far as paths and types go. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: boolean;
}

/** What stands inside free-form members has no schema. */
const ANYTHING: Schema = {};

/**
 * A copy of `payload` with the overrides in it, in order; members that are not there yet are added.
 *
 * @param overrides each as `path=value`; a path has dots between members, and numbers for items of a list.
 * @throws OverrideError for an unknown path and for a value of another type.
 */
export function applyOverrides(schema: Type.TSchema, payload: object, overrides: readonly string[]): object {
  const copy = structuredClone(payload);
  for (const override of overrides) {
    const sign = override.indexOf('=');
    if (sign < 1) {
      throw new OverrideError(
        `${JSON.stringify(override)} sets nothing`,
        'Write path=value, such as to=447700900001.',
      );
    }
    setMember(copy, schema, override.slice(0, sign), override.slice(sign + 1));
  }
  return copy;
}

/** @throws OverrideError for a payload that lacks what its event has, such as the rest of a member that was added. */
export function assertWhole(schema: Type.TSchema, payload: object): void {
  const [fault] = Value.Errors(schema, payload);
  if (fault === undefined) return;
  const place = fault.instancePath === '' ? 'The payload' : pathOf(fault.instancePath);
  throw new OverrideError(`${place} ${fault.message}`, 'Set what else belongs to it.');
}

function setMember(payload: object, schema: Schema, path: string, text: string): void {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let holder = payload;
  let place = schema;
  for (const [depth, key] of keys.entries()) {
    const member = requireMember(place, holder, keys.slice(0, depth), key);
    const value: unknown = Reflect.get(holder, key);
    if (typeof value === 'object' && value !== null) holder = value;
    else holder = addEmpty(holder, key, member);
    place = member;
  }
  const member = requireMember(place, holder, keys, last);
  Reflect.set(holder, last, parseValue(member, path, text));
}

function addEmpty(holder: object, key: string, schema: Schema): object {
  const empty: object = schema.items === undefined ? {} : [];
  Reflect.set(holder, key, empty);
  return empty;
}

/** The schema of a member or of an item of a list. */
function requireMember(schema: Schema, holder: object, above: readonly string[], key: string): Schema {
  const where = above.length === 0 ? 'The event' : above.join('.');
  if (Array.isArray(holder)) {
    if (/^\d{1,3}$/.test(key) && Number(key) <= holder.length) return schema.items ?? ANYTHING;
    throw new OverrideError(
      `${where} is a list of ${holder.length}, and ${JSON.stringify(key)} is no place in it`,
      `Write a number from 0 to ${holder.length}.`,
    );
  }
  const { properties } = schema;
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key] ?? ANYTHING;
  const isFree = properties === undefined && typesOf(schema).every((type) => type === 'object');
  if (isFree && key !== '__proto__' && key !== '') return ANYTHING;
  const known = Object.keys(properties ?? {});
  if (known.length === 0) throw new OverrideError(`${where} has no members`, 'Set it as a whole.');
  const near = findNear(key, known);
  throw new OverrideError(
    `${where} has no member ${JSON.stringify(key)}`,
    `${near.length === 0 ? 'It has' : 'It may be'} ${(near.length === 0 ? known : near).join(', ')}.`,
  );
}

function typesOf({ type }: Schema): readonly string[] {
  return type === undefined ? [] : [type].flat();
}

/** The text as a value of the type that the schema asks for. */
function parseValue(schema: Schema, path: string, text: string): unknown {
  const types = typesOf(schema);
  if (types.length === 0) return parseJson(text) ?? text;
  if (types.includes('null') && text === 'null') return null;
  const value = types.includes('string') ? text : parseJson(text);
  if (!Value.Check(schema as Type.TSchema, value)) {
    throw new OverrideError(
      `${path} cannot be ${JSON.stringify(text)}`,
      `It must be ${describeForm(schema)}.`,
    );
  }
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describeForm(schema: Schema): string {
  if (schema.enum !== undefined) return `one of: ${schema.enum.join(', ')}`;
  if (schema.pattern !== undefined) return `a text of the form ${schema.pattern}`;
  if (schema.items !== undefined) return 'a list as JSON, of the members that the event has there';
  switch (typesOf(schema)[0]) {
    case 'integer':
      return `a whole number${describeRange(schema)}`;
    case 'number':
      return `a number${describeRange(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'object':
      return 'an object as JSON, of the members that the event has there';
    default:
      return 'a text that is not empty';
  }
}

function describeRange({ minimum, maximum }: Schema): string {
  if (minimum === undefined) return '';
  return maximum === undefined ? ` of at least ${minimum}` : ` from ${minimum} to ${maximum}`;
}

function pathOf(pointer: string): string {
  return pointer.slice(1).replaceAll('/', '.');
}
