/** `jackfield signature-secret`: what callbacks of an account are signed with, two at most while receivers move over. */

import type { Command } from 'commander';
import {
  listSecrets,
  readSignatureSecrets,
  revokeSignatureSecret,
  rotateSignatureSecret,
} from '../../registry/secrets.ts';
import { composePairs, composeTable, printOnce, printResult } from '../output.ts';
import { readSecret } from '../secret-file.ts';
import { addSealedStoreFlags, addStoreFlags, openSealedStore, openStore } from '../store.ts';

export function defineSignatureSecret(secret: Command): void {
  defineRotate(
    secret
      .command('rotate')
      .description('Add a new signature secret and print it; the old one stands until it is revoked.'),
  );
  defineList(secret.command('list').description('List the signature secrets of an account.'));
  defineRevoke(secret.command('revoke').description('Revoke a signature secret, but never the last one.'));
}

function defineRotate(command: Command): void {
  addSealedStoreFlags(command)
    .argument('<key>', 'The API key')
    .option('--secret-file <file>', 'A file with the secret, or - for stdin; one is made up if left out')
    .action(async (key: string, { secretFile }: { secretFile?: string }) => {
      const given = await readSecret('--secret-file', secretFile);
      await using store = await openSealedStore(command, 'refuse');
      const { id, secret } = await rotateSignatureSecret(store, store.masterKey, key, given);
      const pairs = composePairs([
        ['Id', id],
        ['Signature secret', secret],
      ]);
      await printOnce(
        command,
        { id, signature_secret: secret },
        `The secret is added. Revoke the old one when every receiver knows the new one.\n\n${pairs}`,
        {
          message: `Signature secret ${id} of account ${key} is made, but it could not be printed`,
          fix: `Look at it: jackfield signature-secret list ${key} --reveal. To undo it: jackfield signature-secret revoke ${key} ${id}`,
        },
      );
    });
}

function defineList(command: Command): void {
  addSealedStoreFlags(command)
    .argument('<key>', 'The API key')
    .option('--reveal', 'Show the secrets in the clear; this needs the master key')
    .action(async (key: string, { reveal }: { reveal?: boolean }) => {
      const secrets = await (reveal === true ? readRevealed(command, key) : readListed(command, key));
      const rows = secrets.map(({ id, created_at, signature_secret }) => [
        id,
        created_at,
        signature_secret ?? '',
      ]);
      const heading = ['ID', 'CREATED', reveal === true ? 'SIGNATURE SECRET' : ''];
      await printResult(
        command,
        secrets,
        composeTable(heading, rows, `Account ${key} has no signature secrets.`),
      );
    });
}

function defineRevoke(command: Command): void {
  addStoreFlags(command)
    .argument('<key>', 'The API key')
    .argument('<id>', 'The id of the secret')
    .action(async (key: string, id: string) => {
      await using store = await openStore(command);
      await revokeSignatureSecret(store, key, id);
      await printResult(
        command,
        { id, revoked: true },
        `Signature secret ${id} of account ${key} is revoked.`,
      );
    });
}

interface PresentedSecret {
  readonly id: string;
  readonly created_at: string;
  readonly signature_secret?: string;
}

async function readListed(command: Command, key: string): Promise<PresentedSecret[]> {
  await using store = await openStore(command);
  const secrets = await listSecrets(store, 'signature', key);
  return secrets.map(({ id, createdAt }) => ({ id, created_at: createdAt.toISOString() }));
}

async function readRevealed(command: Command, key: string): Promise<PresentedSecret[]> {
  await using store = await openSealedStore(command, 'refuse');
  const secrets = await readSignatureSecrets(store, store.masterKey, key);
  return secrets.map(({ id, createdAt, secret }) => ({
    id,
    created_at: createdAt.toISOString(),
    signature_secret: secret,
  }));
}
