/** `jackfield audit`: what commands and requests changed, and what becomes of a record that somebody else changed. */

import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { fillFirstRelease } from '../first-release.ts';
import { openFolder } from '../folder.ts';
import { body } from '../wire/sample.ts';
import { type CommandOptions, run, runFailing, runJson } from './command.ts';
import { CROSSINGS, createEmpty, KINDS, optionsFor } from './databases.ts';

interface Entry {
  readonly account: string;
  readonly sequence: number;
  readonly action: string;
  readonly actor: string;
  readonly user: string;
  readonly at: string;
}

interface Report {
  readonly account: string;
  readonly entries: number;
  readonly head: string;
  readonly broken_at: number | null;
}

const KEY = '0f'.repeat(32);

/** A database with two accounts, the first of them with more than one entry. */
async function openStoreFolder() {
  const folder = await openFolder();
  const options: CommandOptions = { cwd: folder.path, env: { JACKFIELD_MASTER_KEY: KEY } };
  for (const key of ['aaaaaaa1', 'bbbbbbb2']) await runJson(['account', 'create', '--key', key], options);
  await runJson(['account', 'disable', 'aaaaaaa1'], options);
  await runJson(['account', 'enable', 'aaaaaaa1'], options);
  const tamper = (sql: string) => {
    using connection = new DatabaseSync(folder.file('jackfield.db'));
    connection.exec(sql);
  };
  return { options, tamper, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

const verify = (options: CommandOptions, ...flags: string[]) =>
  runJson<Report[]>(['audit', 'verify', ...flags], options);

describe('jackfield audit list', () => {
  it('lists who changed what, the newest last', async () => {
    await using store = await openStoreFolder();
    const entries = await runJson<Entry[]>(['audit', 'list'], store.options);
    assert.deepEqual(
      entries.map(({ account, sequence, action }) => [account, sequence, action]),
      [
        ['aaaaaaa1', 1, 'account.created'],
        ['bbbbbbb2', 1, 'account.created'],
        ['aaaaaaa1', 2, 'account.disabled'],
        ['aaaaaaa1', 3, 'account.enabled'],
      ],
    );
    const { username } = userInfo();
    assert.ok(entries.every(({ actor, user }) => actor === 'cli' && user === username));
    const { code, stdout } = await run(['audit', 'list'], store.options);
    assert.equal(code, 0);
    assert.match(stdout, /^\S+ {2}aaaaaaa1 {2}2 {2}account\.disabled {2}aaaaaaa1 {2}cli:\S+$/m);
  });

  it('takes an account, a time and a number', async () => {
    await using store = await openStoreFolder();
    const list = (...flags: string[]) => runJson<Entry[]>(['audit', 'list', ...flags], store.options);
    const ofOne = await list('--account', 'aaaaaaa1', '--limit', '2');
    assert.deepEqual(
      ofOne.map(({ sequence }) => sequence),
      [2, 3],
    );
    assert.deepEqual(await list('--since', ofOne[1]?.at ?? ''), ofOne.slice(1));
    assert.deepEqual(await list('--since', '2999-01-01'), []);
    assert.deepEqual(await list('--account', '-'), []);
    await runJson(['account', 'delete', 'bbbbbbb2', '--yes'], store.options);
    assert.equal((await list('--account', 'bbbbbbb2')).at(-1)?.action, 'account.deleted');
    for (const flags of [
      ['--since', 'yesterday'],
      ['--limit', '0'],
      ['--limit', '-1'],
      ['--limit', '10001'],
    ]) {
      assert.equal((await runFailing(['audit', 'list', ...flags], store.options)).exit, 2, flags.join(' '));
    }
  });
});

describe('jackfield audit verify', () => {
  it('tells of each account how many entries hold, and the hash of the last', async () => {
    await using store = await openStoreFolder();
    const reports = await verify(store.options);
    assert.deepEqual(
      reports.map(({ account, entries, broken_at }) => [account, entries, broken_at]),
      [
        ['aaaaaaa1', 3, null],
        ['bbbbbbb2', 1, null],
      ],
    );
    for (const { head } of reports) assert.match(head, /^[0-9a-f]{64}$/);
    assert.deepEqual(await verify(store.options, '--account', 'aaaaaaa1'), reports.slice(0, 1));
  });

  it('names the first entry that somebody changed', async () => {
    await using store = await openStoreFolder();
    store.tamper(`drop trigger audit_no_update;
      update audit set entry = replace(entry, 'disabled', 'enabled') where account = 'aaaaaaa1'`);
    const { code, stdout, stderr } = await run(['audit', 'verify', '--json'], store.options);
    assert.equal(code, 12);
    assert.deepEqual(
      (JSON.parse(stdout) as Report[]).map(({ broken_at }) => broken_at),
      [2, null],
    );
    assert.match(stderr, /Entry 2 of account aaaaaaa1/);
  });

  it('misses entries off the end only where a head was noted', async () => {
    await using store = await openStoreFolder();
    const heads = (await verify(store.options)).map(({ head }) => head);
    await runJson(['account', 'disable', 'aaaaaaa1'], store.options);
    await verify(store.options, '--expect-head', ...heads);
    store.tamper(
      `drop trigger audit_no_delete; delete from audit where account = 'aaaaaaa1' and sequence > 2`,
    );
    assert.equal((await verify(store.options))[0]?.entries, 2);
    const { code, stderr } = await run(['audit', 'verify', '--expect-head', ...heads], store.options);
    assert.equal(code, 12);
    assert.ok(stderr.includes(heads[0] ?? 'a head'));
  });
});

describe('the audit', () => {
  for (const [from, to] of CROSSINGS) {
    it(`holds in ${from} and goes to ${to} link by link, whatever became of its account`, async () => {
      await using folder = await openFolder();
      await using source = await createEmpty(from, folder, 'source');
      await using copied = await createEmpty(to, folder, 'copied');
      await using restored = await createEmpty(to, folder, 'restored');
      const options = optionsFor(folder, source.url);
      const create = ['account', 'create', '--key', 'aaaaaaa1'];
      const lines = ['one', 'two'].map((id) => JSON.stringify({ ...body(), id })).join('\n');
      const take = (text: string) =>
        run(['import', '-', '--account', 'aaaaaaa1', '--on-conflict', 'replace'], {
          ...options,
          stdin: text,
        });
      await runJson(create, options);
      assert.equal((await take(lines)).code, 0);
      await runJson(['account', 'delete', 'aaaaaaa1', '--with-applications', '--yes'], options);
      await runJson(create, options);
      assert.equal((await take(lines)).code, 0);
      assert.equal((await take(lines.replace('"name":"', '"name":"other '))).code, 0);
      const reports = await verify(options);
      assert.deepEqual(
        reports.map(({ account, entries }) => [account, entries]),
        [['aaaaaaa1', 8]],
      );
      await runJson(['backup', 'file'], options);
      await runJson(['restore', 'file'], optionsFor(folder, restored.url));
      await runJson(['copy', '--from', source.url, '--to', copied.url], options);
      for (const { url } of [restored, copied]) {
        const there = optionsFor(folder, url);
        assert.deepEqual(await verify(there), reports);
        await runJson(['account', 'disable', 'aaaaaaa1'], there);
        const [grown] = await verify(there, '--expect-head', reports[0]?.head ?? '');
        assert.equal(grown?.entries, 9);
      }
    });
  }

  for (const kind of KINDS) {
    it(`begins in ${kind} with what a backup of the first release holds`, async () => {
      await using folder = await openFolder();
      const old = optionsFor(folder, 'sqlite:first.db');
      fillFirstRelease(folder.file('first.db'));
      await runJson(['backup', 'old'], old);
      await using target = await createEmpty(kind, folder, 'target');
      const options = optionsFor(folder, target.url);
      await runJson(['restore', 'old'], options);
      assert.deepEqual(
        (await verify(options)).map(({ account, entries }) => [account, entries]),
        [
          ['aaaa1111', 1],
          ['bbbb2222', 1],
          ['cccc3333', 1],
        ],
      );
    });
  }
});
