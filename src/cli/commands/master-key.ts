/** `jackfield master-key`: the key under which what must be read again is encrypted. */

import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { readNewMasterKey } from '../../config.ts';
import { rotateMasterKey } from '../../registry/secrets.ts';
import { replaceMasterKeyFile } from '../master-key-file.ts';
import { printNote, printOnce, printResult } from '../output.ts';
import { addSealedStoreFlags, openSealedStore, type SealedStore } from '../store.ts';

export function defineMasterKey(masterKey: Command): void {
  const command = masterKey
    .command('rotate')
    .description(
      'Encrypt all signature secrets under a new master key. The old one comes from JACKFIELD_MASTER_KEY, or with --dev ' +
        'from its file, which then gets the new one.',
    );
  addSealedStoreFlags(command)
    .option(
      '--new-key-file <file>',
      'The file of the new key [JACKFIELD_NEW_MASTER_KEY, JACKFIELD_NEW_MASTER_KEY_FILE]; without it one is made',
    )
    .action(async ({ newKeyFile }: { newKeyFile?: string }) => {
      const given = readNewMasterKey('--new-key-file', newKeyFile);
      await using store = await openSealedStore(command, 'refuse');
      await rotate(command, store, given);
    });
}

async function rotate(command: Command, store: SealedStore, given: Buffer | undefined): Promise<void> {
  const key = given ?? randomBytes(32);
  const commit = () => rotateMasterKey(store, store.masterKey, key);
  const { keyFile } = store;
  if (keyFile !== undefined) {
    const secrets = await replaceMasterKeyFile(
      keyFile,
      { database: store.database, from: store.masterKey, to: key },
      commit,
    );
    await printResult(
      command,
      { secrets, master_key_file: keyFile },
      `${secrets} secrets are encrypted under a new key, which is in ${keyFile}.`,
    );
    return;
  }
  if (given !== undefined) {
    const secrets = await commit();
    await printResult(command, { secrets }, `${secrets} secrets are encrypted under the new key. ${NEXT}`);
    return;
  }
  // Shown before it is used: a key that is in use and that nobody has seen is lost with all it encrypts.
  const text = key.toString('hex');
  await printOnce(command, { master_key: text }, `New master key, kept nowhere else:\n\n  ${text}\n`, UNSEEN);
  const secrets = await commit();
  await printNote(command, `${secrets} secrets are encrypted under it. ${NEXT}`);
}

const NEXT = 'Give it to `jackfield serve` before its next start.';

const UNSEEN = {
  message: 'The new master key could not be printed, so nothing was done',
  fix: 'Run the command again where its output is read, or give it a key of your own by --new-key-file.',
};
