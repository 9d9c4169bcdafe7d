/** Bringing a database up to date, and looking at it without touching it. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { MIGRATION_NAMES } from '../../src/storage/migration-names.ts';
import { fillFirstRelease } from '../first-release.ts';
import { openFolder } from '../folder.ts';
import { run, runFailing, runJson } from './command.ts';
import { createEmpty, KINDS, optionsFor, query } from './databases.ts';

const TABLES = {
  sqlite: 'select name from sqlite_master',
  postgres: 'select tablename from pg_tables where schemaname = current_schema()',
};

describe('jackfield migrate', () => {
  for (const kind of KINDS) {
    it(`says what is due on ${kind} and touches nothing, then does it`, async () => {
      await using folder = await openFolder();
      await using database = await createEmpty(kind, folder);
      const options = optionsFor(folder, database.url);
      const status = await run(['migrate', '--status', '--json'], options);
      assert.equal(status.code, 13);
      assert.deepEqual(JSON.parse(status.stdout), { run: [], due: [...MIGRATION_NAMES] });
      assert.equal(JSON.parse(status.stderr).error.code, 'migrations_due');
      assert.deepEqual(readdirSync(folder.path), []);
      if (kind === 'postgres') assert.deepEqual(await query(database.url, TABLES[kind]), []);

      const all = { run: [...MIGRATION_NAMES], ran: [...MIGRATION_NAMES] };
      assert.deepEqual(await runJson(['migrate'], options), all);
      assert.deepEqual(await runJson(['migrate', '--status'], options), { run: all.run, due: [] });
      assert.deepEqual(await runJson(['migrate'], options), { ...all, ran: [] });
    });
  }

  for (const kind of KINDS) {
    it(`makes nothing of ${kind} where one is missing beneath later ones`, async () => {
      await using folder = await openFolder();
      await using database = await createEmpty(kind, folder);
      const options = optionsFor(folder, database.url);
      await runJson(['migrate'], options);
      await query(database.url, "delete from migrations where name = '004-idempotency'");
      for (const words of [['migrate'], ['migrate', '--status'], ['backup', 'file']]) {
        const { exit, message, fix } = await runFailing(words, options);
        assert.equal(exit, 6);
        assert.match(message, /lacks the migration 004-idempotency/);
        assert.match(fix, /backup/);
      }
    });
  }

  it('says in its help, and in how it is operated, with what it ends', async () => {
    await using folder = await openFolder();
    const status = await run(['migrate', '--status'], optionsFor(folder, 'sqlite:none.db'));
    const { stdout } = await run(['migrate', '--help'], optionsFor(folder, 'sqlite:none.db'));
    const guide = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    for (const text of [stdout, guide]) {
      const [, code] = /--status\b.*?exit code\s+(\d+)/s.exec(text) ?? [];
      assert.equal(Number(code), status.code);
    }
  });

  it('leaves a file of an earlier release as it is until it is told otherwise', async () => {
    await using folder = await openFolder();
    fillFirstRelease(folder.file('first.db'));
    const before = readFileSync(folder.file('first.db'));
    const options = optionsFor(folder, 'sqlite:first.db');
    const { code, stdout, stderr } = await run(['migrate', '--status'], options);
    assert.equal(code, 13);
    assert.match(stdout, /001-registry +run\n +002-counted-blocks +due/);
    assert.match(stderr, /jackfield migrate/);
    assert.deepEqual(readFileSync(folder.file('first.db')), before);
    assert.ok(!existsSync(folder.file('first.db-wal')));
    const done = await run(['migrate'], options);
    assert.deepEqual([done.code, done.stderr], [0, '']);
    assert.match(done.stdout, /002-counted-blocks/);
  });
});
