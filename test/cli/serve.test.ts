/** `jackfield serve`: the accounts somebody made and no others, and an orderly end. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { until } from '../condition.ts';
import { type Folder, openFolder } from '../folder.ts';
import { basic, createClient } from '../wire/client.ts';
import { openRaw } from '../wire/raw.ts';
import { type CommandOptions, type RunningCommand, run, runFailing, runJson, start } from './command.ts';

const MASTER_KEY = '0f'.repeat(32);

interface Ready {
  readonly url: string;
  readonly metrics_url?: string;
}

interface Made {
  readonly api_key: string;
  readonly api_secret: string;
  readonly signature_secret: string;
}

/** A server with one account, in a folder of its own. */
interface Served extends AsyncDisposable {
  readonly folder: Folder;
  readonly options: CommandOptions;
  readonly server: RunningCommand;
  readonly ready: Ready;
  readonly account: { readonly apiKey: string; readonly apiSecret: string };
}

const readyLine = async (command: RunningCommand): Promise<Ready> =>
  JSON.parse(await command.line((line) => line.startsWith('{"url"'))) as Ready;

async function openServed(env: Record<string, string> = {}): Promise<Served> {
  const folder = await openFolder();
  const options = {
    cwd: folder.path,
    env: { JACKFIELD_MASTER_KEY: MASTER_KEY, JACKFIELD_PORT: '0', JACKFIELD_KEY_POOL_SIZE: '1', ...env },
  };
  const made = await runJson<Made>(['account', 'create'], options);
  const server = start(['serve', '--json'], options);
  return {
    folder,
    options,
    server,
    ready: await readyLine(server),
    account: { apiKey: made.api_key, apiSecret: made.api_secret },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** A request that has begun and still owes its body. */
async function openHalfCreate({ ready, account }: Served) {
  const body = JSON.stringify({ name: 'Under way', keys: { public_key: '' } });
  const connection = await openRaw(ready.url);
  connection.write(
    [
      'POST /v2/applications HTTP/1.1',
      'Host: localhost',
      `Authorization: ${basic(account)}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      '',
      body.slice(0, 5),
    ].join('\r\n'),
  );
  return { connection, finish: () => connection.write(body.slice(5)) };
}

const answers = (url: string) => fetch(`${url}/healthz`).then(({ ok }) => ok);

describe('jackfield serve', () => {
  it('knows the accounts that were made and no others', async () => {
    await using served = await openServed();
    const { ready, account } = served;
    assert.equal((await createClient(ready.url, account).list()).status, 200);
    const known = { apiKey: 'abcd1234', apiSecret: 'DevSecret01' };
    assert.equal((await createClient(ready.url, known).list()).status, 401);
  });

  it('logs for people when it is told to, and no secret', async () => {
    await using served = await openServed({ JACKFIELD_KEY_POOL_SIZE: '0' });
    const { options, account } = served;
    const env = { ...options.env, JACKFIELD_LOG_FORMAT: 'pretty' };
    await using server = start(['serve'], { ...options, env });
    const line = await server.line((text) => text.includes('url: "http'));
    const url = /http:[^"]*/.exec(line)?.[0] ?? '';
    const created = await createClient(url, account).given({ name: 'A canary' });
    assert.equal((await createClient(url, { ...account, apiSecret: 'WrongCanary1' }).list()).status, 401);
    server.signal('SIGTERM');
    const { code, stdout } = await server.ended;
    assert.equal(code, 0);
    assert.match(stdout, /INFO: request\n.*\n {4}method: "POST"\n(.*\n)+? {4}status: 201\n/);
    for (const secret of [account.apiSecret, 'anary', 'Basic', 'PRIVATE', created.id, MASTER_KEY]) {
      assert.ok(!stdout.includes(secret), secret);
    }
  });

  it('keeps compiled code of the thread that writes as well', async () => {
    await using home = await openFolder();
    const { path } = home;
    const places = { HOME: path, XDG_CACHE_HOME: path, LOCALAPPDATA: path, NODE_COMPILE_CACHE: '' };
    await using served = await openServed({ ...places, JACKFIELD_KEY_POOL_SIZE: '0' });
    await createClient(served.ready.url, served.account).given({ name: 'Written by the thread' });
    served.server.signal('SIGTERM');
    assert.equal((await served.server.ended).code, 0);
    const kept = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const isOfThread = (text: string) => text.includes('decoder.decode(message)');
    assert.ok(
      kept.some(({ parentPath, name }) => isOfThread(readFileSync(join(parentPath, name), 'latin1'))),
    );
  });

  it('has the limits of the contract', async () => {
    await using served = await openServed();
    const { headers } = await createClient(served.ready.url, served.account).list();
    assert.equal(headers['ratelimit-policy'], '"default";q=170;w=1');
  });

  it('shows metrics only on a listener of their own, and only when told to', async () => {
    await using without = await openServed();
    assert.equal(without.ready.metrics_url, undefined);
    assert.equal((await fetch(`${without.ready.url}/metrics`)).status, 404);
    await using served = await openServed({ JACKFIELD_METRICS_PORT: '0' });
    const { url, metrics_url = '' } = served.ready;
    assert.match(metrics_url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.notEqual(metrics_url, url);
    assert.match(await (await fetch(`${metrics_url}/metrics`)).text(), /^jackfield_key_pool_size 1$/m);
    assert.equal((await fetch(`${url}/metrics`)).status, 404);
    assert.equal((await fetch(`${metrics_url}/v2/applications`)).status, 404);
  });

  it('refuses a secret within a second of its being revoked by a command', async () => {
    await using served = await openServed();
    const { options, ready, account } = served;
    const client = createClient(ready.url, account);
    assert.equal((await client.list()).status, 200);
    const [first] = await runJson<{ id: string }[]>(['secret', 'list', account.apiKey], options);
    const second = await runJson<{ api_secret: string }>(['secret', 'create', account.apiKey], options);
    const next = createClient(ready.url, { ...account, apiSecret: second.api_secret });
    assert.equal((await next.list()).status, 200, 'both stand');
    await runJson(['secret', 'revoke', account.apiKey, first?.id ?? ''], options);
    await until('401', async () => (await client.list()).status === 401, 1000);
    assert.equal((await next.list()).status, 200);
    await runJson(['account', 'disable', account.apiKey], options);
    await until('401', async () => (await next.list()).status === 401, 1000);
    await runJson(['account', 'enable', account.apiKey], options);
    await until('200', async () => (await next.list()).status === 200, 1000);
  });

  it('writes its log as JSON when nobody looks on', async () => {
    await using served = await openServed();
    await createClient(served.ready.url, served.account).list();
    const line = await served.server.line((text) => text.includes('"msg":"request"'));
    const { method, route, status, api_key } = JSON.parse(line) as Record<string, unknown>;
    assert.deepEqual(
      { method, route, status, api_key },
      { method: 'GET', route: '/v2/applications', status: 200, api_key: served.account.apiKey },
    );
  });
});

describe('the end of jackfield serve', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`lets what is under way end on ${signal}, and exits with 0`, async () => {
      await using served = await openServed();
      const { server, ready } = served;
      const { connection, finish } = await openHalfCreate(served);
      using _closed = connection;
      await until('the server to answer', () => answers(ready.url));
      server.signal(signal);
      await until('nobody else to be let in', async () => !(await answers(ready.url).catch(() => false)));
      finish();
      const answer = await connection.answer();
      assert.equal(answer.status, 201);
      assert.equal(answer.headers['connection'], 'close');
      await connection.closed;
      const { code, stdout } = await server.ended;
      assert.equal(code, 0);
      assert.match(stdout, /"msg":"stopped"\}\n$/);
    });
  }

  it('cuts what does not end within its grace', async () => {
    await using served = await openServed({ JACKFIELD_SHUTDOWN_GRACE_MS: '50' });
    const { connection } = await openHalfCreate(served);
    using _closed = connection;
    await until('the server to answer', () => answers(served.ready.url));
    served.server.signal('SIGTERM');
    await connection.closed;
    assert.equal((await served.server.ended).code, 0);
  });

  it('comes at once on a second signal', async () => {
    await using served = await openServed({ JACKFIELD_SHUTDOWN_GRACE_MS: '600000' });
    const { connection } = await openHalfCreate(served);
    using _closed = connection;
    await until('the server to answer', () => answers(served.ready.url));
    served.server.signal('SIGTERM');
    await served.server.line((line) => line.includes('"msg":"stopping"'));
    served.server.signal('SIGTERM');
    assert.equal((await served.server.ended).code, 143);
    await connection.closed;
  });
});

describe('a bad setting of jackfield serve', () => {
  it('that is missing is named with the way to make it', async () => {
    await using folder = await openFolder();
    const error = await runFailing(['serve'], { cwd: folder.path });
    assert.equal(error.exit, 3);
    assert.match(error.message, /^JACKFIELD_MASTER_KEY is not set/);
    assert.match(error.fix, /node -p/);
  });

  it('is told with every other, in text as well', async () => {
    await using folder = await openFolder();
    const env = { JACKFIELD_MASTER_KEY: 'canary-of-a-key', JACKFIELD_PORT: 'http' };
    const { code, stdout, stderr } = await run(['serve', '--rate-limit', '-1'], { cwd: folder.path, env });
    assert.equal(code, 3);
    assert.equal(stdout, '');
    for (const text of [
      'JACKFIELD_MASTER_KEY cannot be read',
      'JACKFIELD_PORT is "http"',
      '--rate-limit is "-1"',
    ]) {
      assert.ok(stderr.includes(text), stderr);
    }
    assert.ok(!stderr.includes('canary'));
  });

  it('is a master key that is not that of the database', async () => {
    await using folder = await openFolder();
    await runJson(['account', 'create'], { cwd: folder.path, env: { JACKFIELD_MASTER_KEY: MASTER_KEY } });
    const env = { JACKFIELD_MASTER_KEY: 'ab'.repeat(32) };
    const error = await runFailing(['serve', '--port', '0'], { cwd: folder.path, env });
    assert.equal(error.exit, 7);
    assert.equal(error.code, 'master_key_wrong');
  });

  it('is a file that is no database of ours, which is not touched', async () => {
    await using folder = await openFolder();
    const file = folder.file('jackfield.db');
    writeFileSync(file, 'this is no database, and it is longer than a header of one would be'.repeat(20));
    const before = readFileSync(file);
    const env = { JACKFIELD_MASTER_KEY: MASTER_KEY };
    const error = await runFailing(['serve', '--port', '0'], { cwd: folder.path, env });
    assert.equal(error.exit, 6);
    assert.match(error.message, /jackfield\.db/);
    assert.deepEqual(readFileSync(file), before);
  });

  it('is an address this machine does not have', async () => {
    await using folder = await openFolder();
    const env = { JACKFIELD_MASTER_KEY: MASTER_KEY };
    const words = ['serve', '--port', '0', '--host', '192.0.2.1'];
    const error = await runFailing(words, { cwd: folder.path, env });
    assert.equal(error.exit, 8);
    assert.match(error.message, /192\.0\.2\.1/);
  });
});
