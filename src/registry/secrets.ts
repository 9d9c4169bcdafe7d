/** The use cases of secrets: an old and a new one may stand side by side while clients move over. */

import { MAX_SECRETS } from '../domain/account.ts';
import { JackfieldError } from '../errors.ts';
import { findAccount } from '../storage/accounts.ts';
import { INSTALLATION } from '../storage/audit.ts';
import {
  deleteSecret,
  findAllSecrets,
  findSecrets,
  insertSecret,
  replaceSecretContent,
  requireSecretCount,
  type SecretKind,
} from '../storage/secrets.ts';
import { type AccountsOptions, accountNotFound, placeOfSignatureSecret } from './accounts.ts';
import { recordChange, SERVER } from './audit.ts';
import {
  assertMasterKey,
  masterKeyChanged,
  replaceMasterKey,
  requireMasterKey,
  seal,
  unseal,
} from './seal.ts';
import { hashSecret, matchesHash } from './secret-hash.ts';
import {
  createApiSecret,
  createSignatureSecret,
  requireApiSecret,
  requireSignatureSecret,
} from './secret-text.ts';

/** A secret as it is listed: never the secret itself. */
export interface ListedSecret {
  readonly id: string;
  readonly createdAt: Date;
}

/** A secret in the clear. */
export interface RevealedSecret extends ListedSecret {
  readonly secret: string;
}

/** A new secret; this is the only time it is seen. */
export interface CreatedSecret {
  readonly id: string;
  readonly secret: string;
}

/**
 * Adds an API secret.
 *
 * @param given the secret; one is made up when it is absent.
 * @throws `account_not_found`, `too_many_secrets`, `secret_invalid`.
 */
export async function createSecret(
  { database, clock, ids, by = SERVER }: AccountsOptions,
  apiKey: string,
  given?: string,
): Promise<CreatedSecret> {
  const secret = requireApiSecret(given ?? createApiSecret());
  const account = await findAccount(database, apiKey);
  if (account === undefined) throw accountNotFound(apiKey);
  const id = ids.uuid();
  const hash = await hashSecret(secret, account.secret_salt);
  const now = clock.now();
  const { ok } = await database.write([
    ...insertSecret({ kind: 'api', account: apiKey, id, content: hash, now }, MAX_SECRETS),
    recordChange(apiKey, now, by, { action: 'secret.created', subject: id }),
  ]);
  if (!ok) throw tooManySecrets(apiKey, 'API secrets', 'secret revoke');
  return { id, secret };
}

/**
 * Adds a signature secret; from now on callbacks are signed with it, and receivers may still know the old one.
 *
 * @throws `account_not_found`, `too_many_secrets`, `secret_invalid`, `master_key_wrong`.
 */
export async function rotateSignatureSecret(
  { database, clock, ids, by = SERVER }: AccountsOptions,
  masterKey: Buffer,
  apiKey: string,
  given?: string,
): Promise<CreatedSecret> {
  const secret = requireSignatureSecret(given ?? createSignatureSecret());
  if ((await findAccount(database, apiKey)) === undefined) throw accountNotFound(apiKey);
  const check = await assertMasterKey(database, masterKey);
  const id = ids.uuid();
  const sealed = seal(masterKey, placeOfSignatureSecret(apiKey, id), secret);
  const now = clock.now();
  const secretRow = { kind: 'signature' as const, account: apiKey, id, content: sealed, now };
  const result = await database.write([
    requireMasterKey(check),
    ...insertSecret(secretRow, MAX_SECRETS),
    recordChange(apiKey, now, by, { action: 'signature_secret.created', subject: id }),
  ]);
  if (!result.ok && result.failed === 0) throw masterKeyChanged();
  if (!result.ok) throw tooManySecrets(apiKey, 'signature secrets', 'signature-secret revoke');
  return { id, secret };
}

/**
 * The secrets of an account, oldest first.
 *
 * @throws `account_not_found`.
 */
export async function listSecrets(
  { database }: AccountsOptions,
  kind: SecretKind,
  apiKey: string,
): Promise<ListedSecret[]> {
  if ((await findAccount(database, apiKey)) === undefined) throw accountNotFound(apiKey);
  const rows = await findSecrets(database, kind, apiKey);
  return rows.map((row) => ({ id: row.id, createdAt: new Date(row.created_at) }));
}

/**
 * Says whether an API secret is one of an account; this takes a slow hash.
 *
 * @throws `account_not_found`.
 */
export async function isSecretOf(
  { database }: AccountsOptions,
  apiKey: string,
  secret: string,
): Promise<boolean> {
  const account = await findAccount(database, apiKey);
  if (account === undefined) throw accountNotFound(apiKey);
  const hash = await hashSecret(secret, account.secret_salt);
  const rows = await findSecrets(database, 'api', apiKey);
  return rows.some((row) => matchesHash(hash, row.content));
}

/**
 * Revokes an API secret at once, in every process; also the last one.
 *
 * @throws `account_not_found`, `secret_not_found`.
 */
export async function revokeSecret(options: AccountsOptions, apiKey: string, id: string): Promise<void> {
  const { database, clock, by = SERVER } = options;
  const { ok } = await database.write([
    ...deleteSecret('api', apiKey, id, 0),
    recordChange(apiKey, clock.now(), by, { action: 'secret.revoked', subject: id }),
  ]);
  if (!ok) throw await secretNotFound(options, apiKey, id, 'secret list');
}

/**
 * Revokes a signature secret, but not the last one: callbacks are never sent unsigned.
 *
 * @throws `account_not_found`, `secret_not_found`, `secret_last`.
 */
export async function revokeSignatureSecret(
  options: AccountsOptions,
  apiKey: string,
  id: string,
): Promise<void> {
  const { database, clock, by = SERVER } = options;
  const { ok } = await database.write([
    ...deleteSecret('signature', apiKey, id, 1),
    recordChange(apiKey, clock.now(), by, { action: 'signature_secret.revoked', subject: id }),
  ]);
  if (ok) return;
  const standing = await listSecrets(options, 'signature', apiKey);
  if (!standing.some((secret) => secret.id === id)) {
    throw await secretNotFound(options, apiKey, id, 'signature-secret list');
  }
  throw new JackfieldError('secret_last', `Account ${apiKey} has no other signature secret`, {
    fix: `Make a new one first: jackfield signature-secret rotate ${apiKey}`,
  });
}

/**
 * The signature secrets of an account in the clear, oldest first.
 *
 * @throws `account_not_found`, `master_key_wrong`.
 */
export async function readSignatureSecrets(
  { database }: AccountsOptions,
  masterKey: Buffer,
  apiKey: string,
): Promise<RevealedSecret[]> {
  if ((await findAccount(database, apiKey)) === undefined) throw accountNotFound(apiKey);
  const rows = await findSecrets(database, 'signature', apiKey);
  return rows.map((row) => ({
    id: row.id,
    createdAt: new Date(row.created_at),
    secret: unseal(masterKey, placeOfSignatureSecret(apiKey, row.id), row.content),
  }));
}

/**
 * Encrypts everything that is encrypted under `from` anew under `to`, all or nothing.
 *
 * @returns how many secrets there were.
 * @throws `master_key_wrong` when `from` is not the key in use; `storage_unavailable` when a secret has come or gone
 *   meanwhile.
 */
export async function rotateMasterKey(
  { database, clock, by = SERVER }: AccountsOptions,
  from: Buffer,
  to: Buffer,
): Promise<number> {
  const check = await assertMasterKey(database, from);
  const rows = await findAllSecrets(database, 'signature');
  const unit = rows.map((row) => {
    const place = placeOfSignatureSecret(row.account, row.id);
    return replaceSecretContent(row.account, row.id, seal(to, place, unseal(from, place, row.content)));
  });
  const result = await database.write([
    replaceMasterKey(check, to),
    requireSecretCount('signature', rows.length),
    ...unit,
    recordChange(INSTALLATION, clock.now(), by, {
      action: 'master_key.rotated',
      subject: '',
      details: { signature_secrets: rows.length },
    }),
  ]);
  if (!result.ok) {
    if (result.failed === 0) throw masterKeyChanged();
    throw new JackfieldError('storage_unavailable', 'Secrets were changed meanwhile; nothing was done', {
      fix: 'Run the command again.',
      retryAfter: 1,
    });
  }
  return rows.length;
}

function tooManySecrets(apiKey: string, what: string, command: string): JackfieldError {
  return new JackfieldError('too_many_secrets', `Account ${apiKey} has ${MAX_SECRETS} ${what} already`, {
    fix: `Revoke the old one first: jackfield ${command} ${apiKey} ID`,
  });
}

async function secretNotFound(
  { database }: AccountsOptions,
  apiKey: string,
  id: string,
  command: string,
): Promise<JackfieldError> {
  if ((await findAccount(database, apiKey)) === undefined) return accountNotFound(apiKey);
  return new JackfieldError(
    'secret_not_found',
    `Account ${apiKey} has no such secret: ${JSON.stringify(id)}`,
    {
      fix: `\`jackfield ${command} ${apiKey}\` shows those it has.`,
    },
  );
}
