/** What `jackfield serve` says of a PostgreSQL database that it cannot use: exit code, what is wrong, what to do, and no password. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';
import { run } from './cli/command.ts';
import { createTestDatabase, runOn } from './postgres.ts';
import { openPostgresPeer } from './postgres-peer.ts';
import { addAccounts, serveOn, servingEnv } from './serving.ts';
import { createClient } from './wire/client.ts';
import { body } from './wire/sample.ts';

/** Stands in every URL; whoever sees it anywhere has found a leak. */
const PASSWORD = 'canary%21of%40a-password';

/** An error as `--json` prints it, and the exit code. */
interface Refusal {
  readonly exit: number | null;
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

/** Starts a server that has to be refused, and looks for the password in all that it prints. */
async function refusalOf(url: string, env: Readonly<Record<string, string>> = {}): Promise<Refusal> {
  const options = { cwd: tmpdir(), env: { ...servingEnv(url), JACKFIELD_LOG_LEVEL: 'trace', ...env } };
  const { code, stdout, stderr } = await run(['serve', '--json'], options);
  const printed = stdout + stderr;
  assert.ok(!/canary|a-password/.test(printed), printed);
  const { error } = JSON.parse(stderr) as { error: Omit<Refusal, 'exit'> };
  return { exit: code, ...error };
}

/** Asserts exit code, what is wrong and what to do. */
async function assertRefused(url: string, what: RegExp, fix: RegExp, exit = 6): Promise<void> {
  const refusal = await refusalOf(url);
  assert.equal(refusal.exit, exit, refusal.message);
  assert.equal(refusal.code, exit === 6 ? 'storage_unusable' : 'setting_unusable');
  assert.match(refusal.message, what);
  assert.match(refusal.fix, fix);
}

/** The address of a database for another user, whose password is the canary. */
function asUser(url: string, user: string, change: (url: URL) => void = () => undefined): string {
  const other = new URL(url);
  other.username = user;
  other.password = PASSWORD;
  change(other);
  return other.href;
}

/** A user with the canary for a password, who may do nothing yet, gone at the end. */
async function openUser(url: string) {
  const name = `user_${new URL(url).pathname.slice(1)}`;
  await runOn(url, `create role ${name} login password '${decodeURIComponent(PASSWORD)}'`);
  return {
    name,
    url: asUser(url, name),
    [Symbol.asyncDispose]: () => runOn(url, `drop owned by ${name}; drop role ${name}`),
  };
}

describe('the address of a PostgreSQL database is refused', () => {
  it('with a scheme that is none of ours', async () => {
    const fix = /sqlite:\.\/jackfield\.db.*postgres:\/\//;
    await assertRefused(`mysql://user:${PASSWORD}@127.0.0.1/db`, /^JACKFIELD_DATABASE_URL/, fix, 3);
  });

  it('when it cannot be read', async () => {
    const fix = /postgres:\/\/USER:PASSWORD@HOST:PORT\/NAME/;
    await assertRefused(`postgres://user:${PASSWORD}#@127.0.0.1/db`, /^JACKFIELD_DATABASE_URL/, fix, 3);
  });

  it('with a host that nobody knows', async () => {
    const url = `postgres://user:${PASSWORD}@nowhere.invalid/db`;
    await assertRefused(url, /(ENOTFOUND|EAI_AGAIN).* nowhere\.invalid/, /Correct the host/);
  });

  it('where nobody listens', async () => {
    const url = `postgres://user:${PASSWORD}@127.0.0.1:1/db`;
    await assertRefused(url, /ECONNREFUSED 127\.0\.0\.1:1/, /Start the database server/);
  });

  it('where something else listens', async () => {
    const web = createServer().listen(0, '127.0.0.1');
    await once(web, 'listening');
    const { port } = web.address() as AddressInfo;
    const url = `postgres://user:${PASSWORD}@127.0.0.1:${port}/db`;
    await assertRefused(url, /cannot be used/, /Look at the database server and at JACKFIELD_DATABASE_URL/);
    web.close();
  });

  it('with a password that is wrong', async () => {
    await using database = await createTestDatabase();
    const url = asUser(database.url, new URL(database.url).username);
    await assertRefused(url, /password authentication failed/, /Correct user and password/);
  });

  it('with a database that is not there', async () => {
    await using database = await createTestDatabase();
    await using user = await openUser(database.url);
    const url = asUser(user.url, user.name, (to) => {
      to.pathname = '/nowhere';
    });
    await assertRefused(url, /"nowhere" does not exist/, /createdb/);
  });
});

describe('a PostgreSQL server is refused', () => {
  it('when it is older than 14', async () => {
    await using peer = await openPostgresPeer('13.23 (Debian 13.23-1)', '130023');
    const url = `postgres://user:${PASSWORD}@127.0.0.1:${peer.port}/db`;
    await assertRefused(url, /is PostgreSQL 13\.23 .*14 is the oldest/, /Upgrade it/);
  });

  it('when it takes no more connections', async () => {
    await using database = await createTestDatabase();
    await using user = await openUser(database.url);
    await runOn(database.url, `alter role ${user.name} connection limit 0`);
    await assertRefused(user.url, /too many connections/, /Let the server take more connections/);
  });
});

describe('the user of a PostgreSQL database is refused', () => {
  it('when there are no tables and he may make none', async () => {
    await using database = await createTestDatabase();
    await using user = await openUser(database.url);
    await assertRefused(
      user.url,
      /no tables in the schema public: permission denied/,
      /CREATE on the schema/,
    );
  });

  it('when he may not read which migrations were run', async () => {
    await using database = await createTestDatabase();
    await addAccounts(database.url, []);
    await using user = await openUser(database.url);
    await assertRefused(user.url, /permission denied for table migrations/, /Grant this user/);
  });

  it('when he may not do everything with every table, and is told with what', async () => {
    await using database = await createTestDatabase();
    const [account] = await addAccounts(database.url, ['aaaa1111']);
    await using user = await openUser(database.url);
    await runOn(
      database.url,
      `grant select on all tables in schema public to ${user.name};
       grant insert, update on applications to ${user.name}`,
    );
    const { exit, message, fix } = await refusalOf(user.url);
    assert.equal(exit, 6);
    assert.match(message, /INSERT, UPDATE, DELETE on accounts; .*DELETE on applications; /);
    assert.match(message, /USAGE on account_numbers; .*USAGE on delivery_changes_sequence_seq/);
    assert.match(fix, /Grant this user SELECT, INSERT, UPDATE and DELETE on the tables/);

    await runOn(
      database.url,
      `grant select, insert, update, delete on all tables in schema public to ${user.name};
       grant usage on all sequences in schema public to ${user.name}`,
    );
    await using server = await serveOn(user.url);
    const client = createClient(server.url, account);
    const { id } = await client.given(body());
    assert.equal((await client.remove(id)).status, 204);
  });

  it('when tables have to be brought up to date that are not his', async () => {
    await using database = await createTestDatabase();
    await addAccounts(database.url, []);
    await using user = await openUser(database.url);
    await runOn(
      database.url,
      `grant all on all tables in schema public to ${user.name};
       grant create on schema public to ${user.name};
       drop table application_blocks;
       delete from migrations where name > '002'`,
    );
    await assertRefused(user.url, /must be owner of/, /as the user who owns the tables/);
  });
});

describe('the encoding of a PostgreSQL database is refused', () => {
  it('when it is not UTF-8, whether it is to be served or restored into', async () => {
    await using database = await createTestDatabase({ encoding: 'LATIN1' });
    await using user = await openUser(database.url);
    await assertRefused(user.url, /encoding LATIN1, and only UTF8/, /createdb --encoding=UTF8/);
    const restored = await run(['restore', 'nothing.jackfield', '--json'], {
      cwd: tmpdir(),
      env: servingEnv(user.url),
    });
    assert.match(restored.stderr, /encoding LATIN1/);
  });
});

describe('the schema of a PostgreSQL database is refused', () => {
  it('when a newer release wrote it', async () => {
    await using database = await createTestDatabase();
    await addAccounts(database.url, []);
    await using user = await openUser(database.url);
    await runOn(database.url, `insert into migrations values ('999-later', '2030')`);
    await runOn(database.url, `grant select on migrations to ${user.name}`);
    await assertRefused(user.url, /newer release .*999-later/, /Run the release that wrote it/);
  });
});
