/** PostgreSQL as a server it is: what is refused at the start, who starts at once, and what happens when it goes. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Client } from 'pg';
import { openPostgres } from '../src/storage/postgres.ts';
import { openChild } from './child.ts';
import { until } from './condition.ts';
import { startJackfield } from './jackfield.ts';
import { createTestDatabase, runOn, startPostgres } from './postgres.ts';
import { createClient } from './wire/client.ts';
import { body } from './wire/sample.ts';

const optionsOf = (url: string) => ({
  url,
  poolSize: 4,
  pooled: false,
  statementTimeoutMs: 5000,
  directUrl: undefined,
});

/** What opening a database says when it is refused. */
async function refusalOf(url: string): Promise<{ message: string; fix: string }> {
  try {
    const database = await openPostgres(optionsOf(url));
    await database.close();
  } catch (error) {
    const { code, message, fix } = error as { code: string; message: string; fix: string };
    assert.equal(code, 'storage_unusable');
    return { message, fix };
  }
  throw new Error('it was opened');
}

const changed = (url: string, change: (url: URL) => void) => {
  const other = new URL(url);
  change(other);
  return other.href;
};

describe('a PostgreSQL database that cannot be used', () => {
  it('is refused with what is wrong and what to do, and without the password', async () => {
    await using database = await createTestDatabase();
    const cases: [string, RegExp, RegExp][] = [
      [
        changed(database.url, (url) => {
          url.port = '1';
        }),
        /ECONNREFUSED/,
        /Start the database server/,
      ],
      [
        changed(database.url, (url) => {
          url.password = 'canary';
        }),
        /password/,
        /user and password/,
      ],
      [
        changed(database.url, (url) => {
          url.pathname = '/nowhere';
        }),
        /nowhere/,
        /createdb/,
      ],
    ];
    for (const [url, what, fix] of cases) {
      const refusal = await refusalOf(url);
      assert.match(refusal.message, what);
      assert.match(refusal.fix, fix);
      assert.ok(!JSON.stringify(refusal).includes('canary'));
    }
  });

  it('is one of a newer release, which is left as it is', async () => {
    await using database = await createTestDatabase();
    await (await openPostgres(optionsOf(database.url))).close();
    await runOn(database.url, "insert into migrations values ('999-later', '2030')");
    const { message, fix } = await refusalOf(database.url);
    assert.match(message, /newer release \(it holds the migration 999-later\)/);
    assert.match(fix, /Run the release that wrote it/);
  });

  it('is one in which this user may create nothing', async () => {
    await using database = await createTestDatabase();
    const role = `poor_${new URL(database.url).pathname.slice(1)}`;
    await runOn(database.url, `create role ${role} login password 'canary'`);
    await runOn(database.url, 'revoke create on schema public from public');
    const url = changed(database.url, (to) => {
      to.username = role;
      to.password = 'canary';
    });
    const { message, fix } = await refusalOf(url);
    assert.match(message, /permission denied/);
    assert.match(fix, /Grant this user/);
    await runOn(database.url, `drop role ${role}`);
  });

  it('is one with tables of somebody else', async () => {
    await using database = await createTestDatabase();
    await runOn(database.url, 'create table accounts (theirs text)');
    const { fix } = await refusalOf(database.url);
    assert.match(fix, /database or schema of its own/);
  });
});

describe('an empty PostgreSQL database', () => {
  it('is made once when several processes start at a time, and all of them work on it', async () => {
    await using opened = new AsyncDisposableStack();
    const database = opened.use(await createTestDatabase());
    const children = await Promise.all([0, 1, 2].map(() => openChild('database')));
    for (const child of children) opened.use(child);
    await Promise.all(children.map((child) => child.call('open', { url: database.url })));
    const results = await Promise.all(
      children.map((child, number) => child.call('addAccount', `0000000${number}`)),
    );
    assert.deepEqual(results, Array(3).fill({ ok: true }));
    await Promise.all(children.map((child) => child.call('close')));
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query('select count(distinct number)::int as numbers from accounts');
    await client.end();
    assert.equal(rows[0]?.numbers, 3);
  });
});

describe('a PostgreSQL database that goes away', () => {
  it('is a 503 that says when to come back, and all goes on when it returns', async () => {
    await using postgres = await startPostgres();
    await using server = await startJackfield({ JACKFIELD_DATABASE_URL: postgres.url });
    const client = createClient(server.url, server.accounts[0]);
    const { id } = await client.given(body());
    const readiness = async () => (await fetch(`${server.url}/readyz`)).status;
    assert.equal(await readiness(), 200);
    await postgres.stop();
    assert.equal(await readiness(), 503);
    for (const answer of [await client.read(id), await client.list(), await client.create(body())]) {
      assert.equal(answer.status, 503, answer.text);
      assert.match(answer.headers['retry-after'] ?? '', /^[1-9]\d*$/);
      assert.doesNotMatch(answer.text, /ECONN|postgres/i);
    }
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
    await postgres.start();
    await until('it to be ready', async () => (await readiness()) === 200);
    assert.equal((await client.found(id)).id, id);
    assert.equal((await client.create(body())).status, 201);
    assert.equal(await client.total(), 2);
  });
});
