/** Each table there is has its place in what a backup carries, or a reason why it stays behind. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseStoreConfig } from '../src/config.ts';
import { openSource } from '../src/storage/transfer-opening.ts';
import { FATES, OWN_TABLES } from '../src/storage/transfer-tables.ts';
import { createEmpty, KINDS, open, query } from './cli/databases.ts';
import { openFolder } from './folder.ts';

const ALL_TABLES = {
  sqlite: "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'",
  postgres: 'select tablename as name from pg_tables where schemaname = current_schema()',
};

describe('the tables that move', () => {
  for (const kind of KINDS) {
    it(`are all that ${kind} has, but for those with a reason`, async () => {
      await using folder = await openFolder();
      await using database = await createEmpty(kind, folder);
      await (await open(database.url)).close();
      const there = (await query(database.url, ALL_TABLES[kind])).map(({ name }) => String(name));
      assert.deepEqual(there.sort(), [...Object.keys(FATES), ...Object.keys(OWN_TABLES)].sort());

      const { database: config } = parseStoreConfig('serve', {
        databaseUrl: { by: 'url', text: database.url },
      });
      await using source = await openSource(config);
      const carried = Object.entries(FATES).filter(([, fate]) => 'carried' in fate);
      assert.deepEqual(
        source.tables.map(({ name }) => name),
        carried.map(([name]) => name),
      );
      for (const { name, order } of source.tables) {
        const fate = carried.find(([table]) => table === name)?.[1];
        assert.deepEqual(
          order.map((column) => column.name),
          fate !== undefined && 'order' in fate && fate.order,
        );
      }
    });
  }
});
