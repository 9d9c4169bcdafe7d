/** `jackfield audit`: what commands and requests changed, and what becomes of a record that somebody else changed. */

import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { openFolder } from '../folder.ts';
import { type CommandOptions, run, runFailing, runJson } from './command.ts';

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
