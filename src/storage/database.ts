/** What the rest of the storage floor needs of a database, whichever it is. */

import type { Lookup, Statement, Value } from './statement.ts';

/** A value that is there already on one database and on its way on another. */
export type MaybePromise<T> = T | Promise<T>;

/** What belongs to an account is found by the account and its own id. */
export interface Key {
  readonly account: string;
  readonly id: string;
}

/** One statement of a unit; `changes` is the number of rows it has to change for the unit to hold. */
export interface Write {
  readonly statement: Statement<never, unknown>;
  readonly parameters: Record<string, Value>;
  readonly changes: number | undefined;
  /** Whether the unit's result brings the rows it returns. */
  readonly returns?: boolean;
}

/**
 * What became of a unit: all of it is committed, or nothing of it.
 * `failed` is the index of the statement that did not change as many rows as it had to, or -1 when the
 * unit broke a constraint.
 */
export type UnitResult =
  | { readonly ok: true; readonly rows?: readonly unknown[] }
  | { readonly ok: false; readonly failed: number };

/** A database: reads see every unit whose promise has resolved, here or in another process. */
export interface Database extends AsyncDisposable {
  /** Each statement is a message to another process and back; otherwise rows are there at once. */
  readonly paysRoundTrips: boolean;
  /** Runs a reading statement; throws `storage_unavailable` when the database cannot be read. */
  all<P, R>(statement: Statement<P, R>, parameters: P): MaybePromise<R[]>;
  /** Finds what stands under a key; look-ups of one turn of the event loop may be asked together. */
  one<R>(lookup: Lookup<R>, key: Key): MaybePromise<R | undefined>;
  /** Commits a unit durably, or rejects with `storage_unavailable`. */
  write(unit: readonly Write[]): Promise<UnitResult>;
  /**
   * A number that differs as soon as anything but deliveries was committed by anybody; what was cached under another is
   * stale. NaN where nothing may be cached.
   */
  version(): number;
  /** The revision of accounts and secrets (`revisions.credentials`). */
  credentialRevision(): number;
  /**
   * Lets the next read see all that is committed by then. Reads of one turn of the event loop may share a snapshot,
   * so whoever reads without a request, such as from a timer, calls this before requests of the same turn come.
   */
  refresh(): void;
  /** Makes ready ahead of need what the first statements need. */
  warm(): void;
  close(): Promise<void>;
}

/** Pairs a statement with its parameters for a unit. */
export function write<P extends { [name in keyof P]: Value }>(
  statement: Statement<P, unknown>,
  parameters: P,
  changes?: number,
): Write {
  return {
    statement: statement as Statement<never, unknown>,
    parameters: parameters as Record<string, Value>,
    changes,
  };
}

/** Pairs a statement that changes rows and returns them with its parameters; at most one stands in a unit. */
export function take<P extends { [name in keyof P]: Value }, R>(
  statement: Statement<P, R>,
  parameters: P,
): Taking<R> {
  return { ...write(statement, parameters), returns: true };
}

/** A write whose rows the result of its unit brings. */
export interface Taking<R> extends Write {
  readonly returns: true;
  /** Never there; it tells the type of the rows. */
  readonly row?: R;
}

/** Commits a unit and answers the rows that its `taking` write returned; none when the unit did not hold. */
export async function takeRows<R>(
  db: Database,
  taking: Taking<R>,
  behind: readonly Write[] = [],
): Promise<readonly R[]> {
  const result = await db.write([taking, ...behind]);
  return result.ok ? ((result.rows ?? []) as readonly R[]) : [];
}

/** Applies `next` to a value that may still be on its way. */
export function chain<T, U>(value: MaybePromise<T>, next: (value: T) => U): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
