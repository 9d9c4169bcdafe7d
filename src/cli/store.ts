/** The database and the master key as commands open them. */

import { statSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { systemClock, systemIds } from '../clock.ts';
import { ConfigError, MASTER_KEY_MISSING, type Mode, parseStoreConfig, type StoreConfig } from '../config.ts';
import { openDatabase } from '../context.ts';
import type { AccountsOptions } from '../registry/accounts.ts';
import { assertMasterKey } from '../registry/seal.ts';
import { DEV_DATABASE, DEV_KEY_FILE, makeDevFolder } from './dev-folder.ts';
import { CliError } from './errors.ts';
import { findMasterKeyFile, makeMasterKeyFile, settleMasterKey } from './master-key-file.ts';
import { readSettings } from './setting-flags.ts';

/** An open database. */
export interface Store extends AccountsOptions, AsyncDisposable {}

/** An open database and the key under which its secrets are encrypted. */
export interface SealedStore extends Store {
  readonly masterKey: Buffer;
  /** The file of `jackfield dev` that the key came from. */
  readonly keyFile: string | undefined;
}

/** Gives a command the flags that say which database. */
export function addStoreFlags(command: Command): Command {
  return command
    .option('--database <url>', 'The database [JACKFIELD_DATABASE_URL] (default: sqlite:./jackfield.db)')
    .option(
      '--dev',
      'The database and master key of `jackfield dev`, in .jackfield/ unless settings say otherwise',
    );
}

/** Gives a command the flags that say which database and where its master key is. */
export function addSealedStoreFlags(command: Command): Command {
  const about = 'The file of its master key [JACKFIELD_MASTER_KEY, JACKFIELD_MASTER_KEY_FILE]';
  return addStoreFlags(command).addOption(new Option('--master-key-file <file>', about));
}

/** @throws `database_missing`, `storage_unusable`, or {@link ConfigError}. */
export async function openStore(command: Command): Promise<Store> {
  const { path } = readStoreConfig(command).database;
  assertDatabaseExists(path);
  return createStore(path);
}

/**
 * Opens the database and makes sure that the master key is the right one.
 *
 * @param missing what to do when there is no such database.
 * @throws `database_missing`, `storage_unusable`, `master_key_wrong`, `master_key_unusable`, or {@link ConfigError}.
 */
export async function openSealedStore(command: Command, missing: 'make' | 'refuse'): Promise<SealedStore> {
  const { database, masterKey } = readStoreConfig(command);
  if (missing === 'refuse') assertDatabaseExists(database.path);
  if (modeOf(command) === 'dev') return openDevStore(database.path, masterKey);
  if (masterKey === undefined) throw new ConfigError([MASTER_KEY_MISSING]);
  return openKeyedStore(database.path, masterKey);
}

/** @throws `storage_unusable`, `master_key_wrong`. */
export function openKeyedStore(path: string, masterKey: Buffer): Promise<SealedStore> {
  return sealStore(path, undefined, async (store) => {
    await assertMasterKey(store.database, masterKey);
    return masterKey;
  });
}

/**
 * Opens a database the way `jackfield dev` does, which makes what is not there: folder, master key, database.
 *
 * @param given the master key, when the settings have one.
 * @throws `storage_unusable`, `master_key_wrong`, `master_key_unusable`.
 */
export async function openDevStore(path: string, given: Buffer | undefined): Promise<SealedStore> {
  if (given === undefined || path === DEV_DATABASE) makeDevFolder();
  if (given !== undefined) return openKeyedStore(path, given);
  const found = findMasterKeyFile(DEV_KEY_FILE);
  if (found === undefined && databaseExists(path)) {
    throw new CliError(
      'master_key_unusable',
      `There is a database ${path}, but not the key ${DEV_KEY_FILE}`,
      'Restore the key, set JACKFIELD_MASTER_KEY to it, or remove the database to begin anew.',
    );
  }
  const key = found ?? makeMasterKeyFile(DEV_KEY_FILE);
  return sealStore(path, DEV_KEY_FILE, (store) => settleMasterKey(store.database, DEV_KEY_FILE, key));
}

function readStoreConfig(command: Command): StoreConfig {
  const mode = modeOf(command);
  return parseStoreConfig(mode, readSettings(command, mode));
}

function modeOf(command: Command): Mode {
  return command.getOptionValue('dev') === true ? 'dev' : 'serve';
}

async function sealStore(
  path: string,
  keyFile: string | undefined,
  requireKey: (store: Store) => Promise<Buffer>,
): Promise<SealedStore> {
  const store = await createStore(path);
  try {
    return { ...store, masterKey: await requireKey(store), keyFile };
  } catch (error) {
    await store.database.close();
    throw error;
  }
}

async function createStore(path: string): Promise<Store> {
  const database = await openDatabase(path, 'inline');
  const close = () => database.close();
  return { database, clock: systemClock, ids: systemIds, [Symbol.asyncDispose]: close };
}

function databaseExists(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function assertDatabaseExists(path: string): void {
  if (databaseExists(path)) return;
  throw new CliError(
    'database_missing',
    `There is no database ${path}`,
    'Name another with --database or JACKFIELD_DATABASE_URL; `jackfield account create` makes one.',
  );
}
