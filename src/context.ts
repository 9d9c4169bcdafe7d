/** Builds everything once, from the configuration; nothing beneath this file names it. */

import { resolve } from 'node:path';
import {
  type Chance,
  type Clock,
  type Ids,
  systemChance,
  systemClock,
  systemIds,
  systemTimers,
  type Timers,
} from './clock.ts';
import type { Config, DatabaseConfig } from './config.ts';
import type { Sender } from './delivery/attempt.ts';
import { Bell } from './delivery/bell.ts';
import { Courier } from './delivery/courier.ts';
import { Deliveries } from './delivery/deliveries.ts';
import type { Log } from './logger.ts';
import { ApplicationKeys } from './registry/application-keys.ts';
import { Applications } from './registry/applications.ts';
import { Credentials } from './registry/credentials.ts';
import { IdempotencyCleaning } from './registry/idempotency-cleaning.ts';
import { KeyPool } from './registry/key-pool.ts';
import { assertMasterKey } from './registry/seal.ts';
import { SharedRates } from './registry/shared-rates.ts';
import { SignatureKeys } from './registry/signature-keys.ts';
import { type Taken, TokenBuckets } from './registry/token-bucket.ts';
import type { Database } from './storage/database.ts';
import { makeDatabaseFolder } from './storage/database-folder.ts';
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
  readonly deliveries: Deliveries;
  /** Delivers what was accepted, once it is started. */
  readonly courier: Courier;
  /** Forgets what is remembered of creates with an `Idempotency-Key` when its time has come. */
  readonly cleaning: IdempotencyCleaning;
}

/** What tests replace. */
export interface ContextOverrides {
  readonly clock?: Clock;
  readonly ids?: Ids;
  readonly timers?: Timers;
  readonly chance?: Chance;
}

/**
 * Opens the database and builds what works on it.
 *
 * @throws `storage_unusable`, `master_key_wrong`; nothing is left open then.
 */
export async function openContext(
  config: Config,
  log: Log,
  version: string,
  overrides: ContextOverrides = {},
): Promise<Context> {
  const clock = overrides.clock ?? systemClock;
  const ids = overrides.ids ?? systemIds;
  const database = await openChecked(config);
  const keys = new KeyPool(config.keys);
  const { perSecond, failuresPerMinute } = config.limits;
  const rates = createRates(perSecond, { database, clock, ids });
  const delivery = createDelivery({ config, log, version, database, clock, ids, overrides });
  const cleaning = createCleaning(log, { database, clock });
  const close = async () => {
    keys.close();
    await cleaning.close();
    await rates?.close?.();
    await delivery.courier.stop(config.http.shutdownGraceMs);
    await database.close();
  };
  return {
    config,
    log,
    clock,
    ids,
    database,
    keys,
    ...delivery,
    cleaning,
    applications: new Applications({ database, keys, clock, ids, masterKey: config.masterKey }),
    applicationKeys: new ApplicationKeys({ database, keys, clock, graceMs: config.keyGraceMs }),
    credentials: new Credentials({ database, failuresPerMinute }),
    rates,
    publicRates: perSecond === 0 ? undefined : new TokenBuckets(perSecond, perSecond),
    [Symbol.asyncDispose]: close,
  };
}

/** Opens the database of a server, and closes it again when the master key is not the one it was made with. */
async function openChecked({ database: place, masterKey }: Config): Promise<Database> {
  const database = await openDatabase(place, 'thread');
  try {
    if (masterKey !== undefined) await assertMasterKey(database, masterKey);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

function createCleaning({ logger }: Log, options: Pick<Context, 'database' | 'clock'>): IdempotencyCleaning {
  const report = (error: unknown) =>
    logger.warn({ err: error }, 'what idempotency keys left behind was not removed');
  return new IdempotencyCleaning({ ...options, report });
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

/** Builds what delivers; the engine itself and all that makes calls come when something is queued. */
function createDelivery({
  config,
  log,
  version,
  database,
  clock,
  ids,
  overrides,
}: Pick<Context, 'config' | 'log' | 'database' | 'clock' | 'ids'> & {
  readonly version: string;
  readonly overrides: ContextOverrides;
}): Pick<Context, 'deliveries' | 'courier'> {
  const timers = overrides.timers ?? systemTimers;
  const bell = new Bell(timers);
  const { masterKey, webhooks } = config;
  const keys = masterKey && new SignatureKeys({ database, clock, masterKey });
  const shared = { database, clock, ids, bell, bodies: webhooks.bodies };
  const courier = new Courier({
    ...shared,
    timers,
    chance: overrides.chance ?? systemChance,
    logger: log.logger,
    retentionDays: webhooks.retentionDays,
    version,
    issuer: webhooks.signatureIssuer,
    findSignatureKey: keys && ((account) => keys.find(account)),
    openSender: () => openSender(config, clock),
  });
  return { courier, deliveries: new Deliveries({ ...shared, courier }) };
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

/** What makes calls is loaded when the first is made. */
async function openSender(config: Config, clock: Clock): Promise<Sender> {
  const [{ Sender }, { createEgressRules }] = await Promise.all([
    import('./delivery/send.ts'),
    import('./domain/egress-rules.ts'),
  ]);
  const mode = config.mode === 'dev' ? 'local' : 'public';
  return new Sender({ rules: createEgressRules(mode, config.webhooks.egressAllow), clock });
}
