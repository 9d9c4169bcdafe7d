/** Where `jackfield dev` keeps its data: `.jackfield/` in the current folder, or a temporary one. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DatabaseConfig } from '../config.ts';
import { SETTINGS } from '../settings.ts';

/** The database of `jackfield dev` unless another one is named. */
const DEV_DATABASE = SETTINGS.databaseUrl.fallback.dev.replace('sqlite:', '');

/** Whether a database is the one that `jackfield dev` makes for itself. */
export function isDevDatabase(config: DatabaseConfig): boolean {
  return config.kind === 'sqlite' && config.path === DEV_DATABASE;
}

const DEV_FOLDER = dirname(DEV_DATABASE);

/** The master key of `jackfield dev` unless another one is given. */
export const DEV_KEY_FILE = join(DEV_FOLDER, 'master.key');

/** Makes the folder if it is not there; others may not look into it, and git does not. */
export function makeDevFolder(): void {
  const made = mkdirSync(DEV_FOLDER, { recursive: true, mode: 0o700 });
  if (made !== undefined) writeFileSync(join(DEV_FOLDER, '.gitignore'), '*\n');
}

/** Makes a folder that is removed when this process ends, unless it is killed. */
export function makeTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'jackfield-dev-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}
