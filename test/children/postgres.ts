/** A child that runs PostgreSQL in a folder that it is told, and can fill the disk that the folder is on. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type PostgresServer, startPostgres } from '../postgres.ts';
import { answerCalls } from './calls.ts';
import { fillDisk } from './disk.ts';

let server: PostgresServer | undefined;
let folder = '';

const filler = () => join(folder, 'filler');

answerCalls({
  open: async (where: { within: string; walFolder: string }) => {
    folder = where.within;
    server = await startPostgres(where);
    return server.url;
  },
  fillDisk: () => fillDisk(filler()),
  emptyDisk: () => rmSync(filler()),
  close: () => server?.[Symbol.asyncDispose](),
});
