/** Commits many units in one SQLite transaction; runs in the writer's thread and knows neither builder nor schema. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type ListedRows, listRows } from './sqlite-rows.ts';
import type { Scalar } from './statement.ts';

/** A statement of a unit in the words of SQLite. */
export interface BoundWrite {
  readonly sql: string;
  readonly values: Scalar[];
  readonly changes: number | undefined;
  readonly returns: boolean;
}

/** What became of a unit of a batch; `error` is SQLite's own text. */
export type BatchResult =
  | { readonly ok: true; readonly returned?: readonly ListedRows[] }
  | { readonly ok: false; readonly failed: number }
  | { readonly ok: false; readonly error: string; readonly conflict: boolean };

/** What became of each unit that held and returned no rows. */
export const HELD: BatchResult & { readonly ok: true } = Object.freeze({ ok: true });

/** Prepared statements by their text; the texts are few and fixed. */
export type StatementCache = Map<string, StatementSync>;

const SQLITE_CONSTRAINT = 19;

/**
 * Applies units in their order and commits those that hold, all in one transaction, so that one
 * flush to disk serves them all (what that wins depends on the disk: `docs/performance.md`).
 *
 * Nearly always all of them hold: they are tried without savepoints first, which are two of five statements of a unit.
 */
export function commitBatch(
  connection: DatabaseSync,
  statements: StatementCache,
  units: readonly (readonly BoundWrite[])[],
): BatchResult[] {
  try {
    return (
      commitTogether(connection, statements, units) ??
      commitWith(connection, statements, () => units.map((unit) => applyUnit(connection, statements, unit)))
    );
  } catch (error) {
    const failure = { ok: false, error: describe(error), conflict: false } as const;
    return units.map(() => failure);
  }
}

/** Commits all units, or none of them and answers undefined when one does not hold. */
function commitTogether(
  connection: DatabaseSync,
  statements: StatementCache,
  units: readonly (readonly BoundWrite[])[],
): BatchResult[] | undefined {
  try {
    return commitWith(connection, statements, () =>
      units.map((unit): BatchResult => {
        const returned: ListedRows[] = [];
        const held = unit.every((write) => applyWrite(connection, statements, write, returned));
        if (!held) throw new UnitFailure();
        return present(returned);
      }),
    );
  } catch (error) {
    if (error instanceof UnitFailure || isConstraintError(error)) return undefined;
    throw error;
  }
}

/** A unit did not change as many rows as it had to. */
class UnitFailure extends Error {}

/** Runs `apply` in a transaction; what it throws takes the transaction back. */
function commitWith<T>(connection: DatabaseSync, statements: StatementCache, apply: () => T): T {
  try {
    run(connection, statements, 'begin immediate');
    const result = apply();
    run(connection, statements, 'commit');
    return result;
  } catch (error) {
    if (connection.isTransaction) connection.exec('rollback');
    throw error;
  }
}

function applyUnit(
  connection: DatabaseSync,
  statements: StatementCache,
  unit: readonly BoundWrite[],
): BatchResult {
  run(connection, statements, 'savepoint unit');
  let failed: BatchResult | undefined;
  const returned: ListedRows[] = [];
  try {
    const at = unit.findIndex((write) => !applyWrite(connection, statements, write, returned));
    if (at >= 0) failed = { ok: false, failed: at };
  } catch (error) {
    // Only a broken constraint is the unit's own fault; anything else takes the whole batch with it.
    if (!isConstraintError(error)) throw error;
    failed = { ok: false, error: describe(error), conflict: true };
  }
  if (failed !== undefined) run(connection, statements, 'rollback to unit');
  run(connection, statements, 'release unit');
  return failed ?? present(returned);
}

/** @param returned gets the rows that the write returns. */
function applyWrite(
  connection: DatabaseSync,
  statements: StatementCache,
  write: BoundWrite,
  returned: ListedRows[],
): boolean {
  const statement = prepare(connection, statements, write.sql);
  if (write.returns) {
    const rows = listRows(statement, write.values);
    if (rows !== undefined) returned.push(rows);
    return true;
  }
  const { changes } = statement.run(...write.values);
  return write.changes === undefined || Number(changes) === write.changes;
}

function present(returned: readonly ListedRows[]): BatchResult {
  return returned.length === 0 ? HELD : { ok: true, returned };
}

function run(connection: DatabaseSync, statements: StatementCache, sql: string): void {
  prepare(connection, statements, sql).run();
}

function prepare(connection: DatabaseSync, statements: StatementCache, sql: string): StatementSync {
  let prepared = statements.get(sql);
  if (prepared === undefined) {
    prepared = connection.prepare(sql);
    prepared.setReturnArrays(true);
    statements.set(sql, prepared);
  }
  return prepared;
}

function isConstraintError(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode;
  return code !== undefined && (code & 0xff) === SQLITE_CONSTRAINT;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
