/** Secrets that people choose come from files or stdin: what stands on a command line, everybody on the machine can see. */

import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { CliError } from './errors.ts';

/**
 * Reads a secret; white space around it does not count.
 *
 * @param flag the flag that names the file, for the error.
 * @param file a path, or `-` for stdin; without one there is no secret.
 * @throws `file_unusable`.
 */
export async function readSecret(flag: string, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return (file === '-' ? await text(process.stdin) : await readFile(file, 'utf8')).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError('file_unusable', `${flag} names a file that cannot be read: ${file} (${code})`);
  }
}
