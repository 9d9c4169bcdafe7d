/** Builds everything once, from the configuration; nothing beneath this file names it. */

import { resolve } from 'node:path';
import { type Clock, type Ids, systemClock, systemIds } from './clock.ts';
import type { Config, DatabaseConfig } from './config.ts';
import type { Log } from './logger.ts';
import { Applications } from './registry/applications.ts';
import { Credentials } from './registry/credentials.ts';
import { KeyPool } from './registry/key-pool.ts';
import { assertMasterKey } from './registry/seal.ts';
import { TokenBuckets } from './registry/token-bucket.ts';
import type { Database } from './storage/database.ts';
import { makeDatabaseFolder } from './storage/database-folder.ts';
import { openSqlite } from './storage/sqlite.ts';

/** What a running server consists of, beneath HTTP. */
export interface Context extends AsyncDisposable {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly database: Database;
  readonly applications: Applications;
  readonly credentials: Credentials;
  /** The requests each account may make; undefined when there is no limit. */
  readonly rates: TokenBuckets | undefined;
  readonly keys: KeyPool;
}

/** What tests replace. */
export interface ContextOverrides {
  readonly clock?: Clock;
  readonly ids?: Ids;
}

/**
 * Opens the database and builds what works on it.
 *
 * @throws `storage_unusable`, `master_key_wrong`; nothing is left open then.
 */
export async function openContext(
  config: Config,
  log: Log,
  overrides: ContextOverrides = {},
): Promise<Context> {
  const clock = overrides.clock ?? systemClock;
  const ids = overrides.ids ?? systemIds;
  const database = await openDatabase(config.database, 'thread');
  try {
    if (config.masterKey !== undefined) await assertMasterKey(database, config.masterKey);
  } catch (error) {
    await database.close();
    throw error;
  }
  const keys = new KeyPool(config.keys);
  const { perSecond, failuresPerMinute } = config.limits;
  const close = async () => {
    keys.close();
    await database.close();
  };
  return {
    config,
    log,
    clock,
    ids,
    database,
    keys,
    applications: new Applications({ database, keys, clock, ids }),
    credentials: new Credentials({ database, failuresPerMinute }),
    rates: perSecond === 0 ? undefined : new TokenBuckets(perSecond, perSecond),
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Opens a database; for a file the folder it stands in is made.
 *
 * @param writer `thread` for servers, `inline` for commands; PostgreSQL has one way for both.
 * @throws `storage_unusable`.
 */
export async function openDatabase(config: DatabaseConfig, writer: 'thread' | 'inline'): Promise<Database> {
  if (config.kind === 'postgres') {
    // Loaded only where it is used: the driver takes 30 ms and 4 MB of every start.
    const { openPostgres } = await import('./storage/postgres.ts');
    return openPostgres(config);
  }
  const absolute = resolve(config.path);
  makeDatabaseFolder(absolute);
  return openSqlite({ path: absolute, writer });
}
