/** Restore: all of a backup or nothing, under running servers, into either kind of database. */

import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openBackup } from '../../src/storage/backup-reading.ts';
import { until } from '../condition.ts';
import { fillFirstRelease } from '../first-release.ts';
import { openFolder } from '../folder.ts';
import type { TestAccount } from '../jackfield.ts';
import { createClient } from '../wire/client.ts';
import { body } from '../wire/sample.ts';
import { ACCOUNT, fillLarge, LARGE, listAll, makeBackup, serve } from './backup-making.ts';
import { run, runFailing, runJson, start } from './command.ts';
import { createEmpty, findContradictions, KINDS, type Kind, optionsFor, query } from './databases.ts';

/** Says whether a restore has written some of it. */
async function isUnderWay(kind: Kind, url: string): Promise<boolean> {
  if (kind === 'sqlite') {
    const log = statSync(`${url.slice('sqlite:'.length)}-wal`, { throwIfNoEntry: false });
    return (log?.size ?? 0) > 4_000_000;
  }
  const seen = await query(
    url,
    `select 1 from pg_stat_activity
      where datname = current_database() and query like 'copy "applications"%' and state <> 'idle'`,
  );
  return seen.length > 0;
}

describe('jackfield restore', () => {
  it('refuses a file of which any byte is other, or the end is missing', async () => {
    await using folder = await openFolder();
    const { path } = await makeBackup(folder);
    const whole = readFileSync(path);
    const altered = folder.file('altered');
    for (let at = 0; at < whole.length; at += 1) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(altered, bytes);
      await assert.rejects(openBackup(altered), { code: 'backup_unusable' }, `byte ${at}`);
    }
    for (const length of [0, 1, 2, 20, whole.length / 2, whole.length - 1]) {
      writeFileSync(altered, whole.subarray(0, length));
      await assert.rejects(openBackup(altered), { code: 'backup_unusable' }, `${length} bytes`);
    }
  });

  for (const kind of KINDS) {
    it(`leaves ${kind} as it was when the file cannot be used`, async () => {
      await using folder = await openFolder();
      const { options, path } = await makeBackup(folder);
      await using target = await createEmpty(kind, folder, 'target');
      const targetOptions = optionsFor(folder, target.url);
      await runJson(['restore', path], targetOptions);
      const before = JSON.stringify(await query(target.url, 'select * from secrets order by id'));
      const whole = readFileSync(path);
      const altered = Buffer.from(whole);
      altered[200] = (altered[200] ?? 0) ^ 1;
      writeFileSync(folder.file('altered'), altered);
      writeFileSync(folder.file('short'), whole.subarray(0, -1));
      writeFileSync(folder.file('text'), 'no backup');
      writeFileSync(folder.file('other.gz'), gzipSync('{"format":"other"}\n'.repeat(50)));
      for (const name of ['altered', 'short', 'text', 'other.gz']) {
        const error = await runFailing(['restore', name, '--replace'], targetOptions);
        assert.deepEqual([error.exit, error.code], [3, 'backup_unusable'], name);
        assert.match(error.message, /nothing was changed/);
      }
      const missing = await runFailing(['restore', 'none', '--replace'], targetOptions);
      assert.deepEqual([missing.exit, missing.code], [3, 'file_unusable']);
      const full = await runFailing(['restore', path], targetOptions);
      assert.deepEqual([full.exit, full.code], [5, 'database_not_empty']);
      assert.match(full.fix, /--replace/);
      assert.equal(JSON.stringify(await query(target.url, 'select * from secrets order by id')), before);
      assert.equal((await run(['backup', 'after'], options)).code, 0);
    });

    it(`replaces all of ${kind} under a running server, which forgets whom it knew`, async () => {
      await using folder = await openFolder();
      const { account, path } = await makeBackup(folder, ['restored']);
      await using target = await createEmpty(kind, folder, 'target');
      await using server = await serve(target.url);
      const other = await server.child.call<TestAccount>('createAccount', ACCOUNT);
      const gone = await server.child.call<TestAccount>('createAccount', 'bbbb2222');
      const [stale, lost, fresh] = [other, gone, account].map((one) => createClient(server.url, one));
      assert.ok(stale !== undefined && lost !== undefined && fresh !== undefined);
      await stale.given(body({ name: 'replaced' }));
      await lost.given(body());
      await runJson(['restore', path, '--replace'], optionsFor(folder, target.url));
      await until('the server has noticed', async () => (await stale.list()).status === 401);
      assert.equal((await lost.list()).status, 401);
      assert.deepEqual(
        (await listAll(fresh)).map(({ name }) => name),
        ['restored'],
      );
      await fresh.given(body({ name: 'new' }));
      assert.deepEqual(
        (await listAll(fresh)).map(({ name }) => name),
        ['restored', 'new'],
      );
      assert.deepEqual(await findContradictions(target.url), []);
    });

    it(`brings a backup of an earlier release into ${kind} up to date`, async () => {
      await using folder = await openFolder();
      const ids = fillFirstRelease(folder.file('first.db'));
      const old = optionsFor(folder, `sqlite:${folder.file('first.db')}`);
      const { schema } = await runJson<{ schema: string }>(['backup', 'old'], old);
      assert.equal(schema, '001-registry');
      await using target = await createEmpty(kind, folder, 'target');
      const options = optionsFor(folder, target.url);
      await runJson(['account', 'create', '--key', 'dddd4444'], options);
      await runJson(['restore', 'old', '--replace'], options);
      assert.deepEqual(await findContradictions(target.url), []);
      const rows = await query(
        target.url,
        `select id from applications where account = '${ACCOUNT}' order by position`,
      );
      assert.deepEqual(
        rows.map(({ id }) => id),
        ids,
      );
      await runJson(['account', 'create', '--key', 'eeee5555'], options);
    });
  }

  it('leaves PostgreSQL as it was when it cannot hold what a SQLite file holds', async () => {
    await using folder = await openFolder();
    const { options, path } = await makeBackup(folder);
    await query(`sqlite:${folder.file('made.db')}`, "update secrets set kind = 'a' || char(0)");
    await runJson(['backup', 'nul'], options);
    await using target = await createEmpty('postgres', folder);
    const targetOptions = optionsFor(folder, target.url);
    await runJson(['restore', path], targetOptions);
    const error = await runFailing(['restore', 'nul', '--replace'], targetOptions);
    assert.deepEqual([error.exit, error.code], [6, 'storage_unusable']);
    assert.equal((await query(target.url, "select * from secrets where kind = 'api'")).length, 1);
    assert.equal((await query(target.url, 'select * from accounts')).length, 1);
  });

  it('leaves the tables of somebody else alone, whatever they are called', async () => {
    await using folder = await openFolder();
    const { path } = await makeBackup(folder);
    await using target = await createEmpty('postgres', folder);
    await query(target.url, 'create table accounts (theirs text)');
    const error = await runFailing(['restore', path, '--replace'], optionsFor(folder, target.url));
    assert.deepEqual([error.exit, error.code], [6, 'storage_unusable']);
    assert.deepEqual(await query(target.url, 'select theirs from accounts'), []);
  });

  it('refuses a backup of a newer release, with the way out', async () => {
    await using folder = await openFolder();
    const { options } = await makeBackup(folder);
    await query(`sqlite:${folder.file('made.db')}`, "insert into migrations values ('999-later', '')");
    const error = await runFailing(['backup', 'later'], options);
    assert.deepEqual([error.exit, error.code], [6, 'storage_unusable']);
    assert.match(error.fix, /release/);
  });
});

describe('a restore that is killed', () => {
  for (const kind of KINDS) {
    it(`leaves what was in ${kind}`, async () => {
      await using folder = await openFolder();
      await using large = await createEmpty('sqlite', folder, 'large');
      await fillLarge(large.url);
      await runJson(['backup', 'large'], optionsFor(folder, large.url));
      const { path } = await makeBackup(folder);
      await using target = await createEmpty(kind, folder, 'target');
      const options = optionsFor(folder, target.url);
      await runJson(['restore', path], options);
      await using child = start(['restore', 'large', '--replace'], options);
      await until('it is under way', () => isUnderWay(kind, target.url), 30_000);
      child.signal('SIGKILL');
      await child.ended;
      const names = await query(target.url, 'select api_key from accounts');
      assert.deepEqual(
        names.map(({ api_key }) => api_key),
        [ACCOUNT],
      );
      assert.deepEqual(await findContradictions(target.url), []);
      await runJson(['restore', 'large', '--replace'], options);
      assert.equal((await query(target.url, 'select * from applications')).length, LARGE);
    });
  }
});
