/** The database on PostgreSQL: a pool reads, a writer writes, and what others wrote is asked for twice a second. */

import { hash } from 'node:crypto';
import { DummyDriver, Kysely, PostgresAdapter, PostgresQueryCompiler, sql } from 'kysely';
import { DatabaseError, type Pool } from 'pg';
import { JackfieldError } from '../errors.ts';
import type { Database, Key, UnitResult, Write } from './database.ts';
import { KeyGathering } from './key-gathering.ts';
import { openPool, type PostgresOptions } from './postgres-connection.ts';
import { preparePostgres, sha256 } from './postgres-opening.ts';
import { CHANNEL, PostgresRevision } from './postgres-revision.ts';
import { type PostgresWrite, PostgresWriter } from './postgres-writer.ts';
import {
  type Builder,
  type CompiledStatement,
  compileStatement,
  compileText,
  createUndrivenBuilder,
  type Lookup,
  type Statement,
  type Value,
  type Words,
} from './statement.ts';

export type { PostgresOptions } from './postgres-connection.ts';

/**
 * Opens a PostgreSQL database and brings it up to date.
 *
 * @throws `storage_unusable` when it cannot be reached, is too old, has another encoding than UTF-8, is newer than this release, or rights are missing.
 */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  await preparePostgres(options);
  const database = new PostgresDatabase(options);
  await database.start();
  return database;
}

/** Tells every process that listens; those that do not ask soon anyway. */
const NOTIFY: PostgresWrite = {
  name: undefined,
  text: `notify ${CHANNEL}`,
  values: [],
  changes: undefined,
  account: '',
  inTurn: false,
  returns: false,
};

interface Prepared extends CompiledStatement {
  readonly name: string | undefined;
}

class PostgresDatabase implements Database {
  readonly paysRoundTrips = true;
  readonly #builder = createBuilder();
  readonly #prepared = new Map<unknown, Prepared>();
  readonly #gatherings = new Map<unknown, unknown>();
  readonly #options: PostgresOptions;
  readonly #pool: Pool;
  readonly #writer: PostgresWriter;
  readonly #revision: PostgresRevision;

  constructor(options: PostgresOptions) {
    this.#options = options;
    this.#pool = openPool(options);
    this.#revision = new PostgresRevision(options, this.#pool);
    this.#writer = new PostgresWriter(options);
  }

  start(): Promise<void> {
    return this.#revision.start();
  }

  async all<P, R>(statement: Statement<P, R>, parameters: P): Promise<R[]> {
    const { name, sql: text, bind } = this.#prepare(statement);
    const values = bind(parameters as Record<string, Value>);
    if (values.some(holdsNul)) return [];
    try {
      const query = name === undefined ? { text, values } : { name, text, values };
      return (await this.#pool.query(query)).rows as R[];
    } catch (error) {
      if (isOwnFault(error)) throw error;
      throw new JackfieldError(
        'storage_unavailable',
        `The database did not answer: ${(error as Error).message}`,
        { retryAfter: 1, cause: error },
      );
    }
  }

  one<R>(lookup: Lookup<R>, key: Key): Promise<R | undefined> {
    // One of many would take the others with it.
    if (holdsNul(key.id)) return Promise.resolve(undefined);
    let gathering = this.#gatherings.get(lookup) as KeyGathering<R> | undefined;
    if (gathering === undefined) {
      gathering = new KeyGathering((account, ids) => this.all(lookup.many, { account, ids }));
      this.#gatherings.set(lookup, gathering);
    }
    return gathering.find(key);
  }

  async write(unit: readonly Write[]): Promise<UnitResult> {
    const bound = unit.map((write) => this.#bind(write));
    const unwritable = bound.findIndex(({ values }) => values.some(holdsNul));
    if (unwritable >= 0) return { ok: false, failed: unwritable };
    if (!unit.some(({ statement }) => statement.tells === 'credentials')) return this.#writer.commit(bound);
    const result = await this.#writer.commit([...bound, NOTIFY]);
    await this.#revision.refresh();
    return result;
  }

  /** Other processes write too, and who was answered by one of them may ask here: nothing is kept. */
  version(): number {
    return Number.NaN;
  }

  credentialRevision(): number {
    return this.#revision.current;
  }

  /** Each query sees what is committed by then. */
  refresh(): void {}

  /** The builder came with this file. */
  warm(): void {}

  async close(): Promise<void> {
    await this.#revision.close();
    await this.#writer.close();
    if (!this.#pool.ended) await this.#pool.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #bind({ statement, parameters, changes, returns = false }: Write): PostgresWrite {
    const { name, sql: text, bind } = this.#prepare(statement);
    const { account = '' } = parameters;
    const { inTurn = false } = statement;
    return { name, text, values: bind(parameters), changes, account: String(account), inTurn, returns };
  }

  #prepare<P, R>(statement: Statement<P, R>): Prepared {
    const known = this.#prepared.get(statement);
    if (known !== undefined) return known;
    const { text } = statement;
    const compiled =
      text === undefined
        ? compileStatement(statement, this.#builder)
        : compileText(text, (number) => `$${number}`);
    // The same name for the same text in every process, so that nothing collides where connections are shared.
    const name = this.#options.pooled ? undefined : hash('sha256', compiled.sql, 'base64url').slice(0, 24);
    const prepared = { ...compiled, name };
    this.#prepared.set(statement, prepared);
    return prepared;
  }
}

/** Classes of PostgreSQL's Appendix A that tell of the server's state: connection, transaction, resources, operators. */
const STATE_OF_SERVER = /^(08|25|40|53|55|57|58)/;

/** Whether the database understood us and says that what we ask for is wrong. */
function isOwnFault(error: unknown): boolean {
  return error instanceof DatabaseError && !STATE_OF_SERVER.test(error.code ?? '');
}

/** Texts of PostgreSQL hold no NUL: what is asked for by one is not there, and nothing can be written of it. */
function holdsNul(value: Value): boolean {
  if (typeof value === 'string') return value.includes('\0');
  return Array.isArray(value) && value.some(holdsNul);
}

function createBuilder(): Builder {
  const db = createUndrivenBuilder(
    { DummyDriver, Kysely },
    { createAdapter: () => new PostgresAdapter(), createQueryCompiler: () => new PostgresQueryCompiler() },
  );
  const joined: Words['joined'] = (column, order) =>
    sql<Uint8Array | null>`convert_to(string_agg(${sql.ref(column)}, ',' order by ${sql.ref(order)}), 'UTF8')`;
  const words: Words = {
    sql,
    joined,
    bytes: sql`bytea`,
    nextAccountNumber: sql<number>`nextval('account_numbers')`,
    byPosition: sql``,
    sha256,
    skipLocked: sql`for update skip locked`,
    // As text each of them would be decoded by the server, and one that it cannot decode would fail the batch.
    handedOver: (bytes) => sql<Uint8Array>`${bytes}`,
  };
  return { db, words };
}
