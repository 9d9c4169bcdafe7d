/** Holds a PostgreSQL for the bench, and stops it when the bench is gone. */

import { Client } from 'pg';
import { startPostgres } from '../../test/postgres.ts';

/** What is acknowledged has reached the disk, as it is wherever nobody turned that off. */
const DURABLE = ['fsync=on', 'synchronous_commit=on', 'full_page_writes=on'];

const [within = ''] = process.argv.slice(2);
const server = await startPostgres({ settings: DURABLE, within });

/** The first process of the server, as its own folder names it. */
async function readProcessId(): Promise<number> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  const { rows } = await client.query("select split_part(pg_read_file('postmaster.pid'), E'\\n', 1) as id");
  await client.end();
  return Number(rows[0]?.id);
}

async function end(): Promise<void> {
  await server[Symbol.asyncDispose]();
  process.exit();
}

process.on('disconnect', end);
const processId = await readProcessId();
// The bench may have ended while the server was started.
if (process.connected) process.send?.({ result: { url: server.url, processId } });
else await end();
