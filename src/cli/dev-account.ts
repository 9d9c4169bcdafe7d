/** The account of `jackfield dev`; its credentials are public knowledge. */

import { type AccountCredentials, createAccount, listAccounts } from '../registry/accounts.ts';
import { isSecretOf } from '../registry/secrets.ts';
import { CliError } from './errors.ts';
import type { SealedStore } from './store.ts';

export const DEV_ACCOUNT: AccountCredentials = {
  apiKey: 'abcd1234',
  apiSecret: 'DevSecret01',
  signatureSecret: 'JackfieldDevSignatureSecret0123456789',
};

/** What somebody has done to the account, so that its credentials may not open the API. */
export type DevAccountState = 'ready' | 'disabled' | 'secret changed';

/**
 * Makes the account when it is not there; one that is there is left as it is.
 *
 * @param ours whether the database is that of `jackfield dev`; in another one that has accounts already
 *   none with a known secret is made.
 * @throws `accounts_of_others`.
 */
export async function ensureDevAccount(store: SealedStore, ours: boolean): Promise<DevAccountState> {
  const accounts = await listAccounts(store);
  const account = accounts.find(({ apiKey }) => apiKey === DEV_ACCOUNT.apiKey);
  if (account !== undefined) {
    if (!account.enabled) return 'disabled';
    return (await isSecretOf(store, account.apiKey, DEV_ACCOUNT.apiSecret)) ? 'ready' : 'secret changed';
  }
  if (!ours && accounts.length > 0) {
    throw new CliError(
      'accounts_of_others',
      `The database has accounts but not ${DEV_ACCOUNT.apiKey}, so \`jackfield dev\` does not put one with public credentials into it`,
      'Leave out JACKFIELD_DATABASE_URL or --database, or name a database that is not there yet.',
    );
  }
  await createAccount(store, store.masterKey, { ...DEV_ACCOUNT, name: 'Development' });
  return 'ready';
}
