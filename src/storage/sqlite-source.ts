/** Reads a whole SQLite database in one read transaction, which never holds up whoever writes. */

import type { DatabaseSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import { JackfieldError } from '../errors.ts';
import { MIGRATION_NAMES } from './migration-names.ts';
import { openConnection } from './sqlite-connection.ts';
import { findAppliedToFile } from './sqlite-inspect.ts';
import { createSqliteKysely } from './sqlite-migration.ts';
import type { Scalar } from './statement.ts';
import { readShapes } from './table-shapes.ts';
import { Batch, type Cell, type Column, type Row, type Source, type TableShape } from './transfer.ts';

/** @throws `storage_unusable`. */
export async function openSqliteSource(path: string, halfCopied: 'refuse' | 'allow'): Promise<Source> {
  const schema = findAppliedToFile(path, MIGRATION_NAMES, halfCopied).at(-1);
  if (schema === undefined)
    throw new JackfieldError('storage_unusable', `The file ${path} holds no database yet`);
  const connection = openConnection(path, 'read');
  const db = createSqliteKysely(connection);
  try {
    // Not `begin immediate`: it takes no lock, and what is written behind its first statement is not seen.
    connection.exec('begin; select 1 from migrations');
    const tables = await readShapes(db as unknown as Kysely<never>);
    return {
      kind: 'sqlite',
      schema,
      tables,
      read: (table, after) => readRows(connection, table, after),
      count: async ({ name }) =>
        Number(connection.prepare(`select count(*) as count from ${quote(name)}`).get()?.['count']),
      [Symbol.asyncDispose]: () => db.destroy(),
    };
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/**
 * Reads rows out of the snapshot that was begun. SQLite's own backup goes page by page and begins anew with each commit
 * of a server, so it would never end; here only the write-ahead log grows meanwhile.
 */
async function* readRows(
  connection: DatabaseSync,
  table: TableShape,
  after: Row | undefined,
): AsyncIterable<Row[]> {
  const names = table.columns.map(({ name }) => quote(name)).join(', ');
  const order = table.order.map(({ name }) => quote(name)).join(', ');
  const behind = after === undefined ? '' : `where (${order}) > (${table.order.map(() => '?').join(', ')})`;
  const select = connection.prepare(`select ${names} from ${quote(table.name)} ${behind} order by ${order}`);
  select.setReadBigInts(true);
  select.setReturnArrays(true);
  const values = after === undefined ? [] : toScalars(table.order, after);
  const batch = new Batch();
  for (const found of select.iterate(...values) as Iterable<unknown>) {
    const full = batch.add((found as Scalar[]).map(toCell));
    if (full !== undefined) yield full;
  }
  const rest = batch.take();
  if (rest !== undefined) yield rest;
}

function toCell(value: Scalar): Cell {
  if (value === null || typeof value === 'string') return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value.toString();
}

/** The values of a row as SQLite takes them. */
export function toScalars(columns: readonly Column[], row: Row): Scalar[] {
  return columns.map(({ kind }, index) => {
    const cell = row[index] ?? null;
    if (cell === null || kind === 'text') return cell;
    if (kind === 'integer') return BigInt(cell);
    return kind === 'number' ? Number(cell) : Buffer.from(cell, 'base64');
  });
}

/** A name as SQL takes it whatever it contains. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
