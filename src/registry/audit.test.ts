import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { openFolder } from '../../test/folder.ts';
import { systemClock, systemIds } from '../clock.ts';
import { openSqlite } from '../storage/sqlite.ts';
import { createAccount, enableAccount, removeAccount } from './accounts.ts';
import { Applications } from './applications.ts';
import { type Actor, readAudit, readWholeAudit, verifyAudit } from './audit.ts';
import { KeyPool } from './key-pool.ts';
import { assertMasterKey } from './seal.ts';
import {
  createSecret,
  listSecrets,
  revokeSecret,
  revokeSignatureSecret,
  rotateMasterKey,
  rotateSignatureSecret,
} from './secrets.ts';

const KEY = randomBytes(32);
const API_KEY = 'aaaa1111';
const BY: Actor = { actor: 'cli', user: 'somebody' };
const EVERYTHING = { since: 0, limit: 1000 };
const LENIENCY = { raiseSocketTimeout: false, digitStringTimeouts: false };

/** A database with one account, and a way to its rows past everything of ours. */
async function openRegistry() {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await openFolder());
  const path = folder.file('test.db');
  const database = opened.use(await openSqlite({ path, writer: 'inline' }));
  const options = { database, clock: systemClock, ids: systemIds, by: BY };
  const keys = new KeyPool({ bits: 2048, poolSize: 0, maxWaiting: 1 });
  opened.defer(() => keys.close());
  await assertMasterKey(database, KEY);
  await createAccount(options, KEY, { apiKey: API_KEY });
  const applications = new Applications({ ...options, keys });
  const kept = opened.move();
  const tamper = (sql: string) => {
    const connection = new DatabaseSync(path);
    connection.exec(`drop trigger if exists audit_no_update; drop trigger if exists audit_no_delete; ${sql}`);
    connection.close();
    database.refresh();
  };
  const read = (account = API_KEY) => collect(readAudit(database, account, EVERYTHING));
  const verify = () => collect(verifyAudit(database, undefined));
  return {
    options,
    applications,
    tamper,
    read,
    verify,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}

const bodyOf = (value: unknown) => ({ value, text: JSON.stringify(value) });

describe('the audit', () => {
  it('has an entry of every change of accounts and secrets, with who made it', async () => {
    await using registry = await openRegistry();
    const { options } = registry;
    const secret = await createSecret(options, API_KEY);
    await revokeSecret(options, API_KEY, secret.id);
    const [old] = await listSecrets(options, 'signature', API_KEY);
    const signature = await rotateSignatureSecret(options, KEY, API_KEY);
    await revokeSignatureSecret(options, API_KEY, old?.id ?? '');
    await enableAccount(options, API_KEY, false);
    await enableAccount(options, API_KEY, true);
    await rotateMasterKey(options, KEY, randomBytes(32));
    await removeAccount(options, API_KEY, false);
    const entries = (await registry.read()).map(({ entry }) => entry);
    assert.deepEqual(
      entries.map(({ action, subject }) => [action, subject]),
      [
        ['account.created', API_KEY],
        ['secret.created', secret.id],
        ['secret.revoked', secret.id],
        ['signature_secret.created', signature.id],
        ['signature_secret.revoked', old?.id],
        ['account.disabled', API_KEY],
        ['account.enabled', API_KEY],
        ['account.deleted', API_KEY],
      ],
    );
    assert.equal(entries.at(-1)?.['applications'], 0);
    assert.ok(entries.every(({ actor, user }) => actor === 'cli' && user === 'somebody'));
    const [rotated] = await registry.read('');
    assert.partialDeepStrictEqual(rotated?.entry, { action: 'master_key.rotated', signature_secrets: 1 });
  });

  it('has an entry of every change of applications, with the request it came by', async () => {
    await using registry = await openRegistry();
    const { applications } = registry;
    const by = (requestId: string) => ({ by: { actor: 'api' as const, requestId } });
    const first = bodyOf({ name: 'One' });
    const { id } = await applications.create(API_KEY, first, LENIENCY, by('r1'));
    await applications.update(API_KEY, id, bodyOf({ name: 'Two' }), LENIENCY, by('r2'));
    await applications.update(API_KEY, id, bodyOf({ name: 'Two' }), LENIENCY, by('same again'));
    await applications.remove(API_KEY, id, by('r3'));
    await assert.rejects(applications.remove(API_KEY, id, by('gone')));
    const [, ...entries] = (await registry.read()).map(({ entry }) => entry);
    assert.deepEqual(
      entries.map(({ action, subject, actor, request_id }) => [action, subject, actor, request_id]),
      [
        ['application.created', id, 'api', 'r1'],
        ['application.updated', id, 'api', 'r2'],
        ['application.deleted', id, 'api', 'r3'],
      ],
    );
    assert.partialDeepStrictEqual(entries[0], { name: 'One', key_generated: true, capabilities: [] });
    assert.match(String(entries[0]?.['key']), /^sha256:[0-9a-f]{64}$/);
    assert.deepEqual(entries[1]?.['changes'], [{ member: '/name', from: 'One', to: 'Two' }]);
    assert.deepEqual(
      (await registry.verify()).map(({ brokenAt }) => brokenAt),
      [undefined],
    );
  });

  it('has nothing of what did not happen', async () => {
    await using registry = await openRegistry();
    const { options } = registry;
    await createSecret(options, API_KEY);
    const before = await registry.read();
    await assert.rejects(createSecret(options, API_KEY), { code: 'too_many_secrets' });
    await assert.rejects(revokeSecret(options, API_KEY, 'none'), { code: 'secret_not_found' });
    await assert.rejects(createAccount(options, KEY, { apiKey: API_KEY }), { code: 'account_exists' });
    await assert.rejects(enableAccount(options, 'bbbb2222', true), { code: 'account_not_found' });
    assert.deepEqual(await registry.read(), before);
    assert.deepEqual(await registry.read('bbbb2222'), []);
  });

  it('gives the newest entries, of one account and of all', async () => {
    await using registry = await openRegistry();
    const { options } = registry;
    await createAccount(options, KEY, { apiKey: 'bbbb2222' });
    for (let round = 0; round < 150; round += 1) await enableAccount(options, API_KEY, round % 2 === 0);
    await enableAccount(options, 'bbbb2222', false);
    const newest = await collect(readAudit(options.database, API_KEY, { since: 0, limit: 3 }));
    assert.deepEqual(
      newest.map(({ sequence }) => sequence),
      [149, 150, 151],
    );
    const all = await readWholeAudit(options.database, { since: 0, limit: 2 });
    assert.deepEqual(
      all.map(({ account, sequence }) => [account, sequence]),
      [
        [API_KEY, 151],
        ['bbbb2222', 2],
      ],
    );
  });
});

describe('the verification of the audit', () => {
  for (const [what, sql] of Object.entries({
    'an entry that was changed': `update audit set entry = replace(entry, 'somebody', 'nobody') where sequence = 3`,
    'a time that was changed': 'update audit set at = at + 1 where sequence = 3',
    'an entry that was taken out': 'delete from audit where sequence = 3',
    'two entries that changed places':
      'update audit set sequence = -sequence where sequence in (3, 4); update audit set sequence = 7 + sequence where sequence < 0',
    'an entry that was moved from another account': `update audit set sequence = 99 where account = 'aaaa1111' and sequence = 3;
      update audit set account = 'aaaa1111' where account = 'bbbb2222' and sequence = 3`,
  })) {
    it(`finds ${what}`, async () => {
      await using registry = await openRegistry();
      const { options } = registry;
      await createAccount(options, KEY, { apiKey: 'bbbb2222' });
      for (const key of [API_KEY, 'bbbb2222'])
        for (const enabled of [false, true, false, true]) await enableAccount(options, key, enabled);
      const whole = await registry.verify();
      assert.deepEqual(
        whole.map(({ account, entries, brokenAt }) => [account, entries, brokenAt]),
        [
          [API_KEY, 5, undefined],
          ['bbbb2222', 5, undefined],
        ],
      );
      registry.tamper(
        sql.includes("'aaaa1111'") ? sql : sql.replaceAll('where', "where account = 'aaaa1111' and"),
      );
      assert.partialDeepStrictEqual((await registry.verify())[0], {
        account: API_KEY,
        entries: 2,
        brokenAt: 3,
      });
    });
  }

  it('finds an account whose chain is gone', async () => {
    await using registry = await openRegistry();
    registry.tamper('delete from audit');
    assert.deepEqual(await registry.verify(), [{ account: API_KEY, entries: 0, head: '', brokenAt: 1 }]);
  });

  it('goes over more entries than a page has, and tells of each hash', async () => {
    await using registry = await openRegistry();
    for (let round = 0; round < 450; round += 1)
      await enableAccount(registry.options, API_KEY, round % 2 === 0);
    const hashes: string[] = [];
    const reports = verifyAudit(registry.options.database, API_KEY, (hash) => hashes.push(hash));
    const [report] = await collect(reports);
    assert.partialDeepStrictEqual(report, { entries: 451, brokenAt: undefined, head: hashes.at(-1) });
    assert.equal(new Set(hashes).size, 451);
  });
});
