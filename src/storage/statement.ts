/** A SQL statement built once by the query builder and run many times with named parameters. */

import type { Compilable, Dialect, Kysely, RawBuilder, sql } from 'kysely';
import type { Tables } from './tables.ts';

/** What a column can hold on both databases. */
export type Scalar = string | number | bigint | Uint8Array | null;

/** What a parameter can be; lists only where the database takes them. */
export type Value = Scalar | readonly string[];

/** Names a parameter while a statement is being built. */
export type Parameters<P> = <K extends keyof P & string>(name: K) => P[K];

/** What a statement is built with besides the builder itself: raw SQL, and what each dialect says in its own way. */
export interface Words {
  readonly sql: typeof sql;
  /** The type of a column of bytes, for parameters whose type cannot be told from where they stand. */
  readonly bytes: RawBuilder<unknown>;
  /** The number that a new account gets. */
  readonly nextAccountNumber: RawBuilder<number>;
  /** Put behind `applications` where they are read in the order of their positions. */
  readonly byPosition: RawBuilder<unknown>;
  /** Put behind a `select` of rows that are about to be taken: those that somebody else is taking are left out. */
  readonly skipLocked: RawBuilder<unknown>;
  /** The texts of a column of a table that is in the order of another one, joined by commas, as bytes. */
  joined(column: string, order: string): RawBuilder<Uint8Array | null>;
  /** Bytes of UTF-8 in the form that is handed over soonest: as they are, or as text. */
  handedOver(bytes: RawBuilder<unknown>): RawBuilder<string | Uint8Array>;
  /** SHA-256 of a text in UTF-8, in hexadecimal. */
  sha256(text: RawBuilder<unknown>): RawBuilder<string>;
}

/** A statement with parameters `P` that answers rows `R`, not yet in any dialect. */
export interface Statement<P, R> {
  build(db: Kysely<Tables>, parameter: Parameters<P>, words: Words): Compilable<R>;
  /** The statement itself, where it is the same everywhere and needed before the builder is loaded. */
  readonly text?: string;
  /** What other processes have to hear of when it was run. */
  readonly tells?: 'credentials' | undefined;
  /** It writes nothing but deliveries: whatever is kept of the registry holds behind it. */
  readonly ofDeliveries?: true;
  /** Transactions with it are committed one after another within an account, in all processes. */
  readonly inTurn?: true;
}

/** One question in two forms: for one key, and for many of an account at once, on databases where a round trip costs. */
export interface Lookup<R> {
  readonly one: Statement<{ account: string; id: string }, R>;
  readonly many: Statement<{ account: string; ids: readonly string[] }, R & { readonly id: string }>;
}

/** A builder that only writes SQL, in the words of a dialect; we run it ourselves. */
export function createUndrivenBuilder(
  { DummyDriver, Kysely }: Pick<typeof import('kysely'), 'DummyDriver' | 'Kysely'>,
  dialect: Pick<Dialect, 'createAdapter' | 'createQueryCompiler'>,
): Kysely<Tables> {
  const createIntrospector = () => {
    throw new Error('statements are written, not introspected');
  };
  return new Kysely<Tables>({
    dialect: { ...dialect, createDriver: () => new DummyDriver(), createIntrospector },
  });
}

/** Takes SQL that was written by hand, where the builder has no words for it. */
export function raw<R>(db: Kysely<Tables>, text: RawBuilder<R>): Compilable<R> {
  return { compile: () => text.compile(db) as ReturnType<Compilable<R>['compile']> };
}

/** What statements of a dialect are built with. */
export interface Builder {
  readonly db: Kysely<Tables>;
  readonly words: Words;
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
  build: Statement<P, R>['build'],
  tells?: 'credentials',
): Statement<P, R> {
  return { build, tells };
}

class Slot {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * Declares a statement that is so plain that every database takes it as it is.
 *
 * @param text with `:name` for each parameter.
 */
export function textStatement<P extends { [name in keyof P]: Value }, R>(text: string): Statement<P, R> {
  const build = () => {
    throw new Error('it is text already');
  };
  return { build, text };
}

/** Makes transactions with a statement take turns within an account. */
export function inTurn<P, R>(statement: Statement<P, R>): Statement<P, R> {
  return { ...statement, inTurn: true };
}

/** A text that writes deliveries, and what belongs to them, alone. */
export function deliveryStatement<P extends { [name in keyof P]: Value }, R>(text: string): Statement<P, R> {
  return ofDeliveries(textStatement<P, R>(text));
}

/** Says of a statement that it writes deliveries alone. */
export function ofDeliveries<P, R>(statement: Statement<P, R>): Statement<P, R> {
  return { ...statement, ofDeliveries: true };
}

/** Compiles a text; `mark` makes the marks of its parameters, counted from 1. */
export function compileText(text: string, mark: (number: number) => string): CompiledStatement {
  const names: string[] = [];
  const sql = text.replaceAll(/:(\w+)/g, (_, name: string) => mark(names.push(name)));
  return { sql, bind: (parameters) => names.map((name) => parameters[name] ?? null) };
}

/** Compiles a statement with the dialect of a builder. */
export function compileStatement<P, R>(source: Statement<P, R>, { db, words }: Builder): CompiledStatement {
  const slot = ((name: string) => new Slot(name)) as unknown as Parameters<P>;
  const compiled = source.build(db, slot, words).compile();
  const order = compiled.parameters as (Slot | Value)[];
  return {
    sql: compiled.sql,
    bind: (parameters) =>
      order.map((entry) => (entry instanceof Slot ? (parameters[entry.name] ?? null) : entry)),
  };
}
