/** The file of the master key that `jackfield dev` makes for itself. */

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { JackfieldError } from '../errors.ts';
import { assertMasterKey } from '../registry/seal.ts';
import { SETTINGS } from '../settings.ts';
import type { Database } from '../storage/database.ts';
import { CliError } from './errors.ts';

/** @throws `master_key_unusable`; answers undefined when there is no such file. */
export function findMasterKeyFile(path: string): Buffer | undefined {
  try {
    return SETTINGS.masterKey.parse(readFileSync(path, 'utf8').trim());
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new CliError(
      'master_key_unusable',
      code === undefined ? `${path} must hold ${message}` : `${path} cannot be read (${code})`,
      `Restore ${path}, or remove the folder ${dirname(path)} to begin anew.`,
    );
  }
}

/** Makes the file with a new key, whole or not at all; of several processes that do so at once all get the same key. */
export function makeMasterKeyFile(path: string): Buffer {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  writeMasterKeyFile(draft, randomBytes(32));
  try {
    publish(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  syncFolder(path);
  const key = findMasterKeyFile(path);
  if (key === undefined) throw new CliError('master_key_unusable', `${path} is gone again`);
  return key;
}

/**
 * Finds the key of a database: the one in the file, or the one beside it when a rotation was cut short
 * between the database and the file; it then takes its place.
 *
 * @throws `master_key_wrong`, `master_key_unusable`.
 */
export async function settleMasterKey(database: Database, path: string, key: Buffer): Promise<Buffer> {
  if (await isMasterKey(database, key)) return key;
  const next = findMasterKeyFile(nextOf(path));
  if (next === undefined || !(await isMasterKey(database, next))) {
    throw new CliError(
      'master_key_wrong',
      `${path} is not the key this database was made with`,
      `Restore the key, set ${SETTINGS.masterKey.name} to it, or use another database.`,
    );
  }
  promote(path, next);
  return next;
}

/** A database, the key it has and the one it gets. */
export interface MasterKeyChange {
  readonly database: Database;
  readonly from: Buffer;
  readonly to: Buffer;
}

/**
 * Replaces the key in the file and in the database so that, wherever it is cut short, one of the two
 * files holds the key of the database: the new one is written beside, `commit` changes the database,
 * and then the new one takes the place of the old one.
 *
 * @throws `rotation_under_way`, and what `commit` throws; the old key stays then, and beside it the new one where
 *   nobody knows which of the two the database has.
 */
export async function replaceMasterKeyFile<T>(
  path: string,
  { database, from, to }: MasterKeyChange,
  commit: () => Promise<T>,
): Promise<T> {
  const next = nextOf(path);
  try {
    writeMasterKeyFile(next, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new CliError(
      'rotation_under_way',
      `${next} is there: the master key is being rotated, or a rotation was cut short`,
      `If no other rotation runs, remove ${next} and run the command again; ${path} holds the key in use.`,
    );
  }
  syncFolder(path);
  let result: T;
  try {
    result = await commit();
  } catch (error) {
    if (await isMasterKey(database, from).catch(() => false)) rmSync(next, { force: true });
    throw error;
  }
  promote(path, to);
  return result;
}

/** Lets the new key take the place of the old one, unless another process has done so already. */
function promote(path: string, next: Buffer): void {
  try {
    renameSync(nextOf(path), path);
  } catch (error) {
    const isDone =
      (error as NodeJS.ErrnoException).code === 'ENOENT' && findMasterKeyFile(path)?.equals(next);
    if (!isDone) throw error;
  }
  syncFolder(path);
}

function nextOf(path: string): string {
  return `${path}.next`;
}

async function isMasterKey(database: Database, key: Buffer): Promise<boolean> {
  try {
    await assertMasterKey(database, key);
    return true;
  } catch (error) {
    if (error instanceof JackfieldError && error.code === 'master_key_wrong') return false;
    throw error;
  }
}

/** Writes a file that nobody else may read and that is on disk when this returns; there must be none. */
function writeMasterKeyFile(path: string, key: Buffer): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, `${key.toString('hex')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Gives a whole file its name, if nobody was first. */
function publish(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    // File systems without hard links, such as those of memory cards.
    copyFileSync(draft, path, constants.COPYFILE_EXCL);
  }
}

/** Makes a new name in a folder last through a power cut; Windows does it by itself and knows no such call. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
