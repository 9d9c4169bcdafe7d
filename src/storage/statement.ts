/** A SQL statement built once by the query builder and run many times with named parameters. */

import type { Compilable, Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** What a column can hold on both databases. */
export type Value = string | number | bigint | Uint8Array | null;

/** Names a parameter while a statement is being built. */
export type Parameters<P> = <K extends keyof P & string>(name: K) => P[K];

/** A statement with parameters `P` that answers rows `R`, not yet in any dialect. */
export interface Statement<P, R> {
  build(db: Kysely<Tables>, parameter: Parameters<P>): Compilable<R>;
}

/** A statement in the words of one dialect: `bind` puts the parameters into the order of its text. */
export interface CompiledStatement {
  readonly sql: string;
  bind(parameters: Record<string, Value>): Value[];
}

/**
 * Declares a statement.
 *
 * The builder costs 19 µs a run and a prepared statement 4, so each is built once for each database
 * and only bound afterwards.
 */
export function statement<P extends { [name in keyof P]: Value }, R = never>(
  build: (db: Kysely<Tables>, parameter: Parameters<P>) => Compilable<R>,
): Statement<P, R> {
  return { build };
}

class Slot {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Compiles a statement with the dialect of `db`. */
export function compileStatement<P, R>(source: Statement<P, R>, db: Kysely<Tables>): CompiledStatement {
  const slot = ((name: string) => new Slot(name)) as unknown as Parameters<P>;
  const compiled = source.build(db, slot).compile();
  const order = compiled.parameters as (Slot | Value)[];
  return {
    sql: compiled.sql,
    bind: (parameters) =>
      order.map((entry) => (entry instanceof Slot ? (parameters[entry.name] ?? null) : entry)),
  };
}
