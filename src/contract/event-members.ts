/** Members that the payloads of several events have, each built by one function, so that a form is said once. */

import Type from 'typebox';
import { CLOSED } from './members.ts';

/** A text that is not empty. */
export function words(description: string) {
  return Type.String({ description, minLength: 1 });
}

/** Whoever a call or message comes from or goes to: mostly a number by E.164 without its plus. */
export function party(description: string) {
  return words(description);
}

/** A dashed UUID. */
export function uuid(description: string) {
  return Type.String({ description, pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' });
}

/** A UUID behind a prefix that says of what, such as `CON`. */
export function prefixed(prefix: string, description: string) {
  return Type.String({ description, pattern: `^${prefix}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$` });
}

/** A time in ISO 8601, UTC, to the second or to the millisecond. */
export function time(description: string) {
  return Type.String({ description, pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{3})?Z$' });
}

/** An amount as a decimal text. */
export function amount(description: string) {
  return Type.String({ description, pattern: '^\\d+(\\.\\d+)?$' });
}

/** Digits as a text. */
export function digits(description: string) {
  return Type.String({ description, pattern: '^[0-9]+$' });
}

/** A whole number that is not negative. */
export function count(description: string) {
  return Type.Integer({ description, minimum: 0 });
}

export function link(description: string) {
  return Type.String({ description, pattern: '^https?://' });
}

export function yesOrNo(description: string) {
  return Type.Boolean({ description });
}

/** A member that always has the one value. */
export function always<const Value extends string>(value: Value, description: string) {
  return Type.Unsafe<Value>({ type: 'string', enum: [value], description });
}

/** A text, or `null` as long as it is not known. */
export function maybeKnown(description: string) {
  return Type.Unsafe<string | null>({ type: ['string', 'null'], description });
}

/** An object that has these members and no others. */
export function part<Members extends Type.TProperties>(description: string, members: Members) {
  return Type.Object(members, { ...CLOSED, description });
}

/** The payload of an event; it carries its type, by which whoever makes one up is held to it. */
export function payload<Members extends Type.TProperties>(members: Members) {
  return Type.Unsafe<Type.Static<Type.TObject<Members>>>(Type.Object(members, CLOSED));
}
