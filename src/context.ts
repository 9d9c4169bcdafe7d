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
import { Bell } from './delivery/bell.ts';
import { Courier } from './delivery/courier.ts';
import type { Deliveries } from './delivery/deliveries.ts';
import type { Sender } from './delivery/send.ts';
import { onFirstUse } from './first-use.ts';
import type { Log } from './logger.ts';
import type { ApplicationKeys } from './registry/application-keys.ts';
import { Applications } from './registry/applications.ts';
import { Credentials } from './registry/credentials.ts';
import { IdempotencyCleaning } from './registry/idempotency-cleaning.ts';
import { KeyPool } from './registry/key-pool.ts';
import { assertMasterKey } from './registry/seal.ts';
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
  /** The use cases of keys and tokens. */
  readonly loadApplicationKeys: () => Promise<ApplicationKeys>;
  readonly credentials: Credentials;
  /** The requests each account may make; undefined when there is no limit. */
  readonly rates: Rates | undefined;
  /** The public keys each client address may ask for without credentials; undefined when there is no limit. */
  readonly publicRates: TokenBuckets | undefined;
  readonly keys: KeyPool;
  /** The use cases of deliveries. */
  readonly loadDeliveries: () => Promise<Deliveries>;
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
  const createRates = await loadRates(config);
  const database = await openCheckedDatabase(config);
  const keys = new KeyPool(config.keys);
  const { perSecond, failuresPerMinute } = config.limits;
  const rates = createRates({ database, clock, ids });
  const delivery = createDelivery({ config, log, version, database, clock, ids, overrides });
  const cleaning = createCleaning(log, { database, clock });
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
    loadApplicationKeys: onFirstUse(async () => {
      const { ApplicationKeys } = await import('./registry/application-keys.ts');
      return new ApplicationKeys({ database, keys, clock, graceMs: config.keyGraceMs });
    }),
    credentials: new Credentials({ database, failuresPerMinute }),
    rates,
    publicRates: perSecond === 0 ? undefined : new TokenBuckets(perSecond, perSecond),
    [Symbol.asyncDispose]: async () => {
      keys.close();
      await cleaning.close();
      await rates?.close?.();
      await delivery.courier.stop(config.http.shutdownGraceMs);
      await database.close();
    },
  };
}

/** A database whose secrets are encrypted under the key that is configured. */
async function openCheckedDatabase({ database: address, masterKey }: Config): Promise<Database> {
  const database = await openDatabase(address, 'thread');
  try {
    if (masterKey !== undefined) await assertMasterKey(database, masterKey);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

function createCleaning({ logger }: Log, options: Pick<Context, 'database' | 'clock'>): IdempotencyCleaning {
  const report = (error: unknown) =>
    logger.warn({ err: error }, 'what idempotency keys left behind was not removed');
  return new IdempotencyCleaning({ ...options, report });
}

/** Several processes share a limit where they share a PostgreSQL; beside a file each counts for itself. */
async function loadRates({
  database: { kind },
  limits: { perSecond },
}: Config): Promise<(parts: Pick<Context, 'database' | 'clock' | 'ids'>) => Rates | undefined> {
  if (perSecond === 0) return () => undefined;
  if (kind !== 'postgres') return () => new TokenBuckets(perSecond, perSecond);
  const { SharedRates } = await import('./registry/shared-rates.ts');
  return ({ database, clock, ids }) => {
    const shared = new SharedRates({ database, clock, process: ids.uuid(), perSecond });
    shared.start();
    return shared;
  };
}

/** Builds what delivers; use cases come with the first request, the engine and all that makes calls when something is queued. */
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
}): Pick<Context, 'loadDeliveries' | 'courier'> {
  const timers = overrides.timers ?? systemTimers;
  const bell = new Bell(timers);
  const { masterKey, webhooks } = config;
  const shared = { database, clock, ids, bell, bodies: webhooks.bodies };
  const courier = new Courier({
    ...shared,
    timers,
    chance: overrides.chance ?? systemChance,
    logger: log.logger,
    retentionDays: webhooks.retentionDays,
    version,
    issuer: webhooks.signatureIssuer,
    openSigning:
      masterKey &&
      (async () => {
        const { SignatureKeys } = await import('./registry/signature-keys.ts');
        const keys = new SignatureKeys({ database, clock, masterKey });
        return (account) => keys.find(account);
      }),
    openSender: () => openSender(config, clock),
  });
  const loadDeliveries = onFirstUse(async () => {
    const { Deliveries } = await import('./delivery/deliveries.ts');
    return new Deliveries({ ...shared, courier });
  });
  return { courier, loadDeliveries };
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
