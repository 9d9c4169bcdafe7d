/** Fills a SQLite database in one transaction: whoever reads meanwhile sees what was there before. */

import { rmSync, statSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { JackfieldError } from '../errors.ts';
import { makeDatabaseFolder } from './database-folder.ts';
import { MIGRATION_NAMES } from './migration-names.ts';
import { makeFile } from './sqlite.ts';
import { openConnection } from './sqlite-connection.ts';
import { findAppliedToFile } from './sqlite-inspect.ts';
import { createSqliteKysely, SQLITE_WORDS } from './sqlite-migration.ts';
import { quote, toScalars } from './sqlite-source.ts';
import type { Row, TableShape, Target } from './transfer.ts';
import { appendRows, createLoading, type LoadingParts } from './transfer-loading.ts';

/** @throws `storage_unusable`. */
export async function openSqliteTarget(path: string): Promise<Target> {
  makeDatabaseFolder(path);
  findAppliedToFile(path, MIGRATION_NAMES, 'allow');
  const isNew = statSync(path, { throwIfNoEntry: false }) === undefined;
  if (isNew) makeFile(path);
  const connection = openConnection(path, 'write');
  const db = createSqliteKysely(connection);
  let filled = false;
  const transact = async <T>(work: (parts: LoadingParts) => Promise<T>): Promise<T> => {
    try {
      const result = await db
        .transaction()
        .execute((transaction) => work(createParts(connection, transaction)));
      filled = true;
      return result;
    } catch (error) {
      throw explainSqlite(error);
    }
  };
  return {
    kind: 'sqlite',
    transact: (work) => transact((parts) => work(createLoading(parts))),
    append: (table, rows, total) => transact((parts) => appendRows(parts, table, rows, total)),
    [Symbol.asyncDispose]: async () => {
      await db.destroy();
      // A file that was only made to be filled, and then was not.
      if (isNew && !filled) for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
    },
  };
}

function createParts(connection: DatabaseSync, db: LoadingParts['db']): LoadingParts {
  const inserts = new Map<string, StatementSync>();
  return {
    db,
    words: SQLITE_WORDS,
    insert: (table, rows) => insertRows(connection, inserts, table, rows),
    dropRest: () => undefined,
    settle: () => undefined,
  };
}

/** What SQLite says, as an error of ours; any other as it is. */
function explainSqlite(error: unknown): unknown {
  if (!(error instanceof Error) || !('errcode' in error)) return error;
  return new JackfieldError('storage_unavailable', `The database did not take it: ${error.message}`, {
    fix: 'Look at the room on the disk and at who else writes to the file, and run the command again; nothing was changed.',
    cause: error,
  });
}

function insertRows(
  connection: DatabaseSync,
  inserts: Map<string, StatementSync>,
  table: TableShape,
  rows: readonly Row[],
): void {
  let insert = inserts.get(table.name);
  if (insert === undefined) {
    const names = table.columns.map(({ name }) => quote(name)).join(', ');
    const marks = table.columns.map(() => '?').join(', ');
    insert = connection.prepare(`insert into ${quote(table.name)} (${names}) values (${marks})`);
    inserts.set(table.name, insert);
  }
  for (const row of rows) insert.run(...toScalars(table.columns, row));
}
