/** The one door for writes on PostgreSQL: one pipelined connection, and what arrives meanwhile is the next transaction. */

import { createHash } from 'node:crypto';
import { type Client, DatabaseError } from 'pg';
import { JackfieldError } from '../errors.ts';
import type { UnitResult } from './database.ts';
import { connectPipelined, type PostgresOptions } from './postgres-connection.ts';
import type { Value } from './statement.ts';

/** A statement of a unit in the words of PostgreSQL. */
export interface PostgresWrite {
  /** The name under which the server keeps it prepared; none behind a pooler. */
  readonly name: string | undefined;
  readonly text: string;
  readonly values: Value[];
  readonly changes: number | undefined;
  /** The account it belongs to; empty for what belongs to none. */
  readonly account: string;
  readonly inTurn: boolean;
  readonly returns: boolean;
}

type Unit = readonly PostgresWrite[];

interface Waiting {
  readonly unit: Unit;
  readonly resolve: (result: UnitResult) => void;
  readonly reject: (error: Error) => void;
}

/** Units in one transaction, at most; the locks of a batch are held until its end. */
const MAX_BATCH = 256;

/** How often a batch that other processes got in the way of is tried again. */
const MAX_TRIES = 5;

/** Classes and codes of PostgreSQL's Appendix A. */
const INTEGRITY_VIOLATION = '23';
const COLLISIONS: ReadonlySet<string> = new Set(['40001', '40P01']);

/** Commits units in groups; an answer waits for its commit. */
export class PostgresWriter {
  readonly #options: PostgresOptions;
  #client: Client | undefined;
  #queue: Waiting[] = [];
  #busy = false;
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(options: PostgresOptions) {
    this.#options = options;
  }

  commit(unit: Unit): Promise<UnitResult> {
    if (this.#drained !== undefined) return Promise.reject(unavailable('it is closed'));
    return new Promise((resolve, reject) => {
      this.#queue.push({ unit, resolve, reject });
      if (!this.#busy) void this.#drain();
    });
  }

  /** Commits what was taken, then gives up the connection. */
  async close(): Promise<void> {
    this.#drained ??= Promise.withResolvers();
    if (!this.#busy) this.#drained.resolve();
    await this.#drained.promise;
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    // What a whole turn of the event loop brings is one batch.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = sortByAccount(this.#queue.splice(0, MAX_BATCH));
      try {
        const results = await this.#commitBatch(batch.map(({ unit }) => unit));
        for (const [index, { resolve }] of batch.entries())
          resolve(results[index] ?? { ok: false, failed: -1 });
      } catch (error) {
        this.#forget(this.#client);
        for (const { reject } of batch) reject(unavailable((error as Error).message, error));
      }
    }
    this.#busy = false;
    this.#drained?.resolve();
  }

  async #commitBatch(units: readonly Unit[]): Promise<UnitResult[]> {
    for (let attempt = 1; ; attempt += 1) {
      this.#client ??= await connectPipelined(this.#options, (lost) => this.#forget(lost));
      const client = this.#client;
      try {
        return (await this.#tryTogether(client, units)) ?? (await this.#tryOneByOne(client, units));
      } catch (error) {
        if (!isCollision(error) || attempt === MAX_TRIES) throw error;
        await client.query('rollback');
      }
    }
  }

  /** All units in two round trips, as long as each of them holds: the statements, then the commit. */
  async #tryTogether(client: Client, units: readonly Unit[]): Promise<UnitResult[] | undefined> {
    const begun = this.#begin(client, units);
    const sent = units.map((unit) => unit.map((write) => send(client, write)));
    const [results] = await Promise.all([Promise.all(sent.map(settleUnit)), begun]);
    if (results.every(({ ok }) => ok)) {
      await client.query('commit');
      return results;
    }
    await client.query('rollback');
    return undefined;
  }

  /** The same units with a savepoint each, so that those that hold are committed without those that do not. */
  async #tryOneByOne(client: Client, units: readonly Unit[]): Promise<UnitResult[]> {
    await this.#begin(client, units);
    const results: UnitResult[] = [];
    for (const unit of units) {
      const marked = client.query('savepoint unit');
      const sent = unit.map((write) => send(client, write));
      const [result] = await Promise.all([settleUnit(sent), marked]);
      const undone = result.ok ? undefined : client.query('rollback to savepoint unit');
      await Promise.all([undone, client.query('release savepoint unit')]);
      results.push(result);
    }
    await client.query('commit');
    return results;
  }

  #begin(client: Client, units: readonly Unit[]): Promise<unknown> {
    const { pooled, statementTimeoutMs } = this.#options;
    const begun = client.query('begin');
    const bounded = pooled ? client.query(`set local statement_timeout = ${statementTimeoutMs}`) : undefined;
    const locked = findTurns(units).map((key) => client.query('select pg_advisory_xact_lock($1)', [key]));
    return Promise.all([begun, bounded, ...locked]);
  }

  /** After an error nobody knows in what state a connection is; the next batch gets another, if it has none yet. */
  #forget(client: Client | undefined): void {
    if (client === undefined || client !== this.#client) return;
    this.#client = undefined;
    client.end().catch(() => undefined);
  }
}

/**
 * The locks of the accounts whose transactions take turns: held from before the first row is touched until the commit,
 * and taken in one order by every process, so that numbers of a sequence are seen in their order.
 */
function findTurns(units: readonly Unit[]): string[] {
  const accounts = new Set<string>();
  for (const unit of units) for (const { account, inTurn } of unit) if (inTurn) accounts.add(account);
  const keys = Array.from(accounts, (account) =>
    createHash('sha256').update(`turn/${account}`).digest().readBigInt64BE(),
  );
  return keys.sort((a, b) => (a < b ? -1 : 1)).map(String);
}

interface Sent {
  readonly done: Promise<
    | { readonly ok: true; readonly changed: boolean; readonly rows: readonly unknown[] }
    | { readonly ok: false; readonly error: Error }
  >;
}

/** Sends a statement and takes its answer, right or wrong, so that nothing is left unheard. */
function send(client: Client, { name, text, values, changes, returns }: PostgresWrite): Sent {
  const query = name === undefined ? { text, values } : { name, text, values };
  const done = client.query(query).then(
    ({ rowCount, rows }) => {
      const changed = changes === undefined || rowCount === changes;
      return { ok: true, changed, rows: returns ? rows : [] } as const;
    },
    (error: Error) => ({ ok: false, error }) as const,
  );
  return { done };
}

/** @throws what is not the unit's own fault. */
async function settleUnit(sent: readonly Sent[]): Promise<UnitResult> {
  const outcomes = await Promise.all(sent.map(({ done }) => done));
  const rows: unknown[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.ok && outcome.changed) {
      rows.push(...outcome.rows);
      continue;
    }
    if (outcome.ok) return { ok: false, failed: index };
    if (isIntegrityViolation(outcome.error)) return { ok: false, failed: -1 };
    if (isAftermath(outcome.error)) return { ok: false, failed: -1 };
    throw outcome.error;
  }
  return rows.length === 0 ? { ok: true } : { ok: true, rows };
}

/** Units of one account stay in their order; that of accounts is the same in every process, so that none waits in a circle. */
function sortByAccount(batch: Waiting[]): Waiting[] {
  const accountOf = ({ unit }: Waiting) => unit.find(({ account }) => account !== '')?.account ?? '';
  return batch.sort((a, b) => (accountOf(a) < accountOf(b) ? -1 : accountOf(a) > accountOf(b) ? 1 : 0));
}

function codeOf(error: unknown): string {
  return error instanceof DatabaseError ? (error.code ?? '') : '';
}

function isIntegrityViolation(error: unknown): boolean {
  return codeOf(error).startsWith(INTEGRITY_VIOLATION);
}

/**
 * An earlier statement of the transaction failed, which that one tells: later ones are not run, and what they would
 * have prepared is not there for those behind them.
 */
function isAftermath(error: unknown): boolean {
  return codeOf(error) === '25P02' || codeOf(error) === '26000';
}

function isCollision(error: unknown): boolean {
  return COLLISIONS.has(codeOf(error));
}

function unavailable(reason: string, cause?: unknown): JackfieldError {
  return new JackfieldError('storage_unavailable', `The database did not take the write: ${reason}`, {
    retryAfter: 1,
    cause,
  });
}
