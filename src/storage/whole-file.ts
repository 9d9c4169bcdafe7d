/** Writes files that are there when they are whole and on disk, or not at all. */

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { JackfieldError } from '../errors.ts';

/** Writes the next bytes. */
export type WritePiece = (bytes: Uint8Array) => Promise<void>;

/**
 * Writes a file that nobody else may read, under another name beside its own until it is whole.
 *
 * @param force takes the place of a file that is there.
 * @throws `file_exists`, what `compose` throws, the system's error with the path; nothing is left then.
 */
export async function writeWholeFile<T>(
  path: string,
  force: boolean,
  compose: (write: WritePiece) => Promise<T>,
): Promise<T> {
  assertFree(path, force);
  const unfinished = `${path}.${randomBytes(4).toString('hex')}.part`;
  try {
    const result = await writeFile(unfinished, compose);
    assertFree(path, force);
    await rename(unfinished, path);
    await syncFolder(dirname(path));
    return result;
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

async function writeFile<T>(path: string, compose: (write: WritePiece) => Promise<T>): Promise<T> {
  const file = await open(path, 'wx', 0o600);
  try {
    const result = await compose((bytes) => writeAll(file, bytes));
    await file.sync();
    return result;
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
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
