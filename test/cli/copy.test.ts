/** Copying one database into another: the same on both sides, whatever comes in between. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { until } from '../condition.ts';
import { fillFirstRelease } from '../first-release.ts';
import { openFolder } from '../folder.ts';
import type { TestAccount } from '../jackfield.ts';
import { createClient } from '../wire/client.ts';
import { body, everything } from '../wire/sample.ts';
import { ACCOUNT, fillLarge, LARGE, listAll, serve } from './backup-making.ts';
import { type CommandOptions, runFailing, runJson, start } from './command.ts';
import { CROSSINGS, createEmpty, findContradictions, optionsFor, query, readLines } from './databases.ts';

interface Copied {
  readonly resumed: boolean;
  readonly copied: Record<string, number>;
  readonly rows: Record<string, number>;
}

const copy = (from: string, to: string, ...more: string[]) => ['copy', '--from', from, '--to', to, ...more];

/** What a database holds, by its backup. */
async function linesOf(url: string, options: CommandOptions, file: string): Promise<string[]> {
  await runJson(['backup', file, '--force', '--database', url], options);
  return readLines(readFileSync(file));
}

/** How many applications have come so far; none while there is no table. */
async function countApplications(url: string): Promise<number> {
  try {
    return Number((await query(url, 'select count(*) as n from applications'))[0]?.['n']);
  } catch {
    return 0;
  }
}

describe('jackfield copy', () => {
  for (const [from, to] of CROSSINGS) {
    it(`makes ${to} the same as ${from}, while ${from} is in use`, async () => {
      await using folder = await openFolder();
      await using source = await createEmpty(from, folder, 'source');
      await using target = await createEmpty(to, folder, 'target');
      await using server = await serve(source.url);
      const account = await server.child.call<TestAccount>('createAccount', ACCOUNT);
      const client = createClient(server.url, account);
      for (let number = 0; number < 70; number += 1)
        await client.given({ ...everything(), name: `\\N ${number}` });
      const options = optionsFor(folder, source.url);
      const { resumed, copied, rows } = await runJson<Copied>(copy(source.url, target.url), options);
      assert.deepEqual([resumed, rows['applications'], rows], [false, 70, copied]);
      assert.deepEqual(
        await linesOf(target.url, options, folder.file('copy')),
        await linesOf(source.url, options, folder.file('original')),
      );
      await using moved = await serve(target.url);
      const copies = createClient(moved.url, account);
      assert.deepEqual(await listAll(copies), await listAll(client));
      await copies.given(body());
      await moved.child.call('createAccount', 'bbbb2222');
      assert.deepEqual(await findContradictions(target.url), []);

      const full = await runFailing(copy(source.url, target.url), options);
      assert.deepEqual([full.exit, full.code], [5, 'database_not_empty']);
      assert.equal(await copies.total(), 71);
      await runJson(copy(source.url, target.url, '--replace'), options);
      await until('the server has noticed', async () => (await copies.total()) === 70);
    });

    it(`goes on where it was killed on its way from ${from} to ${to}`, async () => {
      await using folder = await openFolder();
      await using source = await createEmpty(from, folder, 'source');
      await using target = await createEmpty(to, folder, 'target');
      await fillLarge(source.url);
      const options = optionsFor(folder, source.url);
      await using child = start([...copy(source.url, target.url), '--json'], options);
      await until('some are there', async () => (await countApplications(target.url)) >= 200, 30_000);
      child.signal('SIGKILL');
      await child.ended;
      const there = await countApplications(target.url);
      assert.ok(there < LARGE, 'it was killed half way');

      for (const words of [['account', 'list'], ['backup', 'x'], ['migrate'], ['serve', '--port', '0']]) {
        const refused = await runFailing(words, optionsFor(folder, target.url));
        assert.deepEqual([refused.exit, refused.code], [6, 'storage_unusable'], words.join(' '));
        assert.match(refused.message, /half filled/);
        assert.match(refused.fix, /jackfield copy/);
      }
      await using other = await createEmpty(from, folder, 'other');
      await runJson(['account', 'create', '--database', other.url], options);
      const elsewhere = await runFailing(copy(other.url, target.url), options);
      assert.deepEqual([elsewhere.exit, elsewhere.code], [5, 'copy_impossible']);

      const done = await runJson<Copied>(copy(source.url, target.url), options);
      assert.deepEqual([done.resumed, done.copied['applications']], [true, LARGE - there]);
      assert.deepEqual(await findContradictions(target.url), []);
      assert.equal(await countApplications(target.url), LARGE);
    });
  }

  it('does not say done when the source changed before it went on', async () => {
    await using folder = await openFolder();
    const [source, target] = [`sqlite:${folder.file('source.db')}`, `sqlite:${folder.file('target.db')}`];
    const options = optionsFor(folder, source);
    await runJson(['account', 'create', '--key', ACCOUNT], options);
    await runJson(copy(source, target), options);
    // As it is when it was killed right behind the accounts.
    const state = JSON.stringify({ source, revision: 1 });
    const accounts = JSON.stringify({ last: [ACCOUNT], rows: 1 });
    await query(target, 'drop trigger audit_no_delete');
    await query(target, 'delete from audit');
    await query(target, 'delete from secrets');
    await query(target, 'delete from settings');
    await query(target, 'delete from revisions');
    await query(target, 'create table copy_state (name text primary key, value text)');
    await query(target, `insert into copy_state values ('', '${state}'), ('accounts', '${accounts}')`);
    await query(source, "update accounts set name = 'changed'");
    const differs = await runFailing(copy(source, target), options);
    assert.deepEqual([differs.exit, differs.code], [5, 'copy_differs']);
    assert.match(differs.message, /accounts/);
    assert.equal((await runFailing(['account', 'list'], optionsFor(folder, target))).exit, 6);
    await runJson(copy(source, target, '--replace'), options);
    await runJson(['account', 'list'], optionsFor(folder, target));
  });

  it('refuses what cannot be copied, and says no password', async () => {
    await using folder = await openFolder();
    fillFirstRelease(folder.file('first.db'));
    const options = optionsFor(folder, 'sqlite:x.db');
    const cases: [string[], number, string][] = [
      [copy('sqlite:first.db', 'sqlite:./first.db'), 2, 'usage'],
      [copy('sqlite:first.db', 'sqlite:new.db'), 5, 'copy_impossible'],
      [copy('sqlite:none.db', 'sqlite:new.db'), 6, 'storage_unusable'],
      [copy('postgres://me:canary@127.0.0.1:1/x', 'sqlite:new.db'), 6, 'storage_unusable'],
      [copy('mysql://me:canary@x/y', 'sqlite:new.db'), 3, 'setting_unusable'],
    ];
    for (const [words, exit, code] of cases) {
      const error = await runFailing(words, options);
      assert.deepEqual([error.exit, error.code], [exit, code], words.join(' '));
      assert.ok(!JSON.stringify(error).includes('canary'));
    }
  });
});
