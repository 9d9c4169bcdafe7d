/** The storage contract on SQLite, with either writer. */

import { openSqlite } from '../src/storage/sqlite.ts';
import { openFolder } from './folder.ts';
import { describeStorage } from './storage-contract.ts';

for (const writer of ['thread', 'inline'] as const) {
  describeStorage(`SQLite, written by ${writer === 'thread' ? 'a thread' : 'this thread'}`, async () => {
    const folder = await openFolder();
    return {
      open: () => openSqlite({ path: folder.file('test.db'), writer }),
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    };
  });
}
