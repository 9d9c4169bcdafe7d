/** Backup: whole while others write, across the two kinds of database, all of it or nothing. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { openBackup } from '../../src/storage/backup-reading.ts';
import { until } from '../condition.ts';
import { openFolder } from '../folder.ts';
import type { TestAccount } from '../jackfield.ts';
import { type Application, type Client, createClient } from '../wire/client.ts';
import { body, everything } from '../wire/sample.ts';
import { ACCOUNT, listAll, makeBackup, serve } from './backup-making.ts';
import { ENVIRONMENT, PROGRAM, runFailing, runJson } from './command.ts';
import { CROSSINGS, createEmpty, findContradictions, optionsFor, query, readLines } from './databases.ts';

/** Creates one after another in several lines, each with its number in its name, until it is told to stop. */
function createAtFullSpeed(client: Client, lines: number) {
  let going = true;
  const acknowledged: string[] = [];
  const work = Array.from({ length: lines }, async (_, line) => {
    for (let number = 0; going; number += 1) {
      const { id } = await client.given({ ...everything(), name: `${line}-${number}` });
      acknowledged.push(id);
    }
  });
  const stop = async () => {
    going = false;
    await Promise.all(work);
  };
  return { acknowledged, stop };
}

/** What each line created is there from its first to some last one, without a gap. */
function assertPrefixes(applications: readonly Application[]): void {
  const next = new Map<string, number>();
  for (const { name } of applications) {
    const [line = '', number] = name.split('-');
    assert.equal(Number(number), next.get(line) ?? 0, `a gap before ${name}`);
    next.set(line, Number(number) + 1);
  }
}

describe('jackfield backup', () => {
  for (const [from, to] of CROSSINGS) {
    it(`takes one moment of ${from} at full speed, which ${to} then holds`, async () => {
      await using folder = await openFolder();
      await using source = await createEmpty(from, folder, 'source');
      await using target = await createEmpty(to, folder, 'target');
      await using server = await serve(source.url);
      const account = await server.child.call<TestAccount>('createAccount', ACCOUNT);
      const client = createClient(server.url, account);
      const creating = createAtFullSpeed(client, 8);
      await until('some are there', () => creating.acknowledged.length >= 200, 30_000);
      const before = [...creating.acknowledged];
      const { rows } = await runJson<{ rows: Record<string, number> }>(
        ['backup', 'file'],
        optionsFor(folder, source.url),
      );
      const during = creating.acknowledged.length;
      await creating.stop();
      assert.ok(during > before.length, 'it was made while others wrote');
      const originals = new Map((await listAll(client)).map((one) => [one.id, one]));

      await runJson(['restore', 'file'], optionsFor(folder, target.url));
      assert.deepEqual(await findContradictions(target.url), []);
      await using restored = await serve(target.url);
      const copies = await listAll(createClient(restored.url, account));
      assert.equal(copies.length, rows['applications']);
      const ids = new Set(copies.map(({ id }) => id));
      assert.deepEqual(
        before.filter((id) => !ids.has(id)),
        [],
        'whatever was answered before is in it',
      );
      for (const copy of copies) assert.deepEqual(copy, originals.get(copy.id));
      assertPrefixes(copies);
    });

    it(`loses nothing from ${from} to ${to} and back`, async () => {
      await using folder = await openFolder();
      await using source = await createEmpty(from, folder, 'source');
      await using target = await createEmpty(to, folder, 'target');
      await using back = await createEmpty(from, folder, 'back');
      const sourceOptions = optionsFor(folder, source.url);
      await runJson(
        ['account', 'create', '--key', ACCOUNT, '--name', 'tab\t, line\n, \\N and \\ 🎈'],
        sourceOptions,
      );
      await runJson(['account', 'create', '--key', 'bbbb2222'], sourceOptions);
      // Positions that a number of JavaScript cannot hold.
      await query(source.url, `update accounts set number = ${2 ** 22 + 1} where api_key = '${ACCOUNT}'`);
      await using server = await serve(source.url);
      const account = await server.child.call<TestAccount>('createAccount', 'cccc3333');
      const secret = await runJson<{ api_secret: string }>(['secret', 'create', ACCOUNT], sourceOptions);
      const client = createClient(server.url, { apiKey: ACCOUNT, apiSecret: secret.api_secret });
      for (let number = 0; number < 70; number += 1) await client.given(body({ name: `\\N ${number} 🎈` }));
      await createClient(server.url, account).given(everything());

      await runJson(['backup', 'first'], sourceOptions);
      await runJson(['restore', 'first'], optionsFor(folder, target.url));
      await runJson(['backup', 'second'], optionsFor(folder, target.url));
      await runJson(['restore', 'second'], optionsFor(folder, back.url));
      await runJson(['backup', 'third'], optionsFor(folder, back.url));
      const lines = readLines(readFileSync(folder.file('first')));
      assert.ok(lines.some((line) => line.includes(String(2n ** 54n + 2n ** 32n + 70n))));
      assert.deepEqual(readLines(readFileSync(folder.file('second'))), lines);
      assert.deepEqual(readLines(readFileSync(folder.file('third'))), lines);

      // The next account gets a number of its own, and each goes on where it was.
      await using restored = await serve(target.url);
      await restored.child.call('createAccount', 'dddd4444');
      await createClient(restored.url, account).given(body());
      assert.deepEqual(await findContradictions(target.url), []);
      const numbers = await query(
        target.url,
        'select count(distinct number) as n, count(*) as all_ from accounts',
      );
      assert.deepEqual([Number(numbers[0]?.['n']), Number(numbers[0]?.['all_'])], [4, 4]);
    });
  }

  it('leaves out what was remembered of idempotency keys, to the last byte, and so does a copy', async () => {
    await using folder = await openFolder();
    const url = `sqlite:${folder.file('source.db')}`;
    await using server = await serve(url);
    const client = createClient(server.url, await server.child.call<TestAccount>('createAccount', ACCOUNT));
    const headers = { 'idempotency-key': '"order-17"' };
    assert.equal((await client.send({ method: 'POST', headers, json: { name: 'kept' } })).status, 201);
    const [row = {}] = await query(
      url,
      'select key_hash, body_hash, answer, private_key from idempotency_keys',
    );
    const kept = Object.values(row).map((value) => Buffer.from(value as Uint8Array));
    assert.equal(kept.length, 4);
    await runJson(['backup', 'file'], optionsFor(folder, url));
    const lines = gunzipSync(readFileSync(folder.file('file'))).toString();
    mkdirSync(folder.file('copies'));
    const copied = `sqlite:${folder.file('copies/copied.db')}`;
    const restored = `sqlite:${folder.file('copies/restored.db')}`;
    await runJson(['copy', '--from', url, '--to', copied], optionsFor(folder, copied));
    await runJson(['restore', 'file'], optionsFor(folder, restored));
    const files = readdirSync(folder.file('copies')).map((name) =>
      readFileSync(folder.file(`copies/${name}`)),
    );
    assert.ok(files.length >= 2);
    for (const bytes of kept) {
      assert.ok(!lines.includes(bytes.toString('base64')) && !lines.includes(bytes.toString('hex')));
      assert.ok(files.every((file) => !file.includes(bytes)));
    }
  });

  it('writes a file that nobody else may read, and takes the place of none unasked', async () => {
    await using folder = await openFolder();
    const { options, path } = await makeBackup(folder);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    writeFileSync(path, 'mine');
    const refused = await runFailing(['backup', path], options);
    assert.deepEqual([refused.exit, refused.code], [5, 'file_exists']);
    assert.match(refused.fix, /--force/);
    assert.equal(readFileSync(path, 'utf8'), 'mine');
    await runJson(['backup', path, '--force'], options);
    await openBackup(path);
    assert.deepEqual(
      readdirSync(folder.path).filter((name) => name.endsWith('.part')),
      [],
    );
    const missing = await runFailing(['backup', 'x', '--database', 'sqlite:none.db'], options);
    assert.deepEqual(
      [missing.exit, missing.code, existsSync(folder.file('none.db'))],
      [6, 'database_missing', false],
    );
    const nowhere = await runFailing(['backup', 'none/x'], options);
    assert.deepEqual([nowhere.exit, nowhere.code], [3, 'file_unusable']);
  });

  it('leaves nothing on a full disk, and says which file it was', {
    skip:
      spawnSync('unshare', ['--map-root-user', '--mount', 'true']).status === 0
        ? false
        : 'only a Linux that lets this user mount can give a disk of a few bytes',
  }, async () => {
    await using folder = await openFolder();
    await using disk = await openFolder();
    const { options } = await makeBackup(folder);
    const script =
      'mount -t tmpfs -o size=4096 tmpfs "$0" && head -c 4000 /dev/zero > "$0/filler"; "$@"; code=$?; ls "$0"; exit $code';
    const words = [process.execPath, PROGRAM, 'backup', disk.file('x'), '--json'];
    const outcome = spawnSync(
      'unshare',
      ['--map-root-user', '--mount', 'sh', '-c', script, disk.path, ...words],
      {
        cwd: folder.path,
        env: { ...ENVIRONMENT, ...options.env },
        encoding: 'utf8',
      },
    );
    assert.equal(outcome.status, 3, outcome.stderr);
    assert.match(outcome.stderr, /"file_unusable".*ENOSPC/);
    assert.equal(outcome.stdout, 'filler\n');
  });
});
