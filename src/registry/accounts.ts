/** The use cases of accounts: make, look at, switch on and off, remove. */

import type { Clock, Ids } from '../clock.ts';
import { isApiKey, MAX_SECRETS } from '../domain/account.ts';
import { JackfieldError } from '../errors.ts';
import {
  type AccountRow,
  deleteAccount,
  findAccount,
  findAccounts,
  insertAccount,
  setAccountEnabled,
} from '../storage/accounts.ts';
import type { Database } from '../storage/database.ts';
import { removeSome } from '../storage/delivery-retention.ts';
import { insertSecret } from '../storage/secrets.ts';
import { assertMasterKey, masterKeyChanged, requireMasterKey, seal } from './seal.ts';
import { createSalt, hashSecret } from './secret-hash.ts';
import {
  createApiKey,
  createApiSecret,
  createSignatureSecret,
  requireApiSecret,
  requireSignatureSecret,
} from './secret-text.ts';

/** Deliveries removed in one transaction. */
const REMOVED_AT_ONCE = 1000;

/** Where a signature secret is kept, as its encryption knows it. */
export function placeOfSignatureSecret(apiKey: string, id: string): string {
  return `signature-secret/${apiKey}/${id}`;
}

/** An account as it is shown. */
export interface Account {
  readonly apiKey: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly applications: number;
  readonly createdAt: Date;
}

/** What a new account is made of; what is absent is made up. */
export interface NewAccount {
  readonly apiKey?: string | undefined;
  readonly name?: string | undefined;
  readonly apiSecret?: string | undefined;
  readonly signatureSecret?: string | undefined;
}

/** The credentials of a new account, shown once. */
export interface AccountCredentials {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly signatureSecret: string;
}

/** What the use cases work with. */
export interface AccountsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * Creates an account with one API secret and one signature secret.
 *
 * @throws `account_exists`, `account_invalid`, `secret_invalid`, `master_key_wrong`.
 */
export async function createAccount(
  { database, clock, ids }: AccountsOptions,
  masterKey: Buffer,
  given: NewAccount = {},
): Promise<AccountCredentials> {
  const apiKey = given.apiKey ?? createApiKey();
  if (!isApiKey(apiKey)) {
    throw new JackfieldError('account_invalid', `${JSON.stringify(apiKey)} is no API key`, {
      fix: 'An API key has 8 characters out of 0 to 9 and a to f.',
    });
  }
  const apiSecret = requireApiSecret(given.apiSecret ?? createApiSecret());
  const signatureSecret = requireSignatureSecret(given.signatureSecret ?? createSignatureSecret());
  const check = await assertMasterKey(database, masterKey);
  const salt = createSalt();
  const hash = await hashSecret(apiSecret, salt);
  const now = clock.now();
  const signatureId = ids.uuid();
  const sealed = seal(masterKey, placeOfSignatureSecret(apiKey, signatureId), signatureSecret);
  const result = await database.write([
    requireMasterKey(check),
    insertAccount({ key: apiKey, name: given.name ?? '', salt, now }),
    ...insertSecret({ kind: 'api', account: apiKey, id: ids.uuid(), content: hash, now }, MAX_SECRETS),
    ...insertSecret(
      { kind: 'signature', account: apiKey, id: signatureId, content: sealed, now },
      MAX_SECRETS,
    ),
  ]);
  if (!result.ok) {
    if (result.failed === 0) throw masterKeyChanged();
    throw new JackfieldError('account_exists', `There is an account ${apiKey} already`, {
      fix: 'Choose another API key, or none and one is made.',
    });
  }
  return { apiKey, apiSecret, signatureSecret };
}

/** All accounts, oldest first. */
export async function listAccounts({ database }: AccountsOptions): Promise<Account[]> {
  return (await findAccounts(database)).map(presentAccount);
}

/** @throws `account_not_found`. */
export async function requireAccount({ database }: AccountsOptions, apiKey: string): Promise<Account> {
  const row = await findAccount(database, apiKey);
  if (row === undefined) throw accountNotFound(apiKey);
  return presentAccount(row);
}

/**
 * Lets an account in, or shuts it out at once in every process.
 *
 * @throws `account_not_found`.
 */
export async function enableAccount(
  { database }: AccountsOptions,
  apiKey: string,
  enabled: boolean,
): Promise<void> {
  const { ok } = await database.write(setAccountEnabled(apiKey, enabled));
  if (!ok) throw accountNotFound(apiKey);
}

/**
 * Removes an account with its secrets, and with its applications when `withApplications` says so.
 *
 * @throws `account_not_found`, `account_not_empty`.
 */
export async function removeAccount(
  options: AccountsOptions,
  apiKey: string,
  withApplications: boolean,
): Promise<void> {
  const atMost = withApplications ? Number.MAX_SAFE_INTEGER : 0;
  const account = await findAccount(options.database, apiKey);
  if (account !== undefined && account.application_count <= atMost) await removeDeliveries(options, apiKey);
  const { ok } = await options.database.write(deleteAccount(apiKey, atMost));
  if (ok) return;
  const { applications } = await requireAccount(options, apiKey);
  throw new JackfieldError('account_not_empty', `Account ${apiKey} has ${applications} applications`, {
    fix: 'Delete them first, or say --with-applications.',
  });
}

/** A million of them in the transaction that removes the account would hold up everybody. */
async function removeDeliveries({ database }: AccountsOptions, account: string): Promise<void> {
  while ((await removeSome(database, { account, limit: REMOVED_AT_ONCE })) === REMOVED_AT_ONCE);
}

/** The error for an API key that nobody has. */
export function accountNotFound(apiKey: string): JackfieldError {
  return new JackfieldError('account_not_found', `There is no account ${JSON.stringify(apiKey)}`, {
    fix: '`jackfield account list` shows those there are.',
  });
}

function presentAccount(row: AccountRow): Account {
  return {
    apiKey: row.api_key,
    name: row.name,
    enabled: row.enabled === 1,
    applications: row.application_count,
    createdAt: new Date(row.created_at),
  };
}
