/** Builds everything once, from the configuration; nothing beneath this file names it. */

import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Clock, type Ids, systemClock, systemIds } from './clock.ts';
import type { Config, DatabaseConfig } from './config.ts';
import { JackfieldError } from './errors.ts';
import type { Log } from './logger.ts';
import { ApplicationKeys } from './registry/application-keys.ts';
import { Applications } from './registry/applications.ts';
import { Credentials } from './registry/credentials.ts';
import { KeyPool } from './registry/key-pool.ts';
import { assertMasterKey } from './registry/seal.ts';
import { SharedRates } from './registry/shared-rates.ts';
import { type Taken, TokenBuckets } from './registry/token-bucket.ts';
import type { Database } from './storage/database.ts';
import { openSqlite } from './storage/sqlite.ts';

/** What takes a request off an account's limit. */
interface Rates {
  take(account: string, now: number): Taken;
  close?(): Promise<void>;
}

/** What a running server consists of, beneath HTTP. */
export interface Context extends AsyncDisposable {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly database: Database;
  readonly applications: Applications;
  readonly applicationKeys: ApplicationKeys;
  readonly credentials: Credentials;
  /** The requests each account may make; undefined when there is no limit. */
  readonly rates: Rates | undefined;
  /** The public keys each client address may ask for without credentials; undefined when there is no limit. */
  readonly publicRates: TokenBuckets | undefined;
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
  const rates = createRates(perSecond, { database, clock, ids });
  const close = async () => {
    keys.close();
    await rates?.close?.();
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
    applicationKeys: new ApplicationKeys({ database, keys, clock, graceMs: config.keyGraceMs }),
    credentials: new Credentials({ database, failuresPerMinute }),
    rates,
    publicRates: perSecond === 0 ? undefined : new TokenBuckets(perSecond, perSecond),
    [Symbol.asyncDispose]: close,
  };
}

/** Several processes share a limit where they share a PostgreSQL; beside a file each counts for itself. */
function createRates(
  perSecond: number,
  { database, clock, ids }: Pick<Context, 'database' | 'clock' | 'ids'>,
): Rates | undefined {
  if (perSecond === 0) return undefined;
  if (!database.paysRoundTrips) return new TokenBuckets(perSecond, perSecond);
  const shared = new SharedRates({ database, clock, process: ids.uuid(), perSecond });
  shared.start();
  return shared;
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
  makeFolder(dirname(absolute));
  return openSqlite({ path: absolute, writer });
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new JackfieldError(
      'storage_unusable',
      `The folder ${folder} of the database cannot be made (${code})`,
      {
        fix: 'Look at what stands in its place and at the rights around it, or name another file in JACKFIELD_DATABASE_URL.',
        cause,
      },
    );
  }
}
