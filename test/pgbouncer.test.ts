/** Behind PgBouncer in transaction mode, which hands connections on after each transaction and knows no sessions. */

import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';
import { run, runJson } from './cli/command.ts';
import { until } from './condition.ts';
import { assertSound } from './crash/checks.ts';
import { openStore, type Store } from './crash/store.ts';
import { findPgbouncer, startPgbouncer } from './pgbouncer.ts';
import { addAccounts, type ServingProcess, serveOn, servingEnv } from './serving.ts';
import { type Client, createClient, page } from './wire/client.ts';
import { body } from './wire/sample.ts';

const program = findPgbouncer();
const isRequired = process.env['JACKFIELD_REQUIRE_PGBOUNCER'] === '1';
const skip = program === undefined && !isRequired ? 'there is no pgbouncer on this machine' : false;

/** A database, a pooler in front of it, and two servers that started at once on the empty database. */
interface Pooled extends AsyncDisposable {
  readonly store: Store;
  readonly servers: readonly [ServingProcess, ServingProcess];
  /** Settings of whoever goes through the pooler. */
  readonly env: Readonly<Record<string, string>>;
}

/** @param direct whether they are told of a way past the pooler. */
async function openPooled({ direct }: { direct: boolean }): Promise<Pooled> {
  assert.ok(program !== undefined, 'there has to be a pgbouncer');
  await using opened = new AsyncDisposableStack();
  const store = opened.use(await openStore('postgres'));
  const { url } = opened.use(await startPgbouncer(program, store.url));
  const env = {
    ...servingEnv(url),
    JACKFIELD_DATABASE_POOLER: 'on',
    ...(direct ? { JACKFIELD_DATABASE_DIRECT_URL: store.url } : {}),
  };
  const servers = await Promise.all([serveOn(url, { env }), serveOn(url, { env })]);
  for (const server of servers) opened.use(server);
  const resources = opened.move();
  return { store, servers, env, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/** Creates, reads, changes, lists and removes, and leaves one behind. */
async function live(client: Client, name: string): Promise<void> {
  const kept = await client.given(body({ name }));
  const removed = await client.given(body({ name: `${name} for now` }));
  assert.deepEqual(await client.found(kept.id), kept);
  const changed = await client.update(kept.id, body({ name: `${name} again` }));
  assert.equal(changed.status, 200, changed.text);
  assert.equal((await client.remove(removed.id)).status, 204);
  assert.equal((await client.read(removed.id)).status, 404);
  const names = page(await client.list('?page_size=100'))._embedded.applications.map((each) => each.name);
  assert.ok(names.includes(`${name} again`));
}

describe('behind PgBouncer in transaction mode', { skip }, () => {
  it('two servers that start at once make one database, and work on it over many connections', async () => {
    await using pooled = await openPooled({ direct: false });
    const { store, servers } = pooled;
    const names = (await store.query('select name from migrations order by name')).map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.length > 0);
    const accounts = await addAccounts(store.url, ['aaaa1111', 'bbbb2222']);
    const clients = accounts.flatMap((account) =>
      servers.flatMap(({ url }) => [0, 1, 2].map(() => createClient(url, account))),
    );
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(clients.map((client, number) => live(client, `${round} ${number}`)));
    }
    for (const client of clients) assert.equal(await client.total(), (3 * clients.length) / 2);
    await assertSound(store);
  });

  for (const direct of [false, true]) {
    const way = direct ? 'with a way past it' : 'without any way past it';
    it(`a revoked secret stops working within a second in every process, ${way}`, async () => {
      await using pooled = await openPooled({ direct });
      const { store, servers, env } = pooled;
      const [account] = await addAccounts(store.url, ['aaaa1111']);
      const clients = servers.map(({ url }) => createClient(url, account));
      for (const client of clients) assert.equal((await client.list()).status, 200);
      await until('notifications to be heard where they can be', async () => {
        const listening = await store.query(
          "select pid from pg_stat_activity where datname = current_database() and query like 'listen %'",
        );
        return listening.length === (direct ? servers.length : 0);
      });
      const command = { cwd: tmpdir(), env };
      const [first] = await runJson<{ id: string }[]>(['secret', 'list', 'aaaa1111'], command);
      await runJson(['secret', 'create', 'aaaa1111'], command);
      await runJson(['secret', 'revoke', 'aaaa1111', first?.id ?? ''], command);
      await Promise.all(
        clients.map((client) => until('401', async () => (await client.list()).status === 401, 1000)),
      );
    });
  }

  it('a server that was not told of it says what to set', async () => {
    assert.ok(program !== undefined);
    await using store = await openStore('postgres');
    await using pooler = await startPgbouncer(program, store.url);
    const options = { cwd: tmpdir(), env: servingEnv(pooler.url) };
    const { code, stderr } = await run(['serve', '--json'], options);
    assert.equal(code, 6);
    assert.match(JSON.parse(stderr).error.fix, /JACKFIELD_DATABASE_POOLER=on/);
  });
});
