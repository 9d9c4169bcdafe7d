/** How rows leave a database and come into another: whole tables, in batches, as text. */

import type { DatabaseConfig } from '../config.ts';
import type { CopyProgress } from './copy-state.ts';
import type { MaybePromise } from './database.ts';
import type { Row, TableShape } from './table-shapes.ts';

export type { Cell, Column, Row, TableShape } from './table-shapes.ts';

/** Rows in one batch at most, and about how many characters. */
const BATCH_ROWS = 1000;
const BATCH_CHARACTERS = 1024 * 1024;

/** A database that is read: all of it as it was at one moment, whoever writes meanwhile. */
export interface Source extends AsyncDisposable {
  readonly kind: DatabaseConfig['kind'];
  /** The last migration it has had. */
  readonly schema: string;
  readonly tables: readonly TableShape[];
  /**
   * The rows of a table in their order, in batches.
   *
   * @param after begins behind the row with these values of the columns that order the table.
   */
  read(table: TableShape, after?: Row): AsyncIterable<Row[]>;
  count(table: TableShape): Promise<number>;
}

/** A database that is filled. */
export interface Target extends AsyncDisposable {
  readonly kind: DatabaseConfig['kind'];
  /**
   * Runs `work` in one transaction, while nobody else can write.
   *
   * @throws what `work` throws; nothing has changed then.
   */
  transact<T>(work: (loading: Loading) => Promise<T>): Promise<T>;
  /**
   * Inserts rows of a copy under way and notes the last of them, in one transaction.
   *
   * @param total how many rows there are with them.
   */
  append(table: TableShape, rows: readonly Row[], total: number): Promise<void>;
}

/** What can be done to a target within a transaction. */
export interface Loading {
  /** How far a copy has come that was cut off. */
  findCopy(): Promise<CopyProgress | undefined>;
  /** Lets nobody else use the database until `finish`. */
  beginCopy(source: string): Promise<void>;
  /** Says whether there is anything in it that somebody made. */
  isEmpty(): Promise<boolean>;
  /**
   * Takes all rows out and brings the tables to the form they had after a migration.
   *
   * @returns the tables to be filled.
   */
  reset(schema: string): Promise<readonly TableShape[]>;
  insert(table: TableShape, rows: readonly Row[]): MaybePromise<void>;
  /** Brings the tables up to date, and makes every server forget what it remembers. */
  finish(): Promise<void>;
}

/** Gathers rows until they are a batch. */
export class Batch {
  #rows: Row[] = [];
  #characters = 0;

  /** Adds a row; answers the batch when it is full. */
  add(row: Row): Row[] | undefined {
    this.#rows.push(row);
    for (const cell of row) this.#characters += cell?.length ?? 0;
    return this.#rows.length >= BATCH_ROWS || this.#characters >= BATCH_CHARACTERS ? this.take() : undefined;
  }

  /** What is left; undefined when that is nothing. */
  take(): Row[] | undefined {
    const rows = this.#rows;
    this.#rows = [];
    this.#characters = 0;
    return rows.length === 0 ? undefined : rows;
  }
}
