/** A server whose wall clock is set forward and back: limits, order and what was written do not notice. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from './condition.ts';
import { openStore } from './crash/store.ts';
import { addAccounts, type ServingProcess, serveOn } from './serving.ts';
import { createClient, page } from './wire/client.ts';
import { body } from './wire/sample.ts';

const CLOCK = fileURLToPath(new URL('./children/stepping-clock.ts', import.meta.url));

const HOUR_MS = 3_600_000;

/** Sets the clock, and waits until it is set. */
async function step(server: ServingProcess, off: number): Promise<void> {
  server.signal('SIGUSR2');
  await until('the clock to be set', () => server.printed().includes(`off by ${off} ms`));
}

describe('a wall clock that is set', () => {
  it('an hour forward gives nobody more guesses, and two hours back takes nobody his requests', async () => {
    await using store = await openStore('sqlite');
    const [account] = await addAccounts(store.url, ['aaaa1111']);
    const env = { JACKFIELD_AUTH_LIMIT: '2', JACKFIELD_RATE_LIMIT: '5' };
    await using server = await serveOn(store.url, { env, node: ['--import', CLOCK] });
    const client = createClient(server.url, account);
    const guess = async (number: number) => {
      const wrong = { apiKey: 'aaaa1111', apiSecret: `WrongSecret${number}` };
      return (await createClient(server.url, wrong).list()).status;
    };
    assert.equal((await client.list()).status, 200);
    assert.deepEqual([await guess(1), await guess(2), await guess(3)], [401, 401, 429]);
    await step(server, HOUR_MS);
    assert.equal(await guess(4), 429);

    // As many as are too many for a second.
    const many = await Promise.all(Array.from({ length: 30 }, () => client.list()));
    assert.ok(many.some(({ status }) => status === 429));
    await step(server, -HOUR_MS);
    await until('a request to be let in', async () => (await client.list()).status === 200);
  });

  it('leaves lists in the order of creation, and changes as they were made', async () => {
    await using store = await openStore('sqlite');
    const [account] = await addAccounts(store.url, ['aaaa1111']);
    await using server = await serveOn(store.url, { node: ['--import', CLOCK] });
    const client = createClient(server.url, account);
    const now = await client.given(body({ name: 'now' }));
    await step(server, HOUR_MS);
    await client.given(body({ name: 'an hour later' }));
    await step(server, -HOUR_MS);
    await client.given(body({ name: 'an hour earlier' }));
    assert.equal((await client.update(now.id, body({ name: 'changed' }))).status, 200);
    const names = page(await client.list())._embedded.applications.map(({ name }) => name);
    assert.deepEqual(names, ['changed', 'an hour later', 'an hour earlier']);
    const times = await store.query('select created_at from applications order by position');
    const [first = 0, second = 0, third = 0] = times.map(({ created_at }) => Number(created_at));
    assert.ok(
      second - first >= HOUR_MS && first - third > 0,
      'the clock that was set is the one that is written',
    );
  });
});
