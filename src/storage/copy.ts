/** Copies one database into another, in batches, and says that it is done only when both hold the same. */

import { createHash } from 'node:crypto';
import { JackfieldError } from '../errors.ts';
import type { CopyProgress } from './copy-state.ts';
import { MIGRATION_NAMES } from './migration-names.ts';
import { assertEmpty } from './restore.ts';
import type { Source, TableShape, Target } from './transfer.ts';

/** What is copied, and where. */
export interface CopyOptions {
  readonly source: Source;
  readonly target: Target;
  /** Names the source, so that a copy goes on only from where it began. */
  readonly from: string;
  /** Lose what is in the target. */
  readonly replace: boolean;
  /** Opens the target to read what has come to it. */
  openCopy(): Promise<Source>;
  /** Called with how many rows of a table are there by now, and how many there will be. */
  onProgress(table: string, rows: number, total: number): void;
}

/** What came of it. */
export interface CopiedDatabase {
  /** Whether it went on with a copy that had been cut off. */
  readonly resumed: boolean;
  /** Rows that were copied now. */
  readonly copied: Readonly<Record<string, number>>;
  /** Rows there are on both sides, seen to be the same. */
  readonly rows: Readonly<Record<string, number>>;
}

/**
 * Copies all that is carried. The source may be in use: it is copied as it was when the copy began. Only a copy that
 * was cut off, and goes on after its source has changed, ends with `copy_differs`.
 *
 * @throws `database_not_empty`, `copy_impossible`, `copy_differs`, `storage_unavailable`. A target that is not whole
 *   is refused by whoever would use it.
 */
export async function copyDatabase(options: CopyOptions): Promise<CopiedDatabase> {
  const { source, target } = options;
  const latest = MIGRATION_NAMES.at(-1) ?? '';
  if (source.schema !== latest) {
    throw new JackfieldError('copy_impossible', `The source is of an earlier release (${source.schema})`, {
      fix: 'Bring it up to date with `jackfield migrate --database <url>`, then copy it.',
    });
  }
  const begun = await begin(options, latest);
  const copied: Record<string, number> = {};
  for (const table of source.tables) copied[table.name] = await copyTable(options, table, begun);
  const rows = await assertSame(options);
  await target.transact((loading) => loading.finish());
  return { resumed: begun !== undefined, copied, rows };
}

/** Empties the target, or answers how far a copy has come that was cut off. */
function begin({ target, from, replace }: CopyOptions, schema: string): Promise<CopyProgress | undefined> {
  return target.transact(async (loading) => {
    const progress = replace ? undefined : await loading.findCopy();
    if (progress?.source === from) return progress;
    if (progress !== undefined) {
      throw new JackfieldError('copy_impossible', `The target is half filled from ${progress.source}`, {
        fix: 'Go on with the copy from there, or begin anew with --replace.',
      });
    }
    if (!replace) await assertEmpty(loading);
    await loading.reset(schema);
    await loading.beginCopy(from);
    return undefined;
  });
}

async function copyTable(
  { source, target, onProgress }: CopyOptions,
  table: TableShape,
  begun: CopyProgress | undefined,
): Promise<number> {
  const total = await source.count(table);
  const before = begun?.tables.get(table.name);
  let there = before?.rows ?? 0;
  for await (const rows of source.read(table, before?.last)) {
    there += rows.length;
    await target.append(table, rows, there);
    onProgress(table.name, there, total);
  }
  return there - (before?.rows ?? 0);
}

/** @throws `copy_differs` naming the first table that is not the same on both sides. */
async function assertSame({ source, openCopy }: CopyOptions): Promise<Record<string, number>> {
  await using copy = await openCopy();
  const counts: Record<string, number> = {};
  for (const table of source.tables) {
    const [one, other] = await Promise.all([digestTable(source, table), digestTable(copy, table)]);
    if (one.digest !== other.digest) {
      throw new JackfieldError(
        'copy_differs',
        `The table ${table.name} has ${one.rows} rows in the source and ${other.rows} in the copy, or others`,
      );
    }
    counts[table.name] = one.rows;
  }
  return counts;
}

/** The number and the SHA-256 of the rows of a table in their order. */
async function digestTable(source: Source, table: TableShape): Promise<{ rows: number; digest: string }> {
  const hash = createHash('sha256');
  let count = 0;
  for await (const rows of source.read(table)) {
    for (const row of rows) hash.update(`${JSON.stringify(row)}\n`);
    count += rows.length;
  }
  return { rows: count, digest: hash.digest('hex') };
}
