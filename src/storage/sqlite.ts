/** The database on one SQLite file: this thread reads, a writer writes. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteDialect,
  SqliteQueryCompiler,
  type SqliteStatement,
} from 'kysely';
import { JackfieldError } from '../errors.ts';
import type { Database, UnitResult, Write } from './database.ts';
import { MIGRATION_NAMES, migrate } from './migrate.ts';
import type { BoundWrite } from './sqlite-batch.ts';
import { openConnection } from './sqlite-connection.ts';
import { inspectSqliteFile } from './sqlite-inspect.ts';
import { TurnSnapshot } from './sqlite-snapshot.ts';
import { type CompiledStatement, compileStatement, type Statement, type Value } from './statement.ts';
import type { Tables } from './tables.ts';
import { openInlineWriter, openThreadWriter, type Writer } from './writer.ts';

/** Where the file is, and whether writes get a thread of their own (servers) or not (commands). */
export interface SqliteOptions {
  readonly path: string;
  readonly writer: 'thread' | 'inline';
}

/**
 * Opens a SQLite file, makes it if there is none, and brings it up to date.
 *
 * @throws `storage_unusable` when the file is damaged, foreign, newer than this release, or cannot be opened.
 */
export async function openSqlite(options: SqliteOptions): Promise<Database> {
  const state = inspectSqliteFile(options.path, MIGRATION_NAMES);
  try {
    if (state !== 'current') await migrateFile(options.path);
    return new SqliteDatabase(options);
  } catch (error) {
    throw new JackfieldError(
      'storage_unusable',
      `The database file ${options.path} cannot be used: ${(error as Error).message}.`,
      {
        fix: 'Look at the rights of the file and its folder and at the room on the disk, or name another file in JACKFIELD_DATABASE_URL.',
        cause: error,
      },
    );
  }
}

interface Prepared {
  readonly compiled: CompiledStatement;
  readonly reader: StatementSync;
}

class SqliteDatabase implements Database {
  readonly #builder = createStatementBuilder();
  readonly #prepared = new Map<unknown, Prepared>();
  readonly #compiled = new Map<unknown, CompiledStatement>();
  readonly #connection: DatabaseSync;
  readonly #snapshot: TurnSnapshot;
  readonly #writer: Writer;
  readonly #selectRevision: StatementSync;
  #revision = 0;
  #revisionAt = -1;

  constructor({ path, writer }: SqliteOptions) {
    this.#connection = openConnection(path, 'read');
    this.#snapshot = new TurnSnapshot(this.#connection);
    this.#selectRevision = this.#connection.prepare("select value from revisions where name = 'credentials'");
    const refresh = () => this.#snapshot.refresh();
    this.#writer = writer === 'thread' ? openThreadWriter(path, refresh) : openInlineWriter(path, refresh);
  }

  all<P, R>(statement: Statement<P, R>, parameters: P): R[] {
    const { reader, compiled } = this.#prepare(statement);
    this.#snapshot.enter();
    return reader.all(...compiled.bind(parameters as Record<string, Value>)) as R[];
  }

  write(unit: readonly Write[]): Promise<UnitResult> {
    return this.#writer.commit(unit.map((write) => this.#bind(write)));
  }

  version(): number {
    return this.#snapshot.version();
  }

  credentialRevision(): number {
    const version = this.#snapshot.version();
    if (version !== this.#revisionAt) {
      this.#snapshot.enter();
      this.#revision = Number(this.#selectRevision.get()?.['value']);
      this.#revisionAt = version;
    }
    return this.#revision;
  }

  async close(): Promise<void> {
    await this.#writer.close();
    this.#snapshot.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #bind(write: Write): BoundWrite {
    const compiled = this.#compile(write.statement);
    return { sql: compiled.sql, values: compiled.bind(write.parameters), changes: write.changes };
  }

  #compile<P, R>(statement: Statement<P, R>): CompiledStatement {
    let compiled = this.#compiled.get(statement);
    if (compiled === undefined) {
      compiled = compileStatement(statement, this.#builder);
      this.#compiled.set(statement, compiled);
    }
    return compiled;
  }

  #prepare<P, R>(statement: Statement<P, R>): Prepared {
    let prepared = this.#prepared.get(statement);
    if (prepared === undefined) {
      const compiled = this.#compile(statement);
      prepared = { compiled, reader: this.#connection.prepare(compiled.sql) };
      this.#prepared.set(statement, prepared);
    }
    return prepared;
  }
}

/** A builder that only writes SQL; we run it ourselves. */
function createStatementBuilder(): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: () => {
        throw new Error('statements are written, not introspected');
      },
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

async function migrateFile(path: string): Promise<void> {
  const connection = openConnection(path, 'write');
  const dialect = new MigrationDialect({
    database: {
      close: () => connection.close(),
      prepare: (sql) => presentStatement(connection, sql),
    },
  });
  const db = new Kysely<Tables>({ dialect });
  await using _closed = { [Symbol.asyncDispose]: () => db.destroy() };
  await migrate(db);
}

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
    all: (values) => statement.all(...(values as Value[])),
    run: (values) => statement.run(...(values as Value[])),
    *iterate(values) {
      yield* statement.iterate(...(values as Value[]));
    },
  };
}
