/** `jackfield dev`: ready at once, with credentials everybody knows, for this machine alone. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openFolder } from '../folder.ts';
import { createClient } from '../wire/client.ts';
import { type CommandOptions, type RunningCommand, run, runFailing, runJson, start } from './command.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The one line of `jackfield dev --json`. */
interface Ready {
  readonly url: string;
  readonly api_key: string;
  readonly api_secret: string;
  readonly signature_secret: string;
}

const CREDENTIALS = { apiKey: 'abcd1234', apiSecret: 'DevSecret01' };

const readyLine = async (command: RunningCommand): Promise<Ready> =>
  JSON.parse(await command.line((line) => line.startsWith('{"url"'))) as Ready;

const startDev = (options: CommandOptions, ...words: string[]) =>
  start(['dev', '--json', '--port', '0', ...words], options);

async function stop(command: RunningCommand): Promise<void> {
  command.signal('SIGTERM');
  const { code, stderr } = await command.ended;
  assert.equal(code, 0, stderr);
}

describe('jackfield dev', () => {
  it('tells in one line of JSON where it is and who may come in', async () => {
    await using folder = await openFolder();
    await using dev = startDev({ cwd: folder.path });
    const ready = await readyLine(dev);
    assert.match(ready.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.deepEqual(
      { ...ready, url: '' },
      {
        url: '',
        api_key: 'abcd1234',
        api_secret: 'DevSecret01',
        signature_secret: 'JackfieldDevSignatureSecret0123456789',
      },
    );
    assert.equal(dev.printed().split('\n').indexOf(JSON.stringify(ready)), 0, 'the first line');
    assert.equal((await createClient(ready.url, CREDENTIALS).list()).status, 200);
    await stop(dev);
  });

  it('D41 says at its start that it calls loopback and private networks', async () => {
    await using folder = await openFolder();
    await using plain = start(['dev', '--port', '0', '--ephemeral'], { cwd: folder.path });
    await plain.line((line) => /^ {2}Webhooks +called on loopback and in private networks too$/.test(line));
    await stop(plain);
    await using json = startDev({ cwd: folder.path }, '--ephemeral');
    await json.line((line) => line.includes('webhooks are called on loopback and in private networks too'));
    await stop(json);
  });

  it('keeps applications in .jackfield/ until it runs again', async () => {
    await using folder = await openFolder();
    await using first = startDev({ cwd: folder.path });
    const { id } = await createClient((await readyLine(first)).url, CREDENTIALS).given({ name: 'Kept' });
    await stop(first);
    await using second = startDev({ cwd: folder.path });
    assert.equal((await createClient((await readyLine(second)).url, CREDENTIALS).found(id)).name, 'Kept');
    await stop(second);
    assert.deepEqual(readdirSync(folder.path), ['.jackfield']);
    assert.deepEqual(readdirSync(folder.file('.jackfield')).sort(), [
      '.gitignore',
      'jackfield.db',
      'master.key',
    ]);
    if (process.platform !== 'win32') {
      assert.equal(statSync(folder.file('.jackfield/master.key')).mode & 0o777, 0o600);
      assert.equal(statSync(folder.file('.jackfield')).mode & 0o777, 0o700);
    }
  });

  it('leaves nothing behind when it is ephemeral', async () => {
    await using folder = await openFolder();
    await using scratch = await openFolder();
    const env = { TMPDIR: scratch.path, TEMP: scratch.path };
    await using dev = startDev({ cwd: folder.path, env }, '--ephemeral');
    const { url } = await readyLine(dev);
    assert.equal((await createClient(url, CREDENTIALS).create({ name: 'Gone' })).status, 201);
    assert.equal(readdirSync(scratch.path).length, 1);
    await stop(dev);
    assert.deepEqual([...readdirSync(folder.path), ...readdirSync(scratch.path)], []);
  });

  it('prints a curl line and a snippet that work when pasted', async () => {
    await using folder = await openFolder();
    await using dev = start(['dev', '--port', '0', '--ephemeral'], { cwd: folder.path });
    await dev.line((line) => line === 'Ctrl-C stops the server.');
    const banner = dev.printed();
    const curl = /^ {2}(curl .*)$/m.exec(banner)?.[1] ?? '';
    const [program = '', ...words] = curl.split(' ');
    const listed = await promisify(execFile)(program, ['--silent', '--fail', ...words]);
    assert.equal((JSON.parse(listed.stdout) as { total_items: number }).total_items, 0);
    const [snippet = ''] = /^ {2}import \{ Vonage \}.*?console\.log\(.*?\);$/ms.exec(banner) ?? [];
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', snippet], {
      cwd: ROOT,
    });
    assert.match((await run).stdout, /^[0-9a-f-]{36}\n$/);
    await stop(dev);
  });

  it('has no limits unless they are set, and takes settings from the environment, over which flags win', async () => {
    await using folder = await openFolder();
    const env = { JACKFIELD_PORT: '1', JACKFIELD_RATE_LIMIT: '5' };
    await using dev = startDev({ cwd: folder.path, env }, '--ephemeral');
    const { url } = await readyLine(dev);
    const { headers } = await createClient(url, CREDENTIALS).list();
    assert.equal(headers['ratelimit-policy'], '"default";q=5;w=1');
    await stop(dev);
    await using free = startDev({ cwd: folder.path }, '--ephemeral');
    const answer = await createClient((await readyLine(free)).url, CREDENTIALS).list();
    assert.equal(answer.headers['ratelimit'], undefined);
    await stop(free);
  });

  it('shows metrics beside the API', async () => {
    await using folder = await openFolder();
    await using dev = startDev({ cwd: folder.path }, '--ephemeral');
    const { url } = await readyLine(dev);
    assert.match(await (await fetch(`${url}/metrics`)).text(), /^jackfield_key_pool_size 16$/m);
    await stop(dev);
  });

  it('listens on other addresses than loopback only when told to', async () => {
    await using folder = await openFolder();
    const options = { cwd: folder.path };
    const error = await runFailing(['dev', '--ephemeral', '--port', '0', '--host', '0.0.0.0'], options);
    assert.equal(error.exit, 3);
    assert.match(error.message, /--host/);
    assert.match(error.fix, /--allow-remote/);
    await using dev = startDev(options, '--ephemeral', '--host', '0.0.0.0', '--allow-remote');
    assert.match((await readyLine(dev)).url, /^http:\/\/0\.0\.0\.0:\d+$/);
    await stop(dev);
  });

  it('says what to do when its port is taken', async () => {
    await using folder = await openFolder();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { code, stderr } = await run(['dev', '--ephemeral', '--port', `${port}`], { cwd: folder.path });
    taken.close();
    assert.equal(code, 8);
    assert.match(stderr, new RegExp(`Another program listens at 127.0.0.1, port ${port}`));
    assert.match(stderr, /--port 0 takes any free one/);
  });

  it('puts no known credentials into a database of somebody else', async () => {
    await using folder = await openFolder();
    const env = { JACKFIELD_MASTER_KEY: '0f'.repeat(32) };
    const options = { cwd: folder.path, env };
    await runJson(['account', 'create'], options);
    const error = await runFailing(['dev', '--port', '0', '--database', 'sqlite:./jackfield.db'], options);
    assert.equal(error.exit, 5);
    assert.equal(error.code, 'accounts_of_others');
    assert.equal((await runJson<unknown[]>(['account', 'list'], options)).length, 1);
  });

  it('warns when its account no longer has the known secret', async () => {
    await using folder = await openFolder();
    const options = { cwd: folder.path };
    await using first = startDev(options);
    await readyLine(first);
    await stop(first);
    await runJson(['account', 'disable', 'abcd1234', '--dev'], options);
    await using second = startDev(options);
    const { url } = await readyLine(second);
    await second.line((line) => line.includes('account abcd1234 is disabled'));
    assert.equal((await createClient(url, CREDENTIALS).list()).status, 401);
    await runJson(['account', 'enable', 'abcd1234', '--dev'], options);
    assert.equal((await createClient(url, CREDENTIALS).list()).status, 200);
    await stop(second);
  });

  it('warns when its account was made with another secret', async () => {
    await using folder = await openFolder();
    const options = { cwd: folder.path, stdin: 'Another0Secret' };
    await runJson(['account', 'create', '--dev', '--key', 'abcd1234', '--secret-file', '-'], options);
    await using dev = startDev(options);
    await dev.line((line) => line.includes('account abcd1234 has another secret than DevSecret01'));
    await stop(dev);
  });

  it('does not make a new key for a database whose key is gone', async () => {
    await using folder = await openFolder();
    const options = { cwd: folder.path };
    await using dev = startDev(options);
    await readyLine(dev);
    await stop(dev);
    rmSync(folder.file('.jackfield/master.key'));
    const error = await runFailing(['dev', '--port', '0'], options);
    assert.equal(error.exit, 7);
    assert.match(error.message, /master\.key/);
    assert.ok(!existsSync(folder.file('.jackfield/master.key')));
  });

  it('keeps the key out of what it prints', async () => {
    await using folder = await openFolder();
    await using dev = startDev({ cwd: folder.path });
    await readyLine(dev);
    await stop(dev);
    const key = readFileSync(join(folder.path, '.jackfield', 'master.key'), 'utf8').trim();
    assert.match(key, /^[0-9a-f]{64}$/);
    assert.ok(!dev.printed().includes(key));
  });
});
