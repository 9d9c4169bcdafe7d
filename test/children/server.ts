/** A child that runs a whole server on a database that it is told. */

import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseConfig, readEnv } from '../../src/config.ts';
import { openLog } from '../../src/logger.ts';
import { createAccount } from '../../src/registry/accounts.ts';
import { openServer, type RunningServer } from '../../src/server.ts';
import { TEST_MASTER_KEY } from '../jackfield.ts';
import { answerCalls } from './calls.ts';

let server: RunningServer | undefined;
let path = '';

const filler = () => join(dirname(path), 'filler');

answerCalls({
  open: async (env: { JACKFIELD_DATABASE_URL: string } & Record<string, string>) => {
    path = env.JACKFIELD_DATABASE_URL.replace(/^sqlite:/, '');
    const config = parseConfig(
      'serve',
      readEnv({
        JACKFIELD_PORT: '0',
        JACKFIELD_MASTER_KEY: TEST_MASTER_KEY,
        JACKFIELD_RATE_LIMIT: '0',
        JACKFIELD_AUTH_LIMIT: '0',
        JACKFIELD_KEY_POOL_SIZE: '0',
        JACKFIELD_LOG_LEVEL: 'silent',
        ...env,
      }),
    );
    server = await openServer({ config, log: await openLog(config.log), version: '0.0.0-test' });
    return server.url;
  },
  createAccount: (apiKey: string) => {
    if (server === undefined) throw new Error('nothing is open');
    return createAccount(server.context, Buffer.from(TEST_MASTER_KEY, 'hex'), { apiKey });
  },
  /** Writes beside the database until the disk is full. */
  fillDisk: () => {
    const file = openSync(filler(), 'w');
    try {
      for (let size = 65_536; size >= 1; size = size === 1 ? 0 : size / 2) writeUntilFull(file, size);
    } finally {
      closeSync(file);
    }
  },
  emptyDisk: () => rmSync(filler()),
  close: () => server?.close(),
});

function writeUntilFull(file: number, size: number): void {
  const block = Buffer.alloc(size, 'x');
  for (;;) {
    try {
      writeSync(file, block);
      fsyncSync(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}
