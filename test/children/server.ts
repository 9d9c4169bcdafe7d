/** A child that runs a whole server on a database that it is told. */

import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseConfig, readEnv } from '../../src/config.ts';
import { openLog } from '../../src/logger.ts';
import { createAccount } from '../../src/registry/accounts.ts';
import { openServer, type RunningServer } from '../../src/server.ts';
import { TEST_MASTER_KEY } from '../jackfield.ts';
import { answerCalls } from './calls.ts';
import { fillDisk } from './disk.ts';

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
  fillDisk: () => fillDisk(filler()),
  emptyDisk: () => rmSync(filler()),
  close: () => server?.close(),
});
