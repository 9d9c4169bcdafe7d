/** `jackfield secret`: the API secrets of an account, two at most, so that clients can move from one to the other. */

import type { Command } from 'commander';
import { createSecret, listSecrets, revokeSecret } from '../../registry/secrets.ts';
import { composePairs, composeTable, printOnce, printResult } from '../output.ts';
import { readSecret } from '../secret-file.ts';
import { addStoreFlags, openStore } from '../store.ts';

export function defineSecret(secret: Command): void {
  defineCreate(secret.command('create').description('Add an API secret to an account and print it, once.'));
  defineList(secret.command('list').description('List the API secrets of an account, without the secrets.'));
  defineRevoke(
    secret.command('revoke').description('Revoke an API secret, at once, on running servers too.'),
  );
}

function defineCreate(command: Command): void {
  addStoreFlags(command)
    .argument('<key>', 'The API key')
    .option('--secret-file <file>', 'A file with the secret, or - for stdin; one is made up if left out')
    .action(async (key: string, { secretFile }: { secretFile?: string }) => {
      const given = await readSecret('--secret-file', secretFile);
      await using store = await openStore(command);
      const { id, secret } = await createSecret(store, key, given);
      const pairs = composePairs([
        ['Id', id],
        ['API secret', secret],
      ]);
      await printOnce(
        command,
        { id, api_secret: secret },
        `The secret is added. Keep it now; it is not shown again.\n\n${pairs}`,
        {
          message: `Secret ${id} of account ${key} is made, but it could not be printed`,
          fix: `Revoke it and make another: jackfield secret revoke ${key} ${id}`,
        },
      );
    });
}

function defineList(command: Command): void {
  addStoreFlags(command)
    .argument('<key>', 'The API key')
    .action(async (key: string) => {
      await using store = await openStore(command);
      const secrets = await listSecrets(store, 'api', key);
      const listed = secrets.map(({ id, createdAt }) => ({ id, created_at: createdAt.toISOString() }));
      const rows = listed.map(({ id, created_at }) => [id, created_at]);
      await printResult(
        command,
        listed,
        composeTable(['ID', 'CREATED'], rows, `Account ${key} has no API secrets.`),
      );
    });
}

function defineRevoke(command: Command): void {
  addStoreFlags(command)
    .argument('<key>', 'The API key')
    .argument('<id>', 'The id of the secret')
    .action(async (key: string, id: string) => {
      await using store = await openStore(command);
      await revokeSecret(store, key, id);
      await printResult(command, { id, revoked: true }, `Secret ${id} of account ${key} is revoked.`);
    });
}
