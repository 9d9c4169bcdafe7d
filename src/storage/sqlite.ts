/** The database on one SQLite file: this thread reads, a writer writes. */

import { closeSync, openSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { JackfieldError } from '../errors.ts';
import type { Database, Key, UnitResult, Write } from './database.ts';
import { MIGRATION_NAMES } from './migration-names.ts';
import type { BoundWrite } from './sqlite-batch.ts';
import { SqliteCompiler } from './sqlite-builder.ts';
import { openConnection } from './sqlite-connection.ts';
import { inspectSqliteFile } from './sqlite-inspect.ts';
import { Revisions } from './sqlite-revisions.ts';
import { TurnSnapshot } from './sqlite-snapshot.ts';
import type { CompiledStatement, Lookup, Scalar, Statement, Value } from './statement.ts';
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
    if (state !== 'current') {
      if (state === 'empty') makeFile(options.path);
      const { migrateSqlite } = await import('./sqlite-migration.ts');
      await migrateSqlite(options.path);
    }
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

/** Makes a file that nobody else may read, unless there is one; SQLite gives those beside it the same rights. */
export function makeFile(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
}

/** BUSY, LOCKED, NOMEM, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB: the file cannot be read, or not now. */
const UNREADABLE: ReadonlySet<number> = new Set([5, 6, 7, 10, 11, 13, 14, 15, 26]);

/** What a read throws: an error of the file as one with our code, anything else as it is. */
function describeReadError(error: unknown): unknown {
  const { errcode = 0, message } = error as Error & { errcode?: number };
  if (!UNREADABLE.has(errcode & 0xff)) return error;
  return new JackfieldError('storage_unavailable', `The database cannot be read: ${message}`, {
    retryAfter: 1,
    cause: error,
  });
}

interface Prepared {
  readonly compiled: CompiledStatement;
  readonly reader: StatementSync;
}

class SqliteDatabase implements Database {
  readonly paysRoundTrips = false;
  readonly #compiler = new SqliteCompiler();
  readonly #prepared = new Map<unknown, Prepared>();
  readonly #compiled = new Map<unknown, CompiledStatement>();
  readonly #connection: DatabaseSync;
  readonly #snapshot: TurnSnapshot;
  readonly #writer: Writer;
  readonly #revisions: Revisions;

  constructor({ path, writer }: SqliteOptions) {
    this.#connection = openConnection(path, 'read');
    try {
      this.#snapshot = new TurnSnapshot(this.#connection);
      this.#revisions = new Revisions(this.#connection, this.#snapshot);
      const refresh = () => this.#snapshot.refresh();
      this.#writer = writer === 'thread' ? openThreadWriter(path, refresh) : openInlineWriter(path, refresh);
    } catch (error) {
      this.#connection.close();
      throw error;
    }
  }

  all<P, R>(statement: Statement<P, R>, parameters: P): R[] {
    try {
      const { reader, compiled } = this.#prepare(statement);
      this.#snapshot.enter();
      return reader.all(...bindScalars(compiled, parameters as Record<string, Value>)) as R[];
    } catch (error) {
      throw describeReadError(error);
    }
  }

  one<R>(lookup: Lookup<R>, key: Key): R | undefined {
    return this.all(lookup.one, key)[0];
  }

  write(unit: readonly Write[]): Promise<UnitResult> {
    const isOfDeliveries = unit.every(({ statement }) => statement.ofDeliveries);
    return this.#writer.commit(
      unit.map((write) => this.#bind(write)),
      isOfDeliveries ? 'deliveries' : 'registry',
    );
  }

  version(): number {
    try {
      return this.#revisions.registry;
    } catch (error) {
      throw describeReadError(error);
    }
  }

  credentialRevision(): number {
    try {
      return this.#revisions.credentials;
    } catch (error) {
      throw describeReadError(error);
    }
  }

  refresh(): void {
    this.#snapshot.refresh();
  }

  warm(): void {
    this.#writer.warm();
    this.#compiler.warm();
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
    const values = bindScalars(compiled, write.parameters);
    return { sql: compiled.sql, values, changes: write.changes, returns: write.returns ?? false };
  }

  #compile<P, R>(statement: Statement<P, R>): CompiledStatement {
    let compiled = this.#compiled.get(statement);
    if (compiled === undefined) {
      compiled = this.#compiler.compile(statement);
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

/** Statements for this database have no lists. */
function bindScalars(compiled: CompiledStatement, parameters: Record<string, Value>): Scalar[] {
  return compiled.bind(parameters) as Scalar[];
}
