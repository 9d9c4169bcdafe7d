/** Applications of an account go out as lines and come in again, from a file or from another server. */

import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { type Folder, openFolder } from '../folder.ts';
import type { TestAccount } from '../jackfield.ts';
import { type Application, type Client, createClient } from '../wire/client.ts';
import { body, everything, OTHER_KEY } from '../wire/sample.ts';
import { ACCOUNT, listAll, serve } from './backup-making.ts';
import { type CommandOptions, run, runFailing, runJson } from './command.ts';
import { CROSSINGS, createEmpty, findContradictions, optionsFor } from './databases.ts';

const IMPORT = ['import', '--account', ACCOUNT];
const EXPORT = ['export', '--account', ACCOUNT];

/** A server with an account and a client of it, and where commands work on the same database. */
async function openSide(folder: Folder, url: string) {
  const server = await serve(url);
  const account = await server.child.call<TestAccount>('createAccount', ACCOUNT);
  const options = optionsFor(folder, url);
  return { server, account, client: createClient(server.url, account), options };
}

async function openSqliteSide(folder: Folder, name: string) {
  return openSide(folder, `sqlite:${folder.file(`${name}.db`)}`);
}

async function fill(client: Client, count: number): Promise<Application[]> {
  for (let number = 0; number < count; number += 1)
    await client.given({ ...everything(), name: `${number}` });
  return listAll(client);
}

describe('jackfield export and import', () => {
  for (const [from, to] of CROSSINGS) {
    it(`carry the applications of an account from ${from} to ${to}, in their order`, async () => {
      await using folder = await openFolder();
      await using source = await createEmpty(from, folder, 'source');
      await using target = await createEmpty(to, folder, 'target');
      const one = await openSide(folder, source.url);
      const other = await openSide(folder, target.url);
      await using _servers = new AsyncDisposableStack();
      _servers.use(one.server);
      _servers.use(other.server);
      const originals = await fill(one.client, 205);
      const written = await runJson([...EXPORT, 'file'], one.options);
      assert.deepEqual(written, { file: folder.file('file'), applications: 205 });
      assert.equal(statSync(folder.file('file')).mode & 0o777, 0o600);
      const taken = await runJson([...IMPORT, 'file'], other.options);
      assert.deepEqual(taken, { api_key: ACCOUNT, created: 205, replaced: 0, skipped: 0 });
      assert.deepEqual(await listAll(other.client), originals);
      assert.deepEqual(await findContradictions(target.url), []);

      const again = await runFailing([...IMPORT, 'file'], other.options);
      assert.deepEqual([again.exit, again.code], [5, 'application_exists']);
      await other.client.remove(originals[3]?.id ?? '');
      await other.client.update(originals[4]?.id ?? '', body({ name: 'changed' }));
      const skipped = await runJson([...IMPORT, 'file', '--on-conflict', 'skip'], other.options);
      assert.deepEqual(skipped, { api_key: ACCOUNT, created: 1, replaced: 0, skipped: 204 });
      assert.equal((await other.client.found(originals[4]?.id ?? '')).name, 'changed');
      const replaced = await runJson([...IMPORT, 'file', '--on-conflict', 'replace'], other.options);
      assert.deepEqual(replaced, { api_key: ACCOUNT, created: 0, replaced: 1, skipped: 204 });
      const byId = (list: Application[]) => list.sort((a, b) => (a.id < b.id ? -1 : 1));
      assert.deepEqual(byId(await listAll(other.client)), byId(originals));
      assert.deepEqual(await findContradictions(target.url), []);
    });
  }

  it('go through a pipe, with ids as other servers make them', async () => {
    await using folder = await openFolder();
    const { server, client, options } = await openSqliteSide(folder, 'one');
    await using _server = server;
    const ids = ['an id/with 🎈', 'x'.repeat(255), '"keys":{'];
    const lines = ids.map((id) => JSON.stringify({ ...body({ name: '"keys":{' }), id, _links: {} }));
    const { code, stderr } = await run([...IMPORT, '-'], { ...options, stdin: `\n${lines.join('\n\n')}` });
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(
      (await listAll(client)).map(({ id }) => id),
      ids,
    );
    for (const id of ids) assert.equal((await client.found(encodeURIComponent(id))).id, id);
    const { stdout } = await run(EXPORT, options);
    const exported = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Application);
    assert.deepEqual(exported, await listAll(client));
  });

  it('bring back a key that a rotation has retired, which is published once then', async () => {
    await using folder = await openFolder();
    const { server, client, options } = await openSqliteSide(folder, 'one');
    await using _server = server;
    const { id, keys } = await client.given(body());
    await runJson([...EXPORT, 'file'], options);
    const publish = async () => {
      const path = `/jackfield/v1/accounts/${ACCOUNT}/applications/${id}/jwks.json`;
      return ((await client.send({ path })).json as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
    };
    const [kid] = await publish();
    const rotated = await client.send({ method: 'POST', path: `/jackfield/v1/applications/${id}/keys` });
    assert.equal(rotated.status, 201);
    assert.equal((await publish()).length, 2);
    await runJson([...IMPORT, 'file', '--on-conflict', 'replace'], options);
    assert.deepEqual((await client.found(id)).keys, keys);
    assert.deepEqual(await publish(), [kid]);
  });

  it('say of each line what is wrong with it, and take nothing of its batch', async () => {
    await using folder = await openFolder();
    const { server, client, options } = await openSqliteSide(folder, 'one');
    await using _server = server;
    const good = { ...body(), id: 'good' };
    const lines = [
      JSON.stringify(good),
      '{"id": "a"',
      JSON.stringify({ id: 'b', name: 'no key' }),
      JSON.stringify({ ...body({ name: '' }), id: 'c', unknown: 1 }),
      JSON.stringify({ ...body(), id: '..' }),
      JSON.stringify(body()),
      '[]',
    ];
    writeFileSync(folder.file('file'), lines.join('\n'));
    const { exit, code, faults } = (await runFailing([...IMPORT, 'file'], options)) as unknown as {
      exit: number;
      code: string;
      faults: { name: string; reason: string }[];
    };
    assert.deepEqual([exit, code], [5, 'import_invalid']);
    assert.deepEqual(
      faults.map(({ name }) => name),
      [
        'line 2: body',
        'line 3: keys.public_key',
        'line 4: name',
        'line 4: unknown',
        'line 5: id',
        'line 6: id',
        'line 7: body',
      ],
    );
    assert.equal(await client.total(), 0);
    const { stderr } = await run([...IMPORT, 'file'], options);
    assert.match(stderr, /line 3: keys\.public_key is required/);
    writeFileSync(
      folder.file('file'),
      `${JSON.stringify(good)}\n${JSON.stringify({ ...good, keys: { public_key: OTHER_KEY } })}\n`,
    );
    const twice = await runFailing([...IMPORT, 'file'], options);
    assert.equal(twice.code, 'application_exists');
    writeFileSync(folder.file('long'), 'x'.repeat(600_000));
    assert.equal((await runFailing([...IMPORT, 'long'], options)).code, 'import_invalid');
    const refusals: [string[], number, string][] = [
      [['import', '--account', 'ffffffff', 'file'], 4, 'account_not_found'],
      [['export', '--account', 'ffffffff'], 4, 'account_not_found'],
      [IMPORT, 2, 'usage'],
      [[...IMPORT, 'file', '--from-api', 'http://127.0.0.1:1'], 2, 'usage'],
      [[...IMPORT, 'file', '--on-conflict', 'perhaps'], 2, 'usage'],
      [[...IMPORT, '--from-api', 'ftp://127.0.0.1', '--api-key', 'x'], 2, 'usage'],
      [[...IMPORT, 'none'], 3, 'file_unusable'],
      [[...EXPORT, 'file'], 5, 'file_exists'],
    ];
    for (const [words, status, name] of refusals) {
      const error = await runFailing(words, options);
      assert.deepEqual([error.exit, error.code], [status, name], words.join(' '));
    }
    assert.match(readFileSync(folder.file('file'), 'utf8'), /good/);
  });
});

/** Something between a client and a server that answers in its place when it likes. */
async function openFront(url: string, answer: (path: string, response: ServerResponse) => boolean) {
  const front: Server = createServer((incoming, response) => {
    if (answer(incoming.url ?? '', response)) return;
    const { method, headers } = incoming;
    request(`${url}${incoming.url}`, { method, headers }, (from) => {
      response.writeHead(from.statusCode ?? 502, from.headers);
      from.pipe(response);
    }).end();
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    front.closeAllConnections();
    await new Promise((resolve) => front.close(resolve));
  };
  return { url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`, [Symbol.asyncDispose]: close };
}

function fromApi(url: string, { apiKey }: TestAccount): string[] {
  return [...IMPORT, '--from-api', url, '--api-key', apiKey, '--api-secret-file', '-'];
}

const withSecret = (options: CommandOptions, { apiSecret }: TestAccount) => ({
  ...options,
  stdin: apiSecret,
});

describe('jackfield import --from-api', () => {
  it('reads all pages in their order, whatever gets in between', async () => {
    await using folder = await openFolder();
    const one = await openSqliteSide(folder, 'one');
    const other = await openSqliteSide(folder, 'other');
    await using _servers = new AsyncDisposableStack();
    _servers.use(one.server);
    _servers.use(other.server);
    const originals = await fill(one.client, 205);
    const asked: string[] = [];
    await using front = await openFront(one.server.url, (path, response) => {
      asked.push(path);
      if (asked.length === 2) response.writeHead(429, { 'Retry-After': '0' }).end();
      else if (asked.length === 3)
        response.writeHead(503, { 'Retry-After': new Date(0).toUTCString() }).end();
      else if (asked.length === 5) response.destroy();
      else return false;
      return true;
    });
    const options = withSecret(other.options, one.account);
    const taken = await runJson(fromApi(`${front.url}/v2/applications/`, one.account), options);
    assert.deepEqual(taken, { api_key: ACCOUNT, created: 205, replaced: 0, skipped: 0 });
    assert.deepEqual(await listAll(other.client), originals);
    assert.deepEqual(
      asked.map((path) => /&page=(\d)$/.exec(path)?.[1]),
      ['1', '2', '2', '2', '3', '3'],
    );
    const env = { ...other.options.env, JACKFIELD_IMPORT_API_SECRET: one.account.apiSecret };
    const again = await runJson(
      [...IMPORT, '--from-api', one.server.url, '--api-key', ACCOUNT, '--on-conflict', 'skip'],
      { ...other.options, env },
    );
    assert.deepEqual(again, { api_key: ACCOUNT, created: 0, replaced: 0, skipped: 205 });
  });

  it('asks for smaller pages where large ones are refused, and says what it cannot read', async () => {
    await using folder = await openFolder();
    const one = await openSqliteSide(folder, 'one');
    const other = await openSqliteSide(folder, 'other');
    await using _servers = new AsyncDisposableStack();
    _servers.use(one.server);
    _servers.use(other.server);
    await fill(one.client, 25);
    let strange: string | undefined;
    await using front = await openFront(one.server.url, (path, response) => {
      if (strange !== undefined) response.writeHead(200).end(strange);
      else if (path.includes('page_size=100')) response.writeHead(400).end();
      else return false;
      return true;
    });
    const options = withSecret(other.options, one.account);
    await runJson(fromApi(front.url, one.account), options);
    assert.equal(await other.client.total(), 25);

    const wrong = await runFailing(fromApi(front.url, one.account), { ...options, stdin: 'CanaryWrong1' });
    assert.deepEqual([wrong.exit, wrong.code], [11, 'remote_unusable']);
    assert.match(wrong.fix, /--api-key/);
    assert.ok(!JSON.stringify(wrong).includes('CanaryWrong1'));
    for (strange of ['<html>', '{}', '{"total_items":3,"total_pages":1,"_embedded":{"applications":[]}}']) {
      const error = await runFailing(fromApi(front.url, one.account), options);
      assert.deepEqual([error.exit, error.code], [11, 'remote_unusable'], strange);
    }
  });
});
