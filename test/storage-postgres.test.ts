/** The storage contract on PostgreSQL, prepared by name and as behind a pooler. */

import { after } from 'node:test';
import { openPostgres } from '../src/storage/postgres.ts';
import { createTestDatabase, stopSharedPostgres } from './postgres.ts';
import { describeStorage } from './storage-contract.ts';

after(stopSharedPostgres);

for (const pooled of [false, true]) {
  describeStorage(`PostgreSQL, ${pooled ? 'as behind a pooler' : 'directly'}`, async () => {
    const database = await createTestDatabase();
    return {
      open: () =>
        openPostgres({
          url: database.url,
          poolSize: 4,
          pooled,
          statementTimeoutMs: 5000,
          directUrl: undefined,
        }),
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    };
  });
}
