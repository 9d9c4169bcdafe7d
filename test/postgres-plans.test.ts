/** PostgreSQL keeps the plan of a statement; one that it made while a table was empty has to do when the table is long. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Client } from 'pg';
import { claimDeliveries } from '../src/storage/delivery-queue.ts';
import { openPostgres } from '../src/storage/postgres.ts';
import { until } from './condition.ts';
import { createTestDatabase } from './postgres.ts';
import { newAccount } from './storage-contract/world.ts';

const ACCOUNT = 'aaaa1111';
const WEBHOOK = 'messages.inbound_url';
const QUEUED = 3000;
const TAKEN = 10;

/** Runs of a statement after which its plan is kept, and more. */
const RUNS = 8;

const FILL = `
  insert into deliveries (account, id, application, webhook, status, position, created_at, due_at, repeated, claim,
    attempts, rounds, replay_of, payload_bytes, payload_sha256, keeps_body)
  select '${ACCOUNT}', 'delivery-' || n, 'application-' || n % 300, '${WEBHOOK}', 'queued', n, 1, 1, 0, null,
    0, 0, null, 2, '00', 0 from generate_series(1, ${QUEUED}) as n;
  insert into delivery_bodies (account, delivery, payload)
  select '${ACCOUNT}', 'delivery-' || n, '{}' from generate_series(1, ${QUEUED}) as n`;

const ROWS_READ = `
  select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int as count from pg_stat_user_tables
  where relname in ('deliveries', 'delivery_bodies')`;

describe('a plan made while there were no deliveries', () => {
  it('reads of a long queue what is taken', async () => {
    await using opened = new AsyncDisposableStack();
    const { url } = opened.use(await createTestDatabase());
    const database = opened.use(
      await openPostgres({ url, poolSize: 1, pooled: false, statementTimeoutMs: 5000, directUrl: undefined }),
    );
    const client = new Client({ connectionString: url });
    await client.connect();
    opened.defer(() => client.end());
    const countRead = async () => Number((await client.query(ROWS_READ)).rows[0].count);
    await database.write([newAccount(ACCOUNT)]);
    let claims = 0;
    const claim = (application: string) => {
      claims += 1;
      return claimDeliveries(database, {
        lane: { account: ACCOUNT, application, webhook: WEBHOOK, repeated: false },
        claim: `claim/${claims}`,
        now: 2,
        leaseUntil: 3,
        limit: TAKEN,
        takesPayloads: true,
      });
    };
    for (let run = 0; run < RUNS; run += 1) assert.deepEqual(await claim('application-1'), []);
    await client.query(FILL);
    // What this connection has read, to see that bodies are of deliveries.
    await client.query('select pg_stat_force_next_flush()');
    const before = await countRead();
    assert.equal((await claim('application-1')).length, TAKEN);
    // What a connection has read is told a second later, with a transaction.
    await until('what was read is told', async () => {
      await claim('none');
      return (await countRead()) > before;
    });
    const read = (await countRead()) - before;
    assert.ok(read < QUEUED / 10, `${read} rows were read for ${TAKEN}`);
  });
});
