/**
 * Members that several schemas have, each built by one function, so that their bounds and examples are said
 * once.
 */

import Type from 'typebox';
import { LEG_PERSISTENCE_TIME, MAX_TEXT_CHARACTERS } from './limits.ts';

/** Objects that refuse members they do not name (W14). */
export const CLOSED = { additionalProperties: false } as const;

/** A string of 1 to 255 characters (W22). */
export function text(description: string, example: string, options: { default?: string } = {}) {
  return Type.String({
    description,
    minLength: 1,
    maxLength: MAX_TEXT_CHARACTERS,
    ...options,
    examples: [example],
  });
}

export function flag(description: string, options: { default?: boolean } = {}) {
  return Type.Boolean({ description, ...options, examples: [true] });
}

/** One of `values`; the first is the example. */
export function choice<const Value extends string>(
  values: readonly [Value, ...Value[]],
  description: string,
  options: { default?: Value } = {},
) {
  return Type.Unsafe<Value>({
    type: 'string',
    enum: [...values],
    description,
    ...options,
    examples: [options.default ?? values[0]],
  });
}

/** Whole days, 1 to 31 (W13). */
export function legPersistenceTime(options: { default?: number } = {}) {
  return Type.Integer({
    description: 'How many days the legs of a conversation are kept.',
    minimum: LEG_PERSISTENCE_TIME.minimum,
    maximum: LEG_PERSISTENCE_TIME.maximum,
    ...options,
    examples: [5],
  });
}

/** An object inside which every member is kept and answered as it was sent, less nulls (W13). */
export function freeForm(description: string) {
  return Type.Unsafe<Record<string, unknown>>({ type: 'object', description, additionalProperties: true });
}
