/**
 * Derives what a client may send from the shape an answer has: nothing required, `null` as good as absent
 * (W06, W20).
 */

import Type from 'typebox';

/** `T` as a client may send it, once the nulls are dropped: members at any depth may be absent. */
export type Sent<T> = T extends readonly (infer Item)[]
  ? Sent<Item>[]
  : T extends object
    ? { [Member in keyof T]?: Sent<T[Member]> }
    : T;

/** A JSON Schema as data; of its keywords only those that hold other schemas, or a type, matter here. */
interface Schema {
  type?: unknown;
  enum?: readonly unknown[];
  required?: unknown;
  properties?: Record<string, Schema>;
  items?: Schema;
}

/**
 * The schema of what may be sent where an answer has `schema`: members at any depth become optional and
 * nullable.
 */
export function asSent<T extends Type.TSchema>(schema: T): Type.TUnsafe<Sent<Type.Static<T>>> {
  return Type.Unsafe(withOptionalMembers(schema));
}

/** `schema`, or `null`, which counts as absent and is dropped before anything is typed. */
export function nullable<T extends Type.TSchema>(schema: T): Type.TUnsafe<Type.Static<T>> {
  return Type.Unsafe(orNull(schema));
}

function withOptionalMembers(schema: Schema): Schema {
  const { required: _, properties, items, ...rest } = schema;
  return {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, member]) => [name, orNull(withOptionalMembers(member))]),
      ),
    }),
    ...(items && { items: withOptionalMembers(items) }),
  };
}

function orNull(schema: Schema): Schema {
  return {
    ...schema,
    type: [schema.type, 'null'],
    ...(schema.enum && { enum: [...schema.enum, null] }),
  };
}
