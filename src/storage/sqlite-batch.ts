/** Commits many units in one SQLite transaction; runs in the writer's thread and knows neither builder nor schema. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { UnitResult } from './database.ts';
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
  | UnitResult
  | { readonly ok: false; readonly error: string; readonly conflict: boolean };

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
        const rows: unknown[] = [];
        if (!unit.every((write) => applyWrite(connection, statements, write, rows))) throw new UnitFailure();
        return present(rows);
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
  const rows: unknown[] = [];
  try {
    const at = unit.findIndex((write) => !applyWrite(connection, statements, write, rows));
    if (at >= 0) failed = { ok: false, failed: at };
  } catch (error) {
    // Only a broken constraint is the unit's own fault; anything else takes the whole batch with it.
    if (!isConstraintError(error)) throw error;
    failed = { ok: false, error: describe(error), conflict: true };
  }
  if (failed !== undefined) run(connection, statements, 'rollback to unit');
  run(connection, statements, 'release unit');
  return failed ?? present(rows);
}

/** @param rows get those that the write returns. */
function applyWrite(
  connection: DatabaseSync,
  statements: StatementCache,
  write: BoundWrite,
  rows: unknown[],
): boolean {
  const statement = prepare(connection, statements, write.sql);
  if (write.returns) {
    rows.push(...statement.all(...write.values));
    return true;
  }
  const { changes } = statement.run(...write.values);
  return write.changes === undefined || Number(changes) === write.changes;
}

function present(rows: readonly unknown[]): UnitResult {
  return rows.length === 0 ? { ok: true } : { ok: true, rows };
}

function run(connection: DatabaseSync, statements: StatementCache, sql: string): void {
  prepare(connection, statements, sql).run();
}

function prepare(connection: DatabaseSync, statements: StatementCache, sql: string): StatementSync {
  let prepared = statements.get(sql);
  if (prepared === undefined) {
    prepared = connection.prepare(sql);
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
