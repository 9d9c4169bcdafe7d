/** How far a copy has come, kept in the database that it fills; gone when the copy is done. */

import { type Kysely, sql } from 'kysely';
import { COPY_STATE } from './migration-names.ts';
import type { Row, TableShape } from './table-shapes.ts';
import type { Tables } from './tables.ts';

/** The name under which the state says where the rows come from; no table is called so. */
const BEGINNING = '';

/** What is known when a copy begins: where rows come from, and the highest revision there was in the target. */
interface CopyBeginning {
  readonly source: string;
  readonly revision: number;
}

/** How far a table has come: the columns that order its last row, and how many rows there are. */
interface TableProgress {
  readonly last: Row;
  readonly rows: number;
}

/** How a copy began, and how far each table has come. */
export interface CopyProgress extends CopyBeginning {
  readonly tables: ReadonlyMap<string, TableProgress>;
}

/** What is written of it within a transaction. */
export interface CopyState {
  find(): Promise<CopyProgress | undefined>;
  begin(beginning: CopyBeginning): Promise<void>;
  /** Notes the last row of a table that was inserted in the same transaction, and how many there are with it. */
  note(table: TableShape, row: Row, rows: number): Promise<void>;
  /** Takes it away, if there is one. */
  end(): Promise<void>;
}

const TABLE = sql.table(COPY_STATE);

export function createCopyState(db: Kysely<Tables>): CopyState {
  return {
    find: () => find(db),
    begin: async (beginning) => {
      await db.schema
        .createTable(COPY_STATE)
        .addColumn('name', 'text', (column) => column.primaryKey().notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .execute();
      await sql`insert into ${TABLE} (name, value) values (${BEGINNING}, ${JSON.stringify(beginning)})`.execute(
        db,
      );
    },
    note: async (table, row, rows) => {
      const last = table.order.map((column) => row[table.columns.indexOf(column)] ?? null);
      await sql`
        insert into ${TABLE} (name, value) values (${table.name}, ${JSON.stringify({ last, rows })})
        on conflict (name) do update set value = excluded.value`.execute(db);
    },
    end: async () => {
      await db.schema.dropTable(COPY_STATE).ifExists().execute();
    },
  };
}

async function find(db: Kysely<Tables>): Promise<CopyProgress | undefined> {
  const tables = await db.introspection.getTables();
  if (!tables.some(({ name }) => name === COPY_STATE)) return undefined;
  const { rows } = await sql<{ name: string; value: string }>`select name, value from ${TABLE}`.execute(db);
  const values = new Map(rows.map(({ name, value }) => [name, value]));
  const beginning = JSON.parse(values.get(BEGINNING) ?? '{}') as CopyBeginning;
  values.delete(BEGINNING);
  const progress = Array.from(values, ([name, value]) => [name, JSON.parse(value) as TableProgress] as const);
  return { ...beginning, tables: new Map(progress) };
}
