/** The folder in which a SQLite file stands. */

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { JackfieldError } from '../errors.ts';

/**
 * Makes the folder of a file, for nobody but this user, unless there is one.
 *
 * @throws `storage_unusable`.
 */
export function makeDatabaseFolder(path: string): void {
  const folder = dirname(path);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new JackfieldError(
      'storage_unusable',
      `The folder ${folder} of the database cannot be made (${code})`,
      {
        fix: 'Look at what stands in its place and at the rights around it, or name another file in JACKFIELD_DATABASE_URL.',
        cause,
      },
    );
  }
}
