/** Puts what a backup holds into a database, all of it or nothing. */

import { JackfieldError } from '../errors.ts';
import { type BackupSection, type BackupTail, backupUnusable } from './backup-format.ts';
import { openBackup } from './backup-reading.ts';
import type { Loading, TableShape, Target } from './transfer.ts';

/** What is restored, and where. */
export interface RestoreOptions {
  readonly path: string;
  readonly target: Target;
  /** Lose what is in the target. */
  readonly replace: boolean;
}

/** What was restored. */
export interface RestoredBackup {
  readonly createdAt: string;
  readonly schema: string;
  readonly rows: Readonly<Record<string, number>>;
}

/**
 * Restores a backup. One of an older release comes into tables of its own time, which are then brought up to date.
 *
 * @throws `backup_unusable`, `database_not_empty`, `storage_unavailable`; nothing has changed then.
 */
export async function restoreBackup({ path, target, replace }: RestoreOptions): Promise<RestoredBackup> {
  const { head, parts } = await openBackup(path);
  const rows = await target.transact(async (loading) => {
    if (!replace) await assertEmpty(loading);
    const filling = new Filling(path, loading, await loading.reset(head.schema));
    for await (const part of parts()) {
      if ('section' in part) filling.begin(part.section);
      else if ('rows' in part) await filling.add(part.rows);
      else filling.end(part.tail);
    }
    filling.assertEnded();
    await loading.finish();
    return filling.counts;
  });
  return { createdAt: head.created_at, schema: head.schema, rows };
}

/** @throws `database_not_empty`. */
export async function assertEmpty(loading: Loading): Promise<void> {
  if (await loading.isEmpty()) return;
  throw new JackfieldError('database_not_empty', 'The database holds accounts; nothing was changed');
}

/** One pass through the tables of a backup. */
class Filling {
  readonly counts: Record<string, number> = {};
  readonly #path: string;
  readonly #loading: Loading;
  readonly #tables: readonly TableShape[];
  #table: TableShape | undefined;
  #ended = false;

  constructor(path: string, loading: Loading, tables: readonly TableShape[]) {
    this.#path = path;
    this.#loading = loading;
    this.#tables = tables;
  }

  /** Names in the file are only ever compared with those of the database. */
  begin({ table: name, columns }: BackupSection): void {
    const table = this.#tables.find((one) => one.name === name);
    const describe = (list: BackupSection['columns']) => list.map((one) => `${one.name} ${one.kind}`).join();
    if (table === undefined || describe(table.columns) !== describe(columns)) {
      throw backupUnusable(this.#path, `has a table ${name} that is other than its release knew it`);
    }
    if (this.counts[name] !== undefined) throw backupUnusable(this.#path, `has the table ${name} twice`);
    this.#table = table;
    this.counts[name] = 0;
  }

  async add(rows: Parameters<Loading['insert']>[1]): Promise<void> {
    const table = this.#table;
    if (table === undefined || this.#ended) throw backupUnusable(this.#path, 'has rows of no table');
    await this.#loading.insert(table, rows);
    this.counts[table.name] = (this.counts[table.name] ?? 0) + rows.length;
  }

  end({ rows }: BackupTail): void {
    const wrong = Object.keys({ ...rows, ...this.counts }).find((name) => rows[name] !== this.counts[name]);
    if (wrong !== undefined) throw backupUnusable(this.#path, `has not as many rows of ${wrong} as it says`);
    this.#ended = true;
  }

  assertEnded(): void {
    if (!this.#ended) throw backupUnusable(this.#path, 'has no end');
  }
}
