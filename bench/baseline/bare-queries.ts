/** Baseline on PostgreSQL: connections of `pg`, each of which sends one prepared statement again and again. */

import { readFileSync } from 'node:fs';
import { Client } from 'pg';

/** What is sent: the read of an application for each id in turn, or the insert of a row. */
export type BareQueries = {
  readonly databaseUrl: string;
  readonly connections: number;
} & (
  | { readonly query: 'read'; readonly account: string; readonly ids: readonly string[] }
  | { readonly query: 'insert'; readonly rowBytes: number }
);

/** What the loop came to, with the processor seconds of its process. */
export interface QueriesResult {
  readonly count: number;
  readonly seconds: number;
  readonly processorSeconds: number;
}

const input = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as BareQueries;
const clients = Array.from(
  { length: input.connections },
  () => new Client({ connectionString: input.databaseUrl }),
);
await Promise.all(clients.map((client) => client.connect()));

const read = 'select document, version from applications where account = $1 and id = $2';
const insert = 'insert into bare_rows (body) values ($1)';
let next = 0;

/** The values of the next query. */
function createSource(): () => string[] {
  if (input.query === 'read') {
    const { account, ids } = input;
    return () => [account, ids[next++ % ids.length] ?? ''];
  }
  const body = 'x'.repeat(input.rowBytes);
  return () => [body];
}

const takeValues = createSource();
const text = input.query === 'read' ? read : insert;
if (input.query === 'insert') {
  await clients[0]?.query(
    'create table if not exists bare_rows (number bigserial primary key, body text not null)',
  );
}

/** Queries one after the other on one connection until the time given; resolves with their number. */
async function work(client: Client, endsAt: number): Promise<number> {
  let count = 0;
  while (performance.now() < endsAt) {
    const { rowCount } = await client.query({ name: 'bare', text, values: takeValues() });
    if (rowCount !== 1) throw new Error(`the bare query answered ${rowCount} rows`);
    count++;
  }
  return count;
}

async function workFor(seconds: number): Promise<number> {
  const endsAt = performance.now() + seconds * 1000;
  const counts = await Promise.all(clients.map((client) => work(client, endsAt)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function run(seconds: number): Promise<QueriesResult> {
  await workFor(Math.max(1, seconds / 3));
  const startedAt = performance.now();
  const before = process.cpuUsage();
  const count = await workFor(seconds);
  const { user, system } = process.cpuUsage(before);
  return {
    count,
    seconds: (performance.now() - startedAt) / 1000,
    processorSeconds: (user + system) / 1e6,
  };
}

process.on('disconnect', () => process.exit());
process.on('message', ({ seconds }: { seconds: number }) => {
  run(seconds).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ failure: String(error) }),
  );
});
process.send?.({ result: 'ready' });
