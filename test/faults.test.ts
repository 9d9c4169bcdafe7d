/** PostgreSQL that fails while servers work on it: a clear answer each time, nothing lost, and all goes on by itself. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Client as PostgresClient } from 'pg';
import { run } from './cli/command.ts';
import { until } from './condition.ts';
import { assertSound } from './crash/checks.ts';
import { Ledger } from './crash/ledger.ts';
import { runLine } from './crash/load.ts';
import { createLot } from './crash/lot.ts';
import { openStore } from './crash/store.ts';
import { type PostgresServer, runOn, startPostgres } from './postgres.ts';
import { addAccounts, type ServingProcess, serveOn, servingEnv } from './serving.ts';
import { type Answer, type Client, createClient, page } from './wire/client.ts';
import { problem, problems } from './wire/problem.ts';
import { body } from './wire/sample.ts';

const readiness = async ({ url }: ServingProcess) => (await fetch(`${url}/readyz`)).status;

/** A session of somebody else, in a transaction that holds what it took until it is let go. */
async function openHolder(url: string, statement: string) {
  const client = new PostgresClient({ connectionString: url });
  await client.connect();
  await client.query('begin');
  await client.query(statement);
  const letGo = async () => {
    await client.query('rollback');
    await client.end();
  };
  return { letGo };
}

function assertUnavailable(answers: readonly Answer[]): void {
  for (const answer of answers) {
    problem(answer, problems.unavailable);
    assert.match(answer.headers['retry-after'] ?? '', /^[1-9]\d*$/);
  }
}

describe('a pool whose connections are all in use', () => {
  it('is a 503 for those who wait too long, and serves again when they are free', async () => {
    await using store = await openStore('postgres');
    const [account] = await addAccounts(store.url, ['aaaa1111']);
    const env = { JACKFIELD_DATABASE_POOL_SIZE: '1', JACKFIELD_STATEMENT_TIMEOUT_MS: '3000' };
    await using server = await serveOn(store.url, { env });
    const client = createClient(server.url, account);
    const { id } = await client.given(body());
    const { letGo } = await openHolder(store.url, 'lock table applications in access exclusive mode');
    // The first times out in the database; the last would come to its turn after 12 s, and is told after 5.
    assertUnavailable(await Promise.all(Array.from({ length: 4 }, () => client.list())));
    await letGo();
    await until('it to be ready', async () => (await readiness(server)) === 200);
    assert.equal((await client.found(id)).id, id);
    assert.equal(await client.total(), 1);
  });
});

describe('a row that somebody else has locked', () => {
  for (const pooler of ['off', 'on']) {
    it(`is a 503 when the time of a statement is over, with a pooler ${pooler}`, async () => {
      await using store = await openStore('postgres');
      const [account, other] = await addAccounts(store.url, ['aaaa1111', 'bbbb2222']);
      const env = { JACKFIELD_DATABASE_POOLER: pooler, JACKFIELD_STATEMENT_TIMEOUT_MS: '500' };
      await using server = await serveOn(store.url, { env });
      const client = createClient(server.url, account);
      const { id } = await client.given(body());
      const { letGo } = await openHolder(
        store.url,
        "update accounts set name = 'held' where api_key = 'aaaa1111'",
      );
      assertUnavailable([await client.create(body()), await client.remove(id)]);
      assert.equal((await client.found(id)).id, id);
      assert.equal((await createClient(server.url, other).create(body())).status, 201);
      await letGo();
      await client.given(body());
      assert.equal(await client.total(), 2);
      await assertSound(store);
    });
  }
});

/** A load that takes a 503 for an answer that stayed away, and what has to be there at its end. */
function startLoad(url: string, account: Parameters<typeof createClient>[1]) {
  const ledger = new Ledger();
  let isOver = false;
  const clients = Array.from({ length: 6 }, () => createClient(url, account));
  const lines = clients.map((client, number) =>
    runLine({
      client,
      ledger,
      lot: createLot(number),
      name: `${number}`,
      own: new Set(),
      goesOn: () => !isOver,
    }),
  );
  const end = async (client: Client) => {
    isOver = true;
    await Promise.all(lines);
    const listed = page(await client.list('?page_size=100'));
    assert.equal(listed.total_pages, 1);
    ledger.reconcile(listed._embedded.applications);
  };
  const progress = async () => {
    const before = ledger.acknowledged;
    await until('writes to be acknowledged', () => ledger.acknowledged > before + 10, 30_000);
  };
  return { progress, end };
}

describe('connections that are cut under load', () => {
  it('lose nothing that was acknowledged, and are replaced', async () => {
    await using store = await openStore('postgres');
    const [account] = await addAccounts(store.url, ['aaaa1111']);
    await using server = await serveOn(store.url);
    const load = startLoad(server.url, account);
    for (let cut = 0; cut < 5; cut += 1) {
      await load.progress();
      await store.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'jackfield'",
      );
    }
    await load.progress();
    await load.end(createClient(server.url, account));
    await assertSound(store);
  });
});

describe('a PostgreSQL server that is stopped under load', () => {
  it('loses nothing that was acknowledged, is found again, and its password is told to nobody', async () => {
    await using postgres = await startPostgres();
    const [account] = await addAccounts(postgres.url, ['aaaa1111']);
    await using server = await serveOn(postgres.url, { env: { JACKFIELD_LOG_LEVEL: 'trace' } });
    const load = startLoad(server.url, account);
    await load.progress();
    await postgres.stop();
    await until('it not to be ready', async () => (await readiness(server)) === 503);
    const client = createClient(server.url, account);
    const refusals = [await client.list(), await client.create(body())];
    assertUnavailable(refusals);
    await postgres.start();
    await until('it to be ready', async () => (await readiness(server)) === 200);
    await load.progress();
    await load.end(client);
    const { stdout, stderr } = await server.stop();
    assert.match(stdout, /request failed/);
    const { password } = new URL(postgres.url);
    for (const text of [stdout, stderr, ...refusals.map(({ text }) => text)]) {
      assert.ok(!text.includes(password));
    }
  });
});

/** Takes connections until the server gives no more. */
async function takeAll({ url }: PostgresServer) {
  const clients: PostgresClient[] = [];
  for (;;) {
    const client = new PostgresClient({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      clients.push(client);
    } catch (error) {
      assert.equal((error as { code?: string }).code, '53300');
      break;
    }
  }
  return { letGo: () => Promise.all(clients.map((client) => client.end())) };
}

describe('a PostgreSQL server that takes no more connections', () => {
  it('is refused at the start, is a 503 later, and both pass', async () => {
    await using postgres = await startPostgres({ settings: ['max_connections=8'] });
    const [account] = await addAccounts(postgres.url, ['aaaa1111']);
    const first = await takeAll(postgres);
    const { code, stderr } = await run(['serve', '--json'], { cwd: '/', env: servingEnv(postgres.url) });
    assert.equal(code, 6);
    assert.match(JSON.parse(stderr).error.fix, /Let the server take more connections/);
    await first.letGo();

    await using server = await serveOn(postgres.url, { env: { JACKFIELD_DATABASE_POOL_SIZE: '1' } });
    const client = createClient(server.url, account);
    assert.equal(await client.total(), 0);
    const second = await takeAll(postgres);
    // It writes on a connection that it has not made yet.
    assertUnavailable([await client.create(body())]);
    assert.equal(await client.total(), 0);
    await second.letGo();
    await until('it to write', async () => (await client.create(body())).status === 201);
    await runOn(postgres.url, 'select 1');
  });
});
