/** PostgreSQL keeps the plan of a statement; one that it made while a table was empty has to do when the table is long. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Client } from 'pg';
import type { Database } from '../src/storage/database.ts';
import { findChanges } from '../src/storage/delivery-changes.ts';
import { claimDeliveries } from '../src/storage/delivery-queue.ts';
import { dropSome } from '../src/storage/delivery-retention.ts';
import { openPostgres } from '../src/storage/postgres.ts';
import { until } from './condition.ts';
import { createTestDatabase, runOn } from './postgres.ts';
import { FIRST, newAccount } from './storage-contract/world.ts';

const WEBHOOK = 'messages.inbound_url';
const QUEUED = 12_000;
const LIMIT = 10;

/** Runs of a statement after which its plan is kept, and more. */
const RUNS = 8;

/** Half of all wait in one lane. */
const FILL = `
  insert into deliveries (account, id, application, webhook, status, position, created_at, due_at, repeated, claim,
    attempts, rounds, replay_of, payload_bytes, payload_sha256, keeps_body)
  select '${FIRST}', 'delivery-' || n, 'application-' || case when n % 2 = 0 then 0 else n % 600 end, '${WEBHOOK}',
    'queued', n, 1, 1, 0, null, 0, 0, null, 2, '00', 0 from generate_series(1, ${QUEUED}) as n;
  insert into delivery_bodies (account, delivery, payload)
  select '${FIRST}', 'delivery-' || n, '{}' from generate_series(1, ${QUEUED}) as n;
  insert into delivery_changes (account, delivery, application, status, changed_at)
  select '${FIRST}', 'delivery-' || n, 'application', 'queued', 1 from generate_series(1, ${QUEUED}) as n`;

/** Blocks of tables and indexes that were looked at: an index entry that is passed over is in one of them. */
const BLOCKS = `
  select sum(heap_blks_hit + heap_blks_read + coalesce(idx_blks_hit + idx_blks_read, 0))::int as count
  from pg_statio_user_tables where relname like 'deliver%'`;

/** A connection has told what it has read when it is gone from here. */
const OTHERS = `
  select count(*)::int as count from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and application_name = $1`;

async function countBlocks(url: string, toldBy: string): Promise<number> {
  const client = new Client({ connectionString: url, application_name: 'counting' });
  await client.connect();
  try {
    await until(
      'what was read is told',
      async () => (await client.query(OTHERS, [toldBy])).rows[0].count === 0,
    );
    return (await client.query(BLOCKS)).rows[0].count;
  } finally {
    await client.end();
  }
}

/** The blocks that a step looks at among many deliveries, after it was done again and again among none. */
async function countBlocksOf(step: (database: Database) => Promise<unknown[] | number>): Promise<number> {
  await using opened = new AsyncDisposableStack();
  const { url } = opened.use(await createTestDatabase());
  const options = { url, poolSize: 1, pooled: false, statementTimeoutMs: 60_000, directUrl: undefined };
  const sizeOf = (result: unknown[] | number) => (typeof result === 'number' ? result : result.length);
  let before = 0;
  {
    await using database = await openPostgres(options);
    await database.write([newAccount(FIRST)]);
    for (let run = 0; run < RUNS; run += 1) assert.equal(sizeOf(await step(database)), 0);
    await runOn(url, FILL);
    before = await countBlocks(url, '');
    assert.equal(sizeOf(await step(database)), LIMIT);
  }
  let after = before;
  // Before PostgreSQL 15 a process of its own writes down what it is told, a little later.
  await until('what was read is written down', async () => {
    after = await countBlocks(url, 'jackfield');
    return after > before;
  });
  return after - before;
}

describe('a plan made while there were no deliveries', () => {
  it('takes of a long queue what is taken', async () => {
    const lane = { account: FIRST, application: 'application-0', webhook: WEBHOOK, repeated: false };
    const taking = { now: 2, leaseUntil: 3, limit: LIMIT, takesPayloads: true };
    let claims = 0;
    const blocks = await countBlocksOf((database) => {
      claims += 1;
      return claimDeliveries(database, { lane, ...taking, claim: `claim/${claims}` });
    });
    assert.ok(blocks < QUEUED / 8, `${blocks} blocks`);
  });

  it('drops what waits without finding it again for each delivery of the account', async () => {
    const waiting = { account: FIRST, application: 'application-1', now: 2, limit: LIMIT };
    const blocks = await countBlocksOf((database) => dropSome(database, waiting));
    assert.ok(blocks < QUEUED, `${blocks} blocks`);
  });

  it('follows changes without reading all of them', async () => {
    const following = { account: FIRST, application: undefined, after: 0, limit: LIMIT };
    const blocks = await countBlocksOf(async (database) => findChanges(database, following));
    assert.ok(blocks < QUEUED, `${blocks} blocks`);
  });
});
