/** A real PgBouncer in transaction mode in front of a database, where there is one on this machine. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chownSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { until } from './condition.ts';
import { findFreePort, runOn } from './postgres.ts';

/** Debian puts it where only root looks. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];

/** It refuses to run as root; this is nobody on every Linux. */
const NOBODY = 65_534;

/** Connections to the database, so few that everybody is handed those of others. */
const POOL_SIZE = 3;

/** A pooler that runs. */
export interface Pooler extends AsyncDisposable {
  /** The same database, through the pooler. */
  readonly url: string;
}

/** @returns the program, or undefined where it is not installed. */
export function findPgbouncer(): string | undefined {
  return FOLDERS.map((folder) => join(folder, 'pgbouncer')).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function composeSettings(database: URL, port: number, folder: string): string {
  return [
    '[databases]',
    `* = host=${database.hostname} port=${database.port}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = scram-sha-256',
    `auth_file = ${join(folder, 'users.txt')}`,
    'pool_mode = transaction',
    `default_pool_size = ${POOL_SIZE}`,
    'max_client_conn = 100',
    '',
  ].join('\n');
}

/** Starts one on a free port. */
export async function startPgbouncer(program: string, databaseUrl: string): Promise<Pooler> {
  const folder = mkdtempSync(join(tmpdir(), 'jackfield-pgbouncer-'));
  const database = new URL(databaseUrl);
  const port = await findFreePort();
  const settings = join(folder, 'settings.ini');
  const user = `"${decodeURIComponent(database.username)}" "${decodeURIComponent(database.password)}"\n`;
  const isRoot = process.getuid?.() === 0;
  const files = { [settings]: composeSettings(database, port, folder), [join(folder, 'users.txt')]: user };
  for (const [path, text] of Object.entries(files)) {
    writeFileSync(path, text, { mode: 0o600 });
    if (isRoot) chownSync(path, NOBODY, NOBODY);
  }
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
  const child = spawn(program, [settings], {
    stdio: 'ignore',
    ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  const exited = once(child, 'exit');
  const pooled = new URL(databaseUrl);
  pooled.hostname = '127.0.0.1';
  pooled.port = `${port}`;
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  await until('the pooler to answer', () =>
    runOn(pooled.href, 'select 1').then(
      () => true,
      () => false,
    ),
  );
  return { url: pooled.href, [Symbol.asyncDispose]: stop };
}
