/** The storage contract on PostgreSQL, prepared by name and as behind a pooler. */

import { openPostgres } from '../src/storage/postgres.ts';
import { createTestDatabase } from './postgres.ts';
import { describeStorage } from './storage-contract.ts';

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
