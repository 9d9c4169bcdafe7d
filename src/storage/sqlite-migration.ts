/** Brings a SQLite file up to date. */

import type { DatabaseSync } from 'node:sqlite';
import { Kysely, SqliteAdapter, SqliteDialect, type SqliteStatement, sql } from 'kysely';
import { SHA256 } from './audit-hash.ts';
import { migrate, type SchemaWords } from './migrate.ts';
import { openConnection } from './sqlite-connection.ts';
import type { Scalar } from './statement.ts';
import type { Tables } from './tables.ts';

/** @throws the driver's error; nothing is half done then. */
export async function migrateSqlite(path: string): Promise<void> {
  await using db = createSqliteKysely(openConnection(path, 'write'));
  await migrate(db, SQLITE_WORDS);
  // Whoever has the file open keeps nothing of before.
  await sql`update revisions set value = value + 1 where name = 'registry'`.execute(db);
}

/** A query builder that runs what it builds on a connection, and closes that with itself. */
export function createSqliteKysely(connection: DatabaseSync): Kysely<Tables> {
  const dialect = new MigrationDialect({
    database: {
      close: () => connection.close(),
      prepare: (sql) => presentStatement(connection, sql),
    },
  });
  return new Kysely<Tables>({ dialect });
}

export const SQLITE_WORDS: SchemaWords = {
  bytes: sql`blob`,
  counter: 'integer',
  inOrder: true,
  byKeyAlone: sql`without rowid`,
  sha256: (text) => sql<string>`${sql.raw(SHA256)}(${text})`,
  appendOnly: (table) =>
    ['update', 'delete'].map(
      (change) => sql`
        create trigger ${sql.ref(`${table}_no_${change}`)} before ${sql.raw(change)} on ${sql.table(table)}
        begin select raise(abort, ${sql.lit(`${table} is only added to`)}); end`,
    ),
  notAppendOnly: (table) =>
    ['update', 'delete'].map((change) => sql`drop trigger if exists ${sql.ref(`${table}_no_${change}`)}`),
};

class MigrationDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

/** SQLite takes changes of the schema back as well; the builder's own adapter denies it, and would run them one by one. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** A statement as the builder's own driver wants it. */
function presentStatement(connection: DatabaseSync, sql: string): SqliteStatement {
  // Two processes that start at once take turns.
  const statement = connection.prepare(sql === 'begin' ? 'begin immediate' : sql);
  return {
    reader: statement.columns().length > 0,
    all: (values) => statement.all(...(values as Scalar[])),
    run: (values) => statement.run(...(values as Scalar[])),
    *iterate(values) {
      yield* statement.iterate(...(values as Scalar[]));
    },
  };
}
