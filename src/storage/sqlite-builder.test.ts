import assert from 'node:assert/strict';
import { constants, DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { SqliteCompiler } from './sqlite-builder.ts';
import { statement, textStatement } from './statement.ts';

describe('a statement with a limit', () => {
  const spellings = {
    'that was built': statement<{ limit: number }>((db, parameter) =>
      db.selectFrom('accounts').select('api_key').limit(parameter('limit')),
    ),
    'that is text': textStatement<{ limit: number }, never>('select api_key from accounts limit :limit'),
  };
  for (const [name, source] of Object.entries(spellings)) {
    it(`${name} is compiled once for all its runs`, () => {
      const database = new DatabaseSync(':memory:');
      database.exec("create table accounts (api_key text); insert into accounts values ('a'), ('b'), ('c')");
      let asked = 0;
      // SQLite asks for rights whenever it compiles.
      database.setAuthorizer(() => {
        asked += 1;
        return constants.SQLITE_OK;
      });
      const { sql, bind } = new SqliteCompiler().compile(source);
      const prepared = database.prepare(sql);
      const askedOnce = asked;
      const found = [1, 3, 2].map((limit) => prepared.all(...(bind({ limit }) as number[])).length);
      database.close();
      assert.deepEqual(found, [1, 3, 2]);
      assert.ok(askedOnce > 0);
      assert.equal(asked, askedOnce);
    });
  }
});
