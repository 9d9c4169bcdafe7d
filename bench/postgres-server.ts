/** The PostgreSQL of the bench: one for all rows, which lasts no longer than the bench, however that ends. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { runOn } from '../test/postgres.ts';
import { nextResult } from './children.ts';
import { readChildEnvironment } from './environment.ts';

/** A PostgreSQL, running. */
export interface BenchPostgres extends AsyncDisposable {
  /** Its first process, the parent of those that work. */
  readonly processId: number;
  /** Makes an empty database; resolves with the address of it. */
  createDatabase(name: string): Promise<string>;
  /** Removes a database, unless the address is that of another kind. */
  dropDatabase(url: string): Promise<void>;
}

/** Starts it, with its data beneath the directory. */
export async function openBenchPostgres(directory: string): Promise<BenchPostgres> {
  // In a group of its own: Ctrl-C is for the bench, and the end of that for this process.
  const holder = fork(resolve(import.meta.dirname, 'database/postgres-holder.ts'), [directory], {
    detached: true,
    env: readChildEnvironment(),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(holder, 'exit');
  const { url, processId } = await nextResult<{ url: string; processId: number }>(holder);
  return {
    processId,
    createDatabase: async (name) => {
      await runOn(url, `create database ${name}`);
      return Object.assign(new URL(url), { pathname: `/${name}` }).href;
    },
    dropDatabase: async (database) => {
      const { protocol, pathname } = new URL(database);
      if (protocol === 'postgres:')
        await runOn(url, `drop database if exists ${pathname.slice(1)} with (force)`);
    },
    [Symbol.asyncDispose]: async () => {
      if (holder.connected) holder.disconnect();
      await ended;
    },
  };
}
