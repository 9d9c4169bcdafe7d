import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openFolder } from '../../test/folder.ts';
import { FIRST, newAccount } from '../../test/storage-contract/world.ts';
import { findAccount } from '../storage/accounts.ts';
import { openSqlite } from '../storage/sqlite.ts';
import { Credentials, nameFailures } from './credentials.ts';

describe('the check of credentials', () => {
  it('counts no failure when it could not find out', async () => {
    await using folder = await openFolder();
    const database = await openSqlite({ path: folder.file('test.db'), writer: 'inline' });
    const credentials = new Credentials({ database, failuresPerMinute: 1 });
    await database.close();
    for (let time = 0; time < 3; time += 1) {
      const checked = credentials.verify('Basic x', { apiKey: 'aaaa1111', secret: 'x' }, '192.0.2.1');
      await assert.rejects(checked, ({ code }: { code?: string }) => code !== 'too_many_failures');
    }
  });

  it('leaves no old snapshot behind for requests that come after its turn in the queue', async () => {
    await using folder = await openFolder();
    const path = folder.file('test.db');
    await using database = await openSqlite({ path, writer: 'inline' });
    await using other = await openSqlite({ path, writer: 'inline' });
    const credentials = new Credentials({ database, failuresPerMinute: 0 });
    const guess = (secret: string) =>
      assert.rejects(credentials.verify(`Basic ${secret}`, { apiKey: FIRST, secret }, '192.0.2.1'));
    await guess('one');
    // Waits for the end of the rest, which is a timer.
    const guessed = guess('two');
    await new Promise<void>((resolve) => process.nextTick(resolve));
    const found = new Promise((resolve) => {
      setTimeout(() => {
        void other.write([newAccount(FIRST)]);
        resolve(findAccount(database, FIRST));
      }, 1000);
    });
    // Both timers are due in one turn then.
    const due = performance.now() + 1010;
    while (performance.now() < due);
    assert.notEqual(await found, undefined);
    await guessed;
  });
});

describe('the name under which wrong credentials are counted', () => {
  it('W58 is short, however long the key is that a client names', () => {
    assert.equal(nameFailures('x'.repeat(11_000), '127.0.0.1').length, nameFailures('', '').length);
    assert.ok(nameFailures('x'.repeat(11_000), '127.0.0.1').length < 50);
  });

  it('W58 is one for each key and address', () => {
    const pairs = [
      ['aaaa1111', '127.0.0.1'],
      ['aaaa1112', '127.0.0.1'],
      ['aaaa1111', '127.0.0.2'],
      ['127.0.0.1', 'aaaa1111'],
      ['2001:db8', '::1'],
    ] as const;
    assert.equal(new Set(pairs.map(([key, address]) => nameFailures(key, address))).size, pairs.length);
    assert.equal(nameFailures('aaaa1111', '::1'), nameFailures('aaaa1111', '::1'));
  });
});
