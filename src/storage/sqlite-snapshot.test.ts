import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { TurnSnapshot } from './sqlite-snapshot.ts';

describe('the snapshot of a turn', () => {
  it('does not mind that SQLite ended its transaction', () => {
    const connection = new DatabaseSync(':memory:');
    const snapshot = new TurnSnapshot(connection);
    snapshot.enter();
    connection.exec('rollback');
    snapshot.refresh();
    snapshot.enter();
    assert.equal(connection.isTransaction, true);
    snapshot.close();
  });
});
