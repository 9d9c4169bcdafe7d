import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openFolder } from '../../test/folder.ts';
import { openSqlite } from '../storage/sqlite.ts';
import { Credentials } from './credentials.ts';

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
});
