/** `jackfield account`: who may use the API. */

import type { Command } from 'commander';
import {
  type Account,
  createAccount,
  enableAccount,
  listAccounts,
  removeAccount,
  requireAccount,
} from '../../registry/accounts.ts';
import { requireYes } from '../confirmation.ts';
import { CliError } from '../errors.ts';
import { composePairs, composeTable, printOnce, printResult } from '../output.ts';
import { readSecret } from '../secret-file.ts';
import { addSealedStoreFlags, addStoreFlags, openSealedStore, openStore } from '../store.ts';

export function defineAccount(account: Command): void {
  defineCreate(account.command('create').description('Create an account and print its credentials, once.'));
  defineList(account.command('list').description('List all accounts.'));
  defineShow(account.command('show').description('Show an account.'));
  defineSwitch(
    account.command('enable').description('Let an account in again, at once, on running servers too.'),
    true,
  );
  defineSwitch(
    account.command('disable').description('Shut an account out, at once, on running servers too.'),
    false,
  );
  defineDelete(account.command('delete').description('Delete an account with its secrets.'));
}

interface CreateOptions {
  readonly key?: string;
  readonly name?: string;
  readonly secretFile?: string;
  readonly signatureSecretFile?: string;
}

function defineCreate(command: Command): void {
  addSealedStoreFlags(command)
    .option('--key <key>', 'The API key, 8 characters out of 0 to 9 and a to f; one is made up if left out')
    .option('--name <name>', 'A name, for people')
    .option('--secret-file <file>', 'A file with the API secret, or - for stdin; one is made up if left out')
    .option('--signature-secret-file <file>', 'The same for the signature secret')
    .action(async ({ key, name, secretFile, signatureSecretFile }: CreateOptions) => {
      if (secretFile === '-' && signatureSecretFile === '-') {
        throw new CliError('usage', 'Only one secret can come from stdin', 'Name a file for the other.');
      }
      const apiSecret = await readSecret('--secret-file', secretFile);
      const signatureSecret = await readSecret('--signature-secret-file', signatureSecretFile);
      await using store = await openSealedStore(command, 'make');
      const given = { apiKey: key, name, apiSecret, signatureSecret };
      const made = await createAccount(store, store.masterKey, given);
      const credentials = composePairs([
        ['API key', made.apiKey],
        ['API secret', made.apiSecret],
        ['Signature secret', made.signatureSecret],
      ]);
      await printOnce(
        command,
        { api_key: made.apiKey, api_secret: made.apiSecret, signature_secret: made.signatureSecret },
        `The account is made. Keep its secrets now; the API secret is not shown again.\n\n${credentials}`,
        {
          message: `Account ${made.apiKey} is made, but its secrets could not be printed`,
          fix: `Delete it and make it anew: jackfield account delete ${made.apiKey}`,
        },
      );
    });
}

function defineList(command: Command): void {
  addStoreFlags(command).action(async () => {
    await using store = await openStore(command);
    const accounts = await listAccounts(store);
    const rows = accounts.map((account) => [
      account.apiKey,
      account.enabled ? 'enabled' : 'disabled',
      String(account.applications),
      account.createdAt.toISOString(),
      account.name,
    ]);
    const heading = ['API KEY', 'STATE', 'APPLICATIONS', 'CREATED', 'NAME'];
    await printResult(
      command,
      accounts.map(presentAccount),
      composeTable(heading, rows, 'There are no accounts.'),
    );
  });
}

function defineShow(command: Command): void {
  addStoreFlags(command)
    .argument('<key>', 'The API key')
    .action(async (key: string) => {
      await using store = await openStore(command);
      const account = await requireAccount(store, key);
      const text = composePairs([
        ['API key', account.apiKey],
        ['Name', account.name],
        ['State', account.enabled ? 'enabled' : 'disabled'],
        ['Applications', String(account.applications)],
        ['Created', account.createdAt.toISOString()],
      ]);
      await printResult(command, presentAccount(account), text);
    });
}

function defineSwitch(command: Command, enabled: boolean): void {
  addStoreFlags(command)
    .argument('<key>', 'The API key')
    .action(async (key: string) => {
      await using store = await openStore(command);
      await enableAccount(store, key, enabled);
      const text = `Account ${key} is ${enabled ? 'enabled' : 'disabled'}.`;
      await printResult(command, { api_key: key, enabled }, text);
    });
}

function defineDelete(command: Command): void {
  addStoreFlags(command)
    .argument('<key>', 'The API key')
    .option('--with-applications', 'Delete its applications too; without it an account that has some stays')
    .option('--yes', 'Do not ask')
    .action(async (key: string, options: { withApplications?: boolean; yes?: boolean }) => {
      const withApplications = options.withApplications === true;
      await using store = await openStore(command);
      const { applications } = await requireAccount(store, key);
      if (options.yes !== true) {
        const what = withApplications ? ` and its ${applications} applications` : '';
        const terminal = { input: process.stdin, output: process.stderr };
        await requireYes(`Delete account ${key}${what}? It cannot be undone.`, terminal);
      }
      await removeAccount(store, key, withApplications);
      await printResult(command, { api_key: key, deleted: true }, `Account ${key} is deleted.`);
    });
}

function presentAccount(account: Account) {
  return {
    api_key: account.apiKey,
    name: account.name,
    enabled: account.enabled,
    applications: account.applications,
    created_at: account.createdAt.toISOString(),
  };
}
