/** Encryption at rest for what must be read again: AES-256-GCM under the master key. */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { JackfieldError } from '../errors.ts';
import type { Database, Write } from '../storage/database.ts';
import { addSetting, findSetting, replaceSetting, requireSetting } from '../storage/settings.ts';

const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The setting whose sealed form tells whether a master key is the right one. */
const CHECK = 'master_key_check';

/**
 * Encrypts a text so that only the same key and the same place can open it.
 *
 * @param place where the sealed form is kept; one copied to another place does not open there.
 * @returns version (1 byte), nonce (12), tag (16), ciphertext.
 */
export function seal(key: Buffer, place: string, text: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(place, 'utf8'));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), iv, cipher.getAuthTag(), sealed]);
}

/**
 * Decrypts what `seal` made.
 *
 * @throws `master_key_wrong` when the key, the place or the bytes are others.
 */
export function unseal(key: Buffer, place: string, sealed: Uint8Array): string {
  const bytes = Buffer.from(sealed);
  const body = 1 + IV_BYTES + TAG_BYTES;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 1 + IV_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(Buffer.from(place, 'utf8'))
      .setAuthTag(bytes.subarray(1 + IV_BYTES, body));
    return decipher.update(bytes.subarray(body), undefined, 'utf8') + decipher.final('utf8');
  } catch (cause) {
    throw wrongKey(cause);
  }
}

/** The sealed text of a database that its master key opens; another key has another one. */
export type MasterKeyCheck = Uint8Array;

/**
 * Makes sure that a master key is the one this database was first used with.
 *
 * @returns what `requireMasterKey` and `replaceMasterKey` need to find that it still is when they write.
 * @throws `master_key_wrong`.
 */
export async function assertMasterKey(database: Database, key: Buffer): Promise<MasterKeyCheck> {
  const known = await findSetting(database, CHECK);
  if (known !== undefined) {
    unseal(key, CHECK, known);
    return known;
  }
  const check = seal(key, CHECK, CHECK);
  const { ok } = await database.write([addSetting(CHECK, check)]);
  return ok ? check : assertMasterKey(database, key);
}

/** Belongs into every unit that writes something sealed; the unit fails when the master key is another by then. */
export function requireMasterKey(check: MasterKeyCheck): Write {
  return requireSetting(CHECK, check);
}

/** The write that makes another master key the right one; its unit fails when somebody else was first. */
export function replaceMasterKey(check: MasterKeyCheck, key: Buffer): Write {
  return replaceSetting(CHECK, check, seal(key, CHECK, CHECK));
}

/** The error of a unit that found another master key than the one its texts are sealed with. */
export function masterKeyChanged(): JackfieldError {
  return new JackfieldError('master_key_wrong', 'The master key was changed meanwhile; nothing was done', {
    fix: 'Run the command again, with the new key.',
  });
}

function wrongKey(cause: unknown): JackfieldError {
  return new JackfieldError(
    'master_key_wrong',
    'JACKFIELD_MASTER_KEY is not the key this database was made with',
    {
      fix: 'Set JACKFIELD_MASTER_KEY (or JACKFIELD_MASTER_KEY_FILE) to the key that was used before.',
      cause,
    },
  );
}
