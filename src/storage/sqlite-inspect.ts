/** Looks at a SQLite file before anything is done to it. */

import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { JackfieldError } from '../errors.ts';
import { COPY_STATE, findGap, GAP_FIX, HALF_COPIED_FIX } from './migration-names.ts';
import { BUSY_TIMEOUT_MS } from './sqlite-connection.ts';

/** Files up to this size are checked page by page at each start (about 3 ms a MB). */
const FULL_CHECK_LIMIT_BYTES = 32 * 1024 * 1024;

/**
 * Says whether a file needs migrations: `empty` (or not there), `behind` or `current`.
 *
 * @param known the names of the migrations this release has.
 * @throws `storage_unusable` when the file is damaged, is not ours, or was written by a newer release;
 *   it is left as it was.
 */
export function inspectSqliteFile(path: string, known: readonly string[]): 'empty' | 'behind' | 'current' {
  const applied = findAppliedToFile(path, known);
  if (applied.length === 0) return 'empty';
  return applied.length === known.length ? 'current' : 'behind';
}

/**
 * The migrations that a file has had, in their order; none when it is empty or not there.
 *
 * @param known the names of the migrations this release has.
 * @param halfCopied whether a database that a copy has not filled yet will do.
 * @throws `storage_unusable`, as above; nothing is made by looking.
 */
export function findAppliedToFile(
  path: string,
  known: readonly string[],
  halfCopied: 'refuse' | 'allow' = 'refuse',
): string[] {
  const file = statSync(path, { throwIfNoEntry: false });
  if (file === undefined) return [];
  assertWritable(path);
  const applied = (file.size === 0 ? undefined : readAppliedMigrations(path, file.size, halfCopied)) ?? [];
  const newer = applied.find((name) => !known.includes(name));
  if (newer !== undefined) {
    throw unusable(path, `was written by a newer release (it holds the migration ${newer})`, NEWER_FIX);
  }
  const gap = findGap(applied, known);
  if (gap !== undefined) throw unusable(path, `lacks the migration ${gap} beneath later ones`, GAP_FIX);
  return applied;
}

const NEWER_FIX = 'Run the release that wrote it, or name another file in JACKFIELD_DATABASE_URL.';
const RIGHTS_FIX = 'Let this user read and write it, or name another file in JACKFIELD_DATABASE_URL.';
const DAMAGED_FIX = 'Restore it from a backup, or name another file in JACKFIELD_DATABASE_URL.';
const FOREIGN_FIX = 'Name a file of its own for Jackfield in JACKFIELD_DATABASE_URL.';

/** SQLite opens for reading what it may not write, and only the first write would tell. */
function assertWritable(path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw unusable(path, 'cannot be read and written by this user', RIGHTS_FIX, error);
  }
}

function readAppliedMigrations(
  path: string,
  size: number,
  halfCopied: 'refuse' | 'allow',
): string[] | undefined {
  let connection: DatabaseSync | undefined;
  try {
    connection = new DatabaseSync(path, { readOnly: hasJournal(path), timeout: BUSY_TIMEOUT_MS });
    const tables = connection.prepare("select name from sqlite_master where type = 'table'").all();
    if (size <= FULL_CHECK_LIMIT_BYTES) assertSound(connection, path);
    if (tables.length === 0) return undefined;
    if (!tables.some((table) => table['name'] === 'migrations')) {
      throw unusable(path, 'holds tables that are not ours', FOREIGN_FIX);
    }
    if (halfCopied === 'refuse' && tables.some((table) => table['name'] === COPY_STATE)) {
      throw unusable(path, 'is half filled by a copy that has not ended', HALF_COPIED_FIX);
    }
    return connection
      .prepare('select name from migrations order by name')
      .all()
      .map((row) => String(row['name']));
  } catch (error) {
    if (error instanceof JackfieldError) throw error;
    throw unusable(path, `cannot be read (${(error as Error).message})`, DAMAGED_FIX, error);
  } finally {
    connection?.close();
  }
}

/**
 * Says whether a process ended without tidying up, or another is at work: then only a connection that may
 * not write leaves the file alone. Without a journal one that may write changes nothing either, and takes
 * the files that SQLite puts beside a database with it when it goes.
 */
function hasJournal(path: string): boolean {
  return existsSync(`${path}-wal`) || existsSync(`${path}-journal`);
}

function assertSound(connection: DatabaseSync, path: string): void {
  const verdict = connection.prepare('pragma quick_check(1)').get()?.['quick_check'];
  if (verdict !== 'ok') throw unusable(path, `is damaged (${verdict})`, DAMAGED_FIX);
}

function unusable(path: string, what: string, fix: string, cause?: unknown): JackfieldError {
  return new JackfieldError('storage_unusable', `The database file ${path} ${what}. It was left as it is.`, {
    fix,
    cause,
  });
}
