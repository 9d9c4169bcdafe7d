/** The tables that move, as a database itself describes them; the same on both. */

import { type Kysely, sql } from 'kysely';
import { FATES, OWN_TABLES, orderOf } from './transfer-tables.ts';

/** What a column holds, whatever its database calls it. */
export type ColumnKind = 'text' | 'integer' | 'number' | 'bytes';

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
}

/** A table that is carried; its columns are in the order of their names. */
export interface TableShape {
  readonly name: string;
  readonly columns: readonly Column[];
  /** The columns that put its rows in one order on every database. */
  readonly order: readonly Column[];
}

/** A value on its way: text as it is, integers in decimals, bytes in base64; numbers here would not hold every position. */
export type Cell = string | null;

/** Values in the order of the columns of their table's shape. */
export type Row = readonly Cell[];

const KINDS: ReadonlyMap<string, ColumnKind> = new Map([
  ['text', 'text'],
  ['varchar', 'text'],
  ['integer', 'integer'],
  ['bigint', 'integer'],
  ['int4', 'integer'],
  ['int8', 'integer'],
  ['double precision', 'number'],
  ['float8', 'number'],
  ['blob', 'bytes'],
  ['bytea', 'bytes'],
]);

/** The names of our tables that are there, parents before those that refer to them. */
export async function findTableNames(db: Kysely<never>): Promise<string[]> {
  const there = new Set((await describeTables(db)).map(({ name }) => name));
  return [...Object.keys(FATES), ...Object.keys(OWN_TABLES)].filter((name) => there.has(name));
}

/**
 * The tables that are carried and there, in the order in which they can be filled.
 *
 * @throws when a column is of a type that cannot be carried.
 */
export async function readShapes(db: Kysely<never>): Promise<TableShape[]> {
  const tables = await describeTables(db);
  return Object.keys(FATES).flatMap((name) => {
    const order = orderOf(name);
    const table = tables.find((one) => one.name === name);
    if (order === undefined || table === undefined) return [];
    const columns = table.columns
      .map((column) => ({ name: column.name, kind: kindOf(name, column.name, column.dataType) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    return [{ name, columns, order: columns.filter((one) => order.includes(one.name)).sort(inOrder(order)) }];
  });
}

function inOrder(order: readonly string[]): (a: Column, b: Column) => number {
  return (a, b) => order.indexOf(a.name) - order.indexOf(b.name);
}

function kindOf(table: string, column: string, type: string): ColumnKind {
  const kind = KINDS.get(type.toLowerCase().replace(/\(.*/, ''));
  if (kind === undefined)
    throw new Error(`${table}.${column} is of the type ${type}, which cannot be carried`);
  return kind;
}

async function describeTables(db: Kysely<never>) {
  const tables = await db.introspection.getTables();
  if (tables.every(({ schema }) => schema === undefined)) return tables;
  const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(db);
  return tables.filter(({ schema }) => schema === rows[0]?.schema);
}
