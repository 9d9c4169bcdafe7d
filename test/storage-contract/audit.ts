/** The audit in a database: a chain for each account, which nobody changes without being found out. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deleteAccount, lockAccount, setAccountEnabled } from '../../src/storage/accounts.ts';
import {
  type AuditRow,
  expectedHash,
  findAuditedAccount,
  findAuditPage,
  findLastAuditEntry,
  INSTALLATION,
  insertAuditEntry,
} from '../../src/storage/audit.ts';
import type { Database } from '../../src/storage/database.ts';
import { write } from '../../src/storage/database.ts';
import { statement } from '../../src/storage/statement.ts';
import { FIRST, newAccount, openWorld, type PrepareStorage, SECOND } from './world.ts';

const EVERYTHING = { after: 0, since: 0, limit: 1000 };

const rewrite = statement<{ account: string }>((db, parameter) =>
  db.updateTable('audit').set({ entry: '{}' }).where('account', '=', parameter('account')),
);

const remove = statement<{ account: string }>((db, parameter) =>
  db.deleteFrom('audit').where('account', '=', parameter('account')),
);

function add(database: Database, account: string, entry: string, at = 5) {
  return database.write([lockAccount(account), insertAuditEntry(account, at, entry)]);
}

/** Holds if each entry follows from the one before. */
function assertChain(rows: readonly AuditRow[]): void {
  let previous = '';
  for (const [index, row] of rows.entries()) {
    assert.equal(row.sequence, index + 1);
    assert.equal(row.hash, expectedHash(previous, row));
    previous = row.hash;
  }
}

export function describeAudit(prepare: PrepareStorage): void {
  describe('the audit of an account', () => {
    it('links each entry to the one before, character for character', async () => {
      await using world = await openWorld(prepare);
      const texts = ['{"a":1}', '{"name":"Zoë 🎺 \u0001 \'\\""}', '{}'];
      for (const [index, text] of texts.entries()) await add(world.database, FIRST, text, 1e12 + index);
      await add(world.database, SECOND, '{"other":true}');
      const rows = await findAuditPage(world.other, { account: FIRST, ...EVERYTHING });
      assert.deepEqual(
        rows.map(({ account, at, entry }) => [account, at, entry]),
        texts.map((text, index) => [FIRST, 1e12 + index, text]),
      );
      assertChain(rows);
      assert.deepEqual(await findLastAuditEntry(world.other, FIRST), rows[2]);
      assert.equal((await findLastAuditEntry(world.other, SECOND))?.sequence, 1);
    });

    it('is one chain also when entries come at once from several sides', async () => {
      await using world = await openWorld(prepare);
      const results = await Promise.all(
        Array.from({ length: 300 }, (_, index) =>
          add(index % 2 ? world.database : world.other, index % 3 ? FIRST : SECOND, `{"n":${index}}`),
        ),
      );
      assert.ok(results.every(({ ok }) => ok));
      for (const [account, count] of [
        [FIRST, 200],
        [SECOND, 100],
      ] as const) {
        const rows = await findAuditPage(world.database, { account, ...EVERYTHING });
        assert.equal(rows.length, count);
        assertChain(rows);
      }
    });

    it('has nothing of a unit that failed', async () => {
      await using world = await openWorld(prepare);
      const entry = insertAuditEntry(FIRST, 1, '{}');
      assert.equal((await world.database.write([entry, newAccount(FIRST)])).ok, false);
      assert.equal((await world.database.write([entry, lockAccount('00000000')])).ok, false);
      assert.equal(await findLastAuditEntry(world.database, FIRST), undefined);
    });

    it('stays when the account goes, and goes on when there is one of that key again', async () => {
      await using world = await openWorld(prepare);
      const { database } = world;
      await add(database, FIRST, '{"before":1}');
      const gone = [...deleteAccount(FIRST, 0), insertAuditEntry(FIRST, 2, '{"gone":1}')];
      assert.deepEqual(await database.write(gone), { ok: true });
      await database.write([newAccount(FIRST), insertAuditEntry(FIRST, 3, '{"again":1}')]);
      const rows = await findAuditPage(database, { account: FIRST, ...EVERYTHING });
      assert.deepEqual(
        rows.map(({ entry }) => entry),
        ['{"before":1}', '{"gone":1}', '{"again":1}'],
      );
      assertChain(rows);
    });

    it('is neither changed nor taken away', async () => {
      await using world = await openWorld(prepare);
      const { database } = world;
      await add(database, FIRST, '{"kept":1}');
      for (const change of [write(rewrite, { account: FIRST }), write(remove, { account: FIRST })]) {
        const unit = [...setAccountEnabled(FIRST, false), change];
        assert.deepEqual(await database.write(unit), { ok: false, failed: -1 });
      }
      assert.equal((await findLastAuditEntry(database, FIRST))?.entry, '{"kept":1}');
    });

    it('is read page by page, and from a time on', async () => {
      await using world = await openWorld(prepare);
      const { database } = world;
      for (let at = 1; at <= 5; at += 1) await add(database, FIRST, '{}', at);
      const sequences = async (query: Partial<typeof EVERYTHING>) => {
        const rows = await findAuditPage(database, { account: FIRST, ...EVERYTHING, ...query });
        return rows.map(({ sequence }) => sequence);
      };
      assert.deepEqual(await sequences({ limit: 2 }), [1, 2]);
      assert.deepEqual(await sequences({ after: 2, limit: 2 }), [3, 4]);
      assert.deepEqual(await sequences({ since: 4 }), [4, 5]);
      assert.deepEqual(await sequences({ after: 5 }), []);
    });

    it('is found account by account, that of the installation apart', async () => {
      await using world = await openWorld(prepare);
      const { database } = world;
      assert.equal(await findAuditedAccount(database, INSTALLATION), undefined);
      await add(database, SECOND, '{}');
      await add(database, FIRST, '{}');
      await database.write([insertAuditEntry(INSTALLATION, 1, '{}')]);
      assert.equal(await findAuditedAccount(database, INSTALLATION), FIRST);
      assert.equal(await findAuditedAccount(database, FIRST), SECOND);
      assert.equal(await findAuditedAccount(database, SECOND), undefined);
      assert.equal((await findLastAuditEntry(database, INSTALLATION))?.sequence, 1);
    });
  });
}
