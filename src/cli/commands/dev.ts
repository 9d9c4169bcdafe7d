/** `jackfield dev`: a server for development, with an account that is ready. */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Config, type DatabaseConfig, parseConfig } from '../../config.ts';
import { type Log, openLog } from '../../logger.ts';
import { DEV_ACCOUNT, type DevAccountState, ensureDevAccount } from '../dev-account.ts';
import { CALLED_PLACES, composeBanner } from '../dev-banner.ts';
import { isDevDatabase, makeTemporaryFolder } from '../dev-folder.ts';
import { wantsJson } from '../output.ts';
import { addSettingFlags, readSettings } from '../setting-flags.ts';
import { awaitStopSignal } from '../stop-signal.ts';
import { openDevStore, openKeyedStore } from '../store.ts';
import { readVersion } from '../version.ts';

export function defineDev(command: Command): void {
  addSettingFlags(command, 'dev');
  command.action(async () => {
    const given = parseConfig('dev', readSettings(command, 'dev'));
    const json = wantsJson(command);
    // From here on a signal leaves nothing behind.
    const stopped = awaitStopSignal();
    const prepared = prepare(given);
    // The server's code is loaded while the account's secret is being hashed, to be kept or to be compared.
    const [{ serve }, { config, state }] = await Promise.all([import('../serving.ts'), prepared]);
    const log = await openLog(json ? { ...config.log, format: 'json' } : config.log);
    const version = readVersion();
    await serve({
      config,
      log,
      version,
      stopped,
      announce: ({ url, metricsUrl }) => {
        const data = describeData(config.database);
        log.print(json ? composeReadyLine(url) : composeBanner({ version, url, metricsUrl, data }));
        if (json) log.logger.info(`webhooks are ${CALLED_PLACES}`);
        warnOfChanges(log, state);
      },
    });
  });
}

interface Prepared {
  readonly config: Config;
  readonly state: DevAccountState;
}

/** Makes ready what the server needs: folder, master key, database, account. */
async function prepare(config: Config): Promise<Prepared> {
  if (config.database.kind === 'sqlite' && config.database.ephemeral) {
    const database = { ...config.database, path: join(makeTemporaryFolder(), 'jackfield.db') };
    const masterKey = config.masterKey ?? randomBytes(32);
    await using store = await openKeyedStore(database, masterKey);
    const state = await ensureDevAccount(store, true);
    return { config: { ...config, database, masterKey }, state };
  }
  await using store = await openDevStore(config.database, config.masterKey);
  const state = await ensureDevAccount(store, isDevDatabase(config.database));
  return { config: { ...config, masterKey: store.masterKey }, state };
}

/** Where the data is, for people; never with a password. */
function describeData(database: DatabaseConfig): string {
  if (database.kind === 'postgres') return new URL(database.url).host;
  return database.ephemeral ? 'a temporary folder, removed at the end' : database.path;
}

function composeReadyLine(url: string): string {
  const { apiKey, apiSecret, signatureSecret } = DEV_ACCOUNT;
  const line = { url, api_key: apiKey, api_secret: apiSecret, signature_secret: signatureSecret };
  return `${JSON.stringify(line)}\n`;
}

function warnOfChanges({ logger }: Log, state: DevAccountState): void {
  const { apiKey, apiSecret } = DEV_ACCOUNT;
  if (state === 'disabled') {
    logger.warn(
      `account ${apiKey} is disabled; \`jackfield account enable ${apiKey} --dev\` lets it in again`,
    );
  }
  if (state === 'secret changed') {
    logger.warn(`account ${apiKey} has another secret than ${apiSecret}; delete the account to get it back`);
  }
}
