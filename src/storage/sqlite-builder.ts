/**
 * Writes statements in the words of SQLite.
 *
 * The query builder is 257 files and takes 190 of 520 ms of a start, so it is loaded when the first statement is
 * built, which is after the server listens.
 */

import { createRequire } from 'node:module';
import { SHA256 } from './audit-hash.ts';
import {
  type Builder,
  type CompiledStatement,
  compileStatement,
  compileText,
  createUndrivenBuilder,
  type Statement,
  type Words,
} from './statement.ts';

/** Compiles statements of either kind; the first that has to be built loads the builder. */
export class SqliteCompiler {
  #builder: Builder | undefined;

  compile<P, R>(statement: Statement<P, R>): CompiledStatement {
    const { sql, bind } =
      statement.text === undefined
        ? compileStatement(statement, this.#load())
        : compileText(statement.text, () => '?');
    return { sql: hideLimits(sql), bind };
  }

  /** Loads the builder ahead of the first statement. */
  warm(): void {
    this.#load();
  }

  #load(): Builder {
    this.#builder ??= createBuilder();
    return this.#builder;
  }
}

/**
 * SQLite plans by the value of a bare parameter behind `limit`, and so compiles the whole statement anew before each run
 * of it: 120 of 415 µs of a list of 100. What is cast it does not look at.
 */
function hideLimits(sql: string): string {
  return sql.replaceAll(/\blimit \?/g, 'limit cast(? as integer)');
}

function createBuilder(): Builder {
  const kysely = createRequire(import.meta.url)('kysely') as typeof import('kysely');
  const { SqliteAdapter, SqliteQueryCompiler, sql } = kysely;
  const db = createUndrivenBuilder(kysely, {
    createAdapter: () => new SqliteAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  });
  // An ordered subquery with a limit is aggregated row by row in its order; `order by` within the aggregate would sort
  // all texts once more (500 instead of 125 µs for 100 of them). Bytes are not decoded for being sent (215, not 415 µs).
  const joined: Words['joined'] = (column) =>
    sql<Uint8Array | null>`cast(group_concat(${sql.ref(column)}, ',') as blob)`;
  const words: Words = {
    sql,
    joined,
    bytes: sql`blob`,
    // There is one writer at a time.
    nextAccountNumber: sql<number>`(select coalesce(max(number), 0) + 1 from accounts)`,
    // The table itself is in this order; an index by account and id is not.
    byPosition: sql`not indexed`,
    // From the writer's thread a row with a text of 300 bytes crosses in 2.6 µs, with as many bytes in 3.7.
    handedOver: (bytes) => sql<string>`cast(${bytes} as text)`,
    sha256: (text) => sql<string>`${sql.raw(SHA256)}(${text})`,
    // There is one writer at a time.
    skipLocked: sql``,
  };
  return { db, words };
}
