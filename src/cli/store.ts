/** The database and the master key as commands open them. */

import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { type Command, Option } from 'commander';
import { systemClock, systemIds } from '../clock.ts';
import {
  ConfigError,
  type DatabaseConfig,
  MASTER_KEY_MISSING,
  type Mode,
  parseStoreConfig,
  readEnv,
  type StoreConfig,
} from '../config.ts';
import { openDatabase } from '../context.ts';
import type { AccountsOptions } from '../registry/accounts.ts';
import type { Actor } from '../registry/audit.ts';
import { assertMasterKey } from '../registry/seal.ts';
import { DEV_KEY_FILE, isDevDatabase, makeDevFolder } from './dev-folder.ts';
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

/**
 * Opens the database of the settings.
 *
 * @param writer `thread` where many writes come at a time and are worth being grouped.
 * @throws `database_missing`, `storage_unusable`, or {@link ConfigError}.
 */
export async function openStore(command: Command, writer: 'thread' | 'inline' = 'inline'): Promise<Store> {
  const { database } = readStoreConfig(command);
  assertDatabaseExists(database);
  return createStore(database, writer);
}

/**
 * Opens the database and makes sure that the master key is the right one.
 *
 * @param missing what to do when there is no such database.
 * @throws `database_missing`, `storage_unusable`, `master_key_wrong`, `master_key_unusable`, or {@link ConfigError}.
 */
export async function openSealedStore(command: Command, missing: 'make' | 'refuse'): Promise<SealedStore> {
  const { database, masterKey } = readStoreConfig(command);
  if (missing === 'refuse') assertDatabaseExists(database);
  if (modeOf(command) === 'dev') return openDevStore(database, masterKey);
  if (masterKey === undefined) throw new ConfigError([MASTER_KEY_MISSING]);
  return openKeyedStore(database, masterKey);
}

/** @throws `storage_unusable`, `master_key_wrong`. */
export function openKeyedStore(config: DatabaseConfig, masterKey: Buffer): Promise<SealedStore> {
  return sealStore(config, undefined, async (store) => {
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
export async function openDevStore(config: DatabaseConfig, given: Buffer | undefined): Promise<SealedStore> {
  if (given === undefined || isDevDatabase(config)) makeDevFolder();
  if (given !== undefined) return openKeyedStore(config, given);
  const found = findMasterKeyFile(DEV_KEY_FILE);
  if (found === undefined && config.kind === 'sqlite' && databaseExists(config.path)) {
    throw new CliError(
      'master_key_unusable',
      `There is a database ${config.path}, but not the key ${DEV_KEY_FILE}`,
      'Restore the key, set JACKFIELD_MASTER_KEY to it, or remove the database to begin anew.',
    );
  }
  const key = found ?? makeMasterKeyFile(DEV_KEY_FILE);
  return sealStore(config, DEV_KEY_FILE, (store) => settleMasterKey(store.database, DEV_KEY_FILE, key));
}

/**
 * Where the database is, for commands that open it in a way of their own.
 *
 * @param missing whether it will be made when there is none, or left so, or is needed.
 * @throws `database_missing`, or {@link ConfigError}.
 */
export function readDatabaseConfig(command: Command, missing: 'make' | 'keep' | 'refuse'): DatabaseConfig {
  const { database } = readStoreConfig(command);
  if (missing === 'refuse') assertDatabaseExists(database);
  if (missing === 'make' && isDevDatabase(database)) makeDevFolder();
  return database;
}

/**
 * Where a database is that a flag names; without the flag it is that of the settings.
 *
 * @throws {@link ConfigError}
 */
export function readDatabaseUrl(flag: string, url: string | undefined): DatabaseConfig {
  const settings = readEnv();
  if (url === undefined) return parseStoreConfig('serve', settings).database;
  // The way past a pooler is that of the database of the settings.
  const given = { ...settings, databaseUrl: { by: flag, text: url }, databaseDirectUrl: undefined };
  return parseStoreConfig('serve', given).database;
}

function readStoreConfig(command: Command): StoreConfig {
  const mode = modeOf(command);
  return parseStoreConfig(mode, readSettings(command, mode));
}

function modeOf(command: Command): Mode {
  return command.getOptionValue('dev') === true ? 'dev' : 'serve';
}

async function sealStore(
  config: DatabaseConfig,
  keyFile: string | undefined,
  requireKey: (store: Store) => Promise<Buffer>,
): Promise<SealedStore> {
  const store = await createStore(config);
  try {
    return { ...store, masterKey: await requireKey(store), keyFile };
  } catch (error) {
    await store.database.close();
    throw error;
  }
}

async function createStore(config: DatabaseConfig, writer: 'thread' | 'inline' = 'inline'): Promise<Store> {
  const database = await openDatabase(config, writer);
  const close = () => database.close();
  return { database, clock: systemClock, ids: systemIds, by: describeUser(), [Symbol.asyncDispose]: close };
}

/** Whoever runs the command, as far as the system has a name for him. */
function describeUser(): Actor {
  try {
    return { actor: 'cli', user: userInfo().username };
  } catch {
    return { actor: 'cli' };
  }
}

function databaseExists(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** A file is not made by looking for it; a database server says itself when there is no such database. */
function assertDatabaseExists(config: DatabaseConfig): void {
  if (config.kind !== 'sqlite' || databaseExists(config.path)) return;
  throw new CliError(
    'database_missing',
    `There is no database ${config.path}`,
    'Name another with --database or JACKFIELD_DATABASE_URL; `jackfield account create` makes one.',
  );
}
