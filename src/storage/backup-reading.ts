/** Reads a backup: first whether it is whole and unchanged, then what is in it. */

import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import {
  type BackupHead,
  type BackupSection,
  type BackupTail,
  backupUnusable,
  composeSeal,
  FORMAT,
  FORMAT_VERSION,
  SEAL_BYTES,
} from './backup-format.ts';
import { splitLines } from './lines.ts';
import { MIGRATION_NAMES } from './migration-names.ts';
import { Batch, type Column, type Row } from './transfer.ts';

/** Far above any row: an application has 256 KiB at most. */
const MAX_LINE_CHARACTERS = 64 * 1024 * 1024;

/** What comes behind the head, in the order of the file. */
type BackupPart =
  | { readonly section: BackupSection }
  | { readonly rows: Row[] }
  | { readonly tail: BackupTail };

/** A backup that is whole and that this release can restore. */
export interface ReadableBackup {
  readonly head: BackupHead;
  parts(): AsyncIterable<BackupPart>;
}

/**
 * Reads all of a file once to see that not one bit of it is missing or other than it was written.
 *
 * @throws `backup_unusable`; the system's error when there is no such file.
 */
export async function openBackup(path: string): Promise<ReadableBackup> {
  const end = await assertWhole(path);
  const head = await readHead(path, end);
  return { head, parts: () => readParts(path, end) };
}

/** Answers how many bytes there are before the seal. */
async function assertWhole(path: string): Promise<number> {
  const file = await open(path, 'r');
  try {
    const stat = await file.stat();
    await assertGzip(path, file, stat);
    const end = stat.size - SEAL_BYTES;
    const digest = createHash('sha256');
    for await (const piece of file.createReadStream({ start: 0, end: end - 1, autoClose: false })) {
      digest.update(piece);
    }
    const seal = Buffer.alloc(SEAL_BYTES);
    await file.read(seal, 0, SEAL_BYTES, end);
    if (seal.equals(composeSeal(digest.digest()))) return end;
    throw backupUnusable(
      path,
      'is not whole, or was altered: its checksum is not the one that it was written with',
    );
  } finally {
    await file.close();
  }
}

async function assertGzip(path: string, file: FileHandle, stat: Stats): Promise<void> {
  if (!stat.isFile()) throw backupUnusable(path, 'is no file');
  const mark = Buffer.alloc(2);
  await file.read(mark, 0, mark.length, 0);
  if (mark.equals(Buffer.of(0x1f, 0x8b)) && stat.size > SEAL_BYTES) return;
  throw backupUnusable(path, 'is no backup of Jackfield', 'Name a file that `jackfield backup` wrote.');
}

async function readHead(path: string, end: number): Promise<BackupHead> {
  for await (const line of linesOf(path, end)) {
    const head = parseLine(path, line) as Partial<BackupHead> | null;
    if (head?.format !== FORMAT) break;
    const { version = 0, schema = '', release = '?' } = head;
    if (version > FORMAT_VERSION || !(MIGRATION_NAMES as readonly string[]).includes(schema)) {
      throw backupUnusable(
        path,
        `was written by a newer release (${release}, whose tables are those of ${schema})`,
        'Restore it with that release or a later one.',
      );
    }
    return head as BackupHead;
  }
  throw backupUnusable(path, 'is no backup of Jackfield', 'Name a file that `jackfield backup` wrote.');
}

async function* readParts(path: string, end: number): AsyncIterable<BackupPart> {
  const batch = new Batch();
  let columns: readonly Column[] = [];
  let isHead = true;
  for await (const line of linesOf(path, end)) {
    const value = parseLine(path, line);
    if (isHead) isHead = false;
    else if (Array.isArray(value)) {
      const full = batch.add(assertRow(path, columns, value));
      if (full !== undefined) yield { rows: full };
    } else {
      const rest = batch.take();
      if (rest !== undefined) yield { rows: rest };
      const part = presentPart(path, value);
      if ('section' in part) columns = part.section.columns;
      yield part;
    }
  }
}

function presentPart(path: string, value: unknown): BackupPart {
  if (typeof value === 'object' && value !== null) {
    if ('table' in value) return { section: value as BackupSection };
    if ('rows' in value) return { tail: value as BackupTail };
  }
  throw backupUnusable(path, 'has a line that is none of a backup');
}

/** The checksum says that the file is as it was written, not that a release of ours wrote it. */
function assertRow(path: string, columns: readonly Column[], row: readonly unknown[]): Row {
  const fits = columns.every(({ kind }, index) => {
    const cell = row[index];
    return cell === null || (typeof cell === 'string' && (kind !== 'integer' || /^-?\d+$/.test(cell)));
  });
  if (fits && row.length === columns.length) return row as Row;
  throw backupUnusable(path, 'has a row that does not fit its table');
}

function parseLine(path: string, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw backupUnusable(path, 'has a line that is no JSON');
  }
}

async function* linesOf(path: string, end: number): AsyncIterable<string> {
  const file = createReadStream(path, { end: end - 1 });
  const plain = createGunzip();
  file.on('error', (error) => plain.destroy(error));
  try {
    yield* splitLines(file.pipe(plain), MAX_LINE_CHARACTERS);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!(error instanceof RangeError) && !code.startsWith('Z_')) throw error;
    throw backupUnusable(path, `cannot be read: ${(error as Error).message}`);
  } finally {
    file.destroy();
    plain.destroy();
  }
}
