/** The one reader of the environment: text in, checked settings out. */

import { readFileSync } from 'node:fs';
import { type Mode, SETTINGS, type Setting } from './settings.ts';

export type { Mode } from './settings.ts';

/** A setting that cannot be used: its name, what is wrong, and what to do about it. */
export interface ConfigFault {
  readonly setting: string;
  readonly problem: string;
  readonly fix: string;
}

/** All that is wrong with the settings, at once. */
export class ConfigError extends Error {
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(faults.map(({ setting, problem, fix }) => `${setting} ${problem}. ${fix}`).join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

type Settings = typeof SETTINGS;

/** The key of a setting in the table. */
export type SettingKey = keyof Settings;

/** A setting as somebody gave it: the variable or flag and the text, or why there is no text. */
export type GivenSetting = { readonly by: string; readonly text: string } | { readonly fault: ConfigFault };

/** Settings as they were given, by the key of the table; absent ones take their default. */
export type FlatConfig = { readonly [key in SettingKey]?: GivenSetting | undefined };

/** The checked settings of one process. */
export type Config = ReturnType<typeof nest>;

/** What commands need that work on the database and serve nobody. */
export type StoreConfig = Pick<Config, 'database' | 'masterKey'>;

/** The settings as read, one by one. */
type Values = { readonly [key in SettingKey]: ReturnType<Settings[key]['parse']> };

/** The variable of the key that `jackfield master-key rotate` changes to. */
const NEW_MASTER_KEY = 'JACKFIELD_NEW_MASTER_KEY';

/** How anybody with Node.js makes a master key. */
const MAKE_MASTER_KEY = `node -p "crypto.randomBytes(32).toString('hex')"`;

/** What is wrong when a master key is needed and there is none. */
export const MASTER_KEY_MISSING: ConfigFault = {
  setting: SETTINGS.masterKey.name,
  problem: 'is not set',
  fix: `Make a key once with \`${MAKE_MASTER_KEY}\`, keep it safe, and set ${SETTINGS.masterKey.name} to it, or ${SETTINGS.masterKey.name}_FILE to a file that holds it.`,
};

/** Reads the settings from environment variables; a secret may also stand in the file that `NAME_FILE` names. */
export function readEnv(env: NodeJS.ProcessEnv = process.env): FlatConfig {
  return Object.fromEntries(settingEntries().map(([key, setting]) => [key, readVariable(env, setting)]));
}

/** Reads the secret in a file; white space around it does not count. */
export function readSecretFile(by: string, file: string): GivenSetting {
  try {
    return { by, text: readFileSync(file, 'utf8').trim() };
  } catch (error) {
    const problem = `names a file that cannot be read (${(error as NodeJS.ErrnoException).code})`;
    return { fault: { setting: by, problem, fix: 'Name a file that this process may read.' } };
  }
}

/**
 * Reads the key that is to take the place of the master key, from a file, from `JACKFIELD_NEW_MASTER_KEY` or
 * from the file that `JACKFIELD_NEW_MASTER_KEY_FILE` names; undefined when there is none.
 *
 * @param flag the flag that may name a file, and what it named.
 * @throws {ConfigError}
 */
export function readNewMasterKey(
  flag: string,
  file: string | undefined,
  env = process.env,
): Buffer | undefined {
  const given = file === undefined ? readSecret(NEW_MASTER_KEY, env) : readSecretFile(flag, file);
  if (given === undefined) return undefined;
  const faults: ConfigFault[] = [];
  const key = parseGiven(given, SETTINGS.masterKey, faults);
  if (faults.length > 0) throw new ConfigError(faults);
  return key as Buffer;
}

/**
 * Reads the API secret of the server that `jackfield import --from-api` reads, from `JACKFIELD_IMPORT_API_SECRET` or the
 * file that `JACKFIELD_IMPORT_API_SECRET_FILE` names; undefined when there is none.
 *
 * @throws {ConfigError}
 */
export function readImportSecret(env = process.env): string | undefined {
  const given = readSecret('JACKFIELD_IMPORT_API_SECRET', env);
  if (given !== undefined && 'fault' in given) throw new ConfigError([given.fault]);
  return given?.text;
}

/**
 * Checks settings and fills in the defaults of the mode.
 *
 * @throws {ConfigError} naming every setting that cannot be used, and the fix.
 */
export function parseConfig(mode: Mode, flat: FlatConfig): Config {
  const faults: ConfigFault[] = [];
  const values = parseValues(mode, flat, settingEntries(), faults);
  if (mode === 'serve' && flat.masterKey === undefined) faults.push(MASTER_KEY_MISSING);
  if (faults.length === 0) faults.push(...findContradictions(mode, flat, values));
  if (faults.length > 0) throw new ConfigError(faults);
  return nest(mode, values);
}

/**
 * Checks only where the database is and the master key, if there is one.
 *
 * @throws {ConfigError} naming every setting that cannot be used, and the fix.
 */
export function parseStoreConfig(mode: Mode, flat: FlatConfig): StoreConfig {
  const faults: ConfigFault[] = [];
  const entries = settingEntries().filter(([key]) => STORE_SETTINGS.has(key));
  const values = parseValues(mode, flat, entries, faults);
  if (faults.length > 0) throw new ConfigError(faults);
  return { database: nestDatabase({ ...values, ephemeral: false }), masterKey: values.masterKey };
}

/** The settings of commands that work on the database and serve nobody. */
const STORE_SETTINGS: ReadonlySet<SettingKey> = new Set<SettingKey>([
  'databaseUrl',
  'databasePoolSize',
  'databasePooler',
  'databaseDirectUrl',
  'statementTimeoutMs',
  'masterKey',
]);

/** The default of a setting as text; empty when there is none. */
export function defaultOf(setting: Setting, mode: Mode): string {
  return typeof setting.fallback === 'string' ? setting.fallback : setting.fallback[mode];
}

/** The table as a list. */
export function settingEntries(): [SettingKey, Setting][] {
  return Object.entries(SETTINGS) as [SettingKey, Setting][];
}

function readVariable(env: NodeJS.ProcessEnv, setting: Setting): GivenSetting | undefined {
  if (setting.secret || setting.sensitive) return readSecret(setting.name, env);
  const text = textOf(env, setting.name);
  return text === undefined ? undefined : { by: setting.name, text };
}

/** A variable that is empty is one that is not set: shells and compose files know no other way to say so. */
function textOf(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name] || undefined;
}

/** Reads a secret from its variable or from the file that `NAME_FILE` names. */
export function readSecret(name: string, env = process.env): GivenSetting | undefined {
  const text = textOf(env, name);
  const fileVariable = `${name}_FILE`;
  const file = textOf(env, fileVariable);
  if (file === undefined) return text === undefined ? undefined : { by: name, text };
  if (text === undefined) return readSecretFile(fileVariable, file);
  return {
    fault: { setting: fileVariable, problem: `is given beside ${name}`, fix: 'Give one of the two.' },
  };
}

/** Reads the settings of `entries`; what cannot be used is added to `faults` and left out. */
function parseValues(
  mode: Mode,
  flat: FlatConfig,
  entries: readonly [SettingKey, Setting][],
  faults: ConfigFault[],
): Values {
  const values: Record<string, unknown> = {};
  for (const [key, setting] of entries) {
    const text = defaultOf(setting, mode);
    const given = flat[key] ?? (text === '' ? undefined : { by: setting.name, text });
    if (given !== undefined) values[key] = parseGiven(given, setting, faults);
  }
  return values as Values;
}

function parseGiven(given: GivenSetting, setting: Setting, faults: ConfigFault[]): unknown {
  if ('fault' in given) {
    faults.push(given.fault);
    return undefined;
  }
  try {
    return setting.parse(given.text);
  } catch (error) {
    const problem =
      setting.secret || setting.sensitive ? 'cannot be read' : `is ${JSON.stringify(given.text)}`;
    faults.push({ setting: given.by, problem, fix: `It must be ${(error as Error).message}.` });
    return undefined;
  }
}

/** The hosts that nobody reaches from elsewhere. */
export const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

function findContradictions(mode: Mode, flat: FlatConfig, values: Values): ConfigFault[] {
  const nameOf = (key: SettingKey) => {
    const given = flat[key];
    return given !== undefined && 'by' in given ? given.by : SETTINGS[key].name;
  };
  const faults: ConfigFault[] = [];
  if (mode === 'dev' && !values.allowRemote && !LOOPBACK.test(values.host)) {
    faults.push({
      setting: nameOf('host'),
      problem: `is ${JSON.stringify(values.host)}, which others can reach, and the credentials of \`jackfield dev\` are public knowledge`,
      fix: 'Listen on 127.0.0.1, or say --allow-remote when that is what you want.',
    });
  }
  if (mode === 'dev' && values.ephemeral && flat.databaseUrl !== undefined) {
    faults.push({
      setting: nameOf('ephemeral'),
      problem: `is on, and ${nameOf('databaseUrl')} names a database to keep`,
      fix: 'Leave out one of the two.',
    });
  }
  const { port, metricsPort } = values as { port: number; metricsPort?: number };
  if (port !== 0 && port === metricsPort && sharesAddress(values.host, values.metricsHost)) {
    faults.push({
      setting: nameOf('metricsPort'),
      problem: `is ${port}, which is the port of the API too`,
      fix: 'Choose another port for the metrics.',
    });
  }
  if (values.requestTimeoutMs < values.headersTimeoutMs) {
    faults.push({
      setting: nameOf('requestTimeoutMs'),
      problem: `is shorter than ${SETTINGS.headersTimeoutMs.name}`,
      fix: 'Make it at least as long.',
    });
  }
  return faults;
}

/** Where the database is and how it is used. */
export type DatabaseConfig = ReturnType<typeof nestDatabase>;

function nestDatabase(values: Values) {
  const { databaseUrl, databasePoolSize, databasePooler, statementTimeoutMs } = values;
  if (databaseUrl.kind === 'sqlite') return { ...databaseUrl, ephemeral: values.ephemeral };
  const directUrl = values.databaseDirectUrl as string | undefined;
  return {
    ...databaseUrl,
    poolSize: databasePoolSize,
    pooled: databasePooler,
    directUrl,
    statementTimeoutMs,
  };
}

/** Says whether two listeners at one port would meet. */
function sharesAddress(one: string, other: string): boolean {
  const hosts = [one, other].map((host) => (host === 'localhost' ? '127.0.0.1' : host));
  return hosts[0] === hosts[1] || hosts.includes('0.0.0.0') || hosts.includes('::');
}

function nest(mode: Mode, values: Values) {
  const optional = values as { readonly [key in SettingKey]: Values[key] | undefined };
  return {
    mode,
    http: {
      host: values.host,
      port: values.port,
      maxConnections: values.maxConnections,
      headersTimeoutMs: values.headersTimeoutMs,
      requestTimeoutMs: values.requestTimeoutMs,
      keepAliveTimeoutMs: values.keepAliveTimeoutMs,
      shutdownGraceMs: values.shutdownGraceMs,
      trustProxy: optional.trustProxy,
      clientQuirks: values.clientQuirks,
    },
    metrics: { host: values.metricsHost, port: optional.metricsPort },
    database: nestDatabase(values),
    cacheBytes: values.cacheMb * 1024 * 1024,
    masterKey: optional.masterKey,
    limits: { perSecond: values.rateLimit, failuresPerMinute: values.authLimit },
    keys: { bits: values.keyBits, poolSize: values.keyPoolSize, maxWaiting: values.keyWaiters },
    keyGraceMs: values.keyGraceHours * 3_600_000,
    webhooks: {
      egressAllow: optional.egressAllow ?? [],
      signatureIssuer: values.signatureIssuer,
      bodies: values.deliveryBodies,
      retentionDays: values.deliveryRetentionDays,
    },
    log: { level: values.logLevel, format: values.logFormat },
  };
}
