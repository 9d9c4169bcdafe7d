/** Writes a backup: under another name until it is whole and on disk. */

import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { JackfieldError } from '../errors.ts';
import {
  type BackupHead,
  type BackupSection,
  type BackupTail,
  composeSeal,
  FORMAT,
  FORMAT_VERSION,
} from './backup-format.ts';
import type { Source } from './transfer.ts';

/** Documents are much alike: this makes a twelfth of them at three times the speed of the usual level. */
const GZIP_LEVEL = 3;

/** What a backup is made of. */
export interface BackupOptions {
  readonly source: Source;
  readonly path: string;
  /** Takes the place of a file that is there. */
  readonly force: boolean;
  readonly createdAt: Date;
  readonly release: string;
}

/** What was written. */
export interface WrittenBackup {
  readonly bytes: number;
  readonly schema: string;
  readonly rows: Readonly<Record<string, number>>;
}

/**
 * Writes a backup; the file is there when it is whole, or not at all.
 *
 * @throws `file_exists`, `storage_unavailable`, the system's error.
 */
export async function writeBackup(options: BackupOptions): Promise<WrittenBackup> {
  const { path, force } = options;
  assertFree(path, force);
  const unfinished = `${path}.${randomBytes(4).toString('hex')}.part`;
  try {
    const written = await writeFile(unfinished, options);
    assertFree(path, force);
    await rename(unfinished, path);
    await syncFolder(dirname(path));
    return written;
  } catch (error) {
    await rm(unfinished, { force: true });
    // A full disk does not say by itself which file it was.
    if (error instanceof Error && 'syscall' in error && !('path' in error)) Object.assign(error, { path });
    throw error;
  }
}

function assertFree(path: string, force: boolean): void {
  if (force || !existsSync(path)) return;
  throw new JackfieldError('file_exists', `There is a file ${path} already`);
}

async function writeFile(path: string, options: BackupOptions): Promise<WrittenBackup> {
  const file = await open(path, 'wx', 0o600);
  try {
    const rows: Record<string, number> = {};
    const digest = createHash('sha256');
    let bytes = 0;
    await pipeline(
      Readable.from(composeLines(options, rows)),
      createGzip({ level: GZIP_LEVEL }),
      async (pieces) => {
        for await (const piece of pieces as AsyncIterable<Buffer>) {
          digest.update(piece);
          bytes += piece.length;
          await writeAll(file, piece);
        }
      },
    );
    const seal = composeSeal(digest.digest());
    await writeAll(file, seal);
    await file.sync();
    return { bytes: bytes + seal.length, schema: options.source.schema, rows };
  } finally {
    await file.close();
  }
}

/** All lines of the file, in pieces of many; counts rows on the way. */
async function* composeLines(
  { source, createdAt, release }: BackupOptions,
  rows: Record<string, number>,
): AsyncIterable<string> {
  const head: BackupHead = {
    format: FORMAT,
    version: FORMAT_VERSION,
    schema: source.schema,
    created_at: createdAt.toISOString(),
    release,
    database: source.kind,
  };
  yield line(head);
  for (const table of source.tables) {
    const section: BackupSection = { table: table.name, columns: table.columns };
    yield line(section);
    let count = 0;
    for await (const batch of source.read(table)) {
      count += batch.length;
      yield batch.map(line).join('');
    }
    rows[table.name] = count;
  }
  const tail: BackupTail = { rows };
  yield line(tail);
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  let at = 0;
  while (at < bytes.length) at += (await file.write(bytes, at)).bytesWritten;
}

/** The new name has to last as well as the bytes do. */
async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders, and keeps names by itself.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
