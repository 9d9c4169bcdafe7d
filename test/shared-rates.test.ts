/** One limit over several processes on one PostgreSQL, on a clock of the test's own. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Client } from 'pg';
import { SharedRates } from '../src/registry/shared-rates.ts';
import type { Database } from '../src/storage/database.ts';
import { openPostgres } from '../src/storage/postgres.ts';
import { tellUsage } from '../src/storage/rate-usage.ts';
import { createTestDatabase } from './postgres.ts';

const PER_SECOND = 100;
const ROUND_MS = 250;
const SECONDS = 20;

const test = await createTestDatabase();
const open = () =>
  openPostgres({
    url: test.url,
    poolSize: 2,
    pooled: false,
    statementTimeoutMs: 5000,
    directUrl: undefined,
  });
const database = await open();

after(async () => {
  await database.close();
  await test[Symbol.asyncDispose]();
});

/** Processes that ask for `offered` requests a second each, and how many are let in altogether. */
async function play(offered: readonly number[], account: string, on: Database = database): Promise<number[]> {
  let now = 1_700_000_000_000;
  const clock = { now: () => now };
  const processes = offered.map(
    (_, index) =>
      new SharedRates({
        database: on,
        clock,
        process: `${account} ${index}`,
        perSecond: PER_SECOND,
        steadyNow: () => now,
      }),
  );
  const letIn = offered.map(() => 0);
  const STEP_MS = 10;
  for (let at = 0; at < SECONDS * 1000; at += STEP_MS) {
    now += STEP_MS;
    for (const [index, rates] of processes.entries()) {
      const asked = Math.round(((offered[index] ?? 0) * STEP_MS) / 1000);
      for (let each = 0; each < asked; each += 1) {
        if (rates.take(account, now).allowed) letIn[index] = (letIn[index] ?? 0) + 1;
      }
    }
    // Processes are not in step with each other.
    for (const [index, rates] of processes.entries()) {
      if ((at + index * 70) % ROUND_MS < STEP_MS) await rates.exchange();
    }
  }
  for (const rates of processes) await rates.close();
  return letIn;
}

const total = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);
const WHOLE = PER_SECOND * (SECONDS + 1);

describe('the limit of an account over several processes', () => {
  for (const [what, offered] of Object.entries({
    'one that is asked for more': [300],
    'two that are asked alike': [300, 300],
    'two of which one is hardly asked': [300, 100],
    four: [200, 200, 200, 200],
  })) {
    it(`holds within a tenth: ${what}`, async () => {
      const letIn = total(await play(offered, what));
      assert.ok(letIn <= WHOLE * 1.1 && letIn >= WHOLE * 0.9, `${letIn} of ${WHOLE}`);
    });
  }

  it('refuses nobody as long as all together stay below it', async () => {
    // Offered in steps of 10 ms, so these are none at all, and one a step.
    assert.deepEqual(await play([100, 0], 'below'), [100 * SECONDS, 0]);
  });

  it('is a full one for another account', async () => {
    const rates = new SharedRates({
      database,
      clock: { now: () => Date.now() },
      process: 'another',
      perSecond: PER_SECOND,
    });
    await play([300, 300], 'busy');
    rates.take('quiet', performance.now());
    await rates.exchange();
    assert.equal(rates.take('quiet', performance.now()).left >= PER_SECOND - 3, true);
    await rates.close();
  });

  it('is what a process begins with that comes late', async () => {
    let now = Date.now();
    const options = { database, clock: { now: () => now }, perSecond: PER_SECOND, steadyNow: () => now };
    const first = new SharedRates({ ...options, process: 'first' });
    const late = new SharedRates({ ...options, process: 'late' });
    for (let each = 0; each < PER_SECOND; each += 1) first.take('moved', now);
    // The first request began a round of its own.
    await first.exchange();
    await first.exchange();
    now += 10;
    late.take('moved', now);
    await late.exchange();
    assert.equal(late.take('moved', now).allowed, false);
    await Promise.all([first.close(), late.close()]);
  });

  it('waits for no other process that is about to tell', async () => {
    const tell = (process: string, now: number) =>
      database.write(tellUsage(process, [{ account: 'idle', used: 1, level: 0 }], { now, before: now - 1 }));
    for (const process of ['first', 'second', 'third']) await tell(process, 1000);
    const other = new Client({ connectionString: test.url });
    await other.connect();
    try {
      await other.query(
        `begin; update rate_usage set used = 2 where account = 'idle' and process = 'second'`,
      );
      assert.deepEqual(await tell('first', 2000), { ok: true });
      await other.query('commit');
      const { rows } = await other.query(`select process from rate_usage where account = 'idle' order by 1`);
      assert.deepEqual(
        rows.map(({ process }) => process),
        ['first', 'second'],
      );
    } finally {
      await other.end();
    }
  });

  it('is each process’s own while the database is gone', async () => {
    const gone = await open();
    await gone.close();
    const rates = new SharedRates({
      database: gone,
      clock: { now: () => Date.now() },
      process: 'alone',
      perSecond: 2,
    });
    const now = performance.now();
    assert.deepEqual(
      [1, 2, 3].map(() => rates.take('a', now).allowed),
      [true, true, false],
    );
    await rates.exchange();
    await rates.close();
  });
});
