/** Baseline of the creates: a loop of single-row transactions, one after the other, on one connection. */

import { DatabaseSync } from 'node:sqlite';

const [path = '', rowBytes = ''] = process.argv.slice(2);
const database = new DatabaseSync(path);
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
database.exec('CREATE TABLE IF NOT EXISTS row (number INTEGER PRIMARY KEY, body TEXT NOT NULL)');
const insert = database.prepare('INSERT INTO row (body) VALUES (?)');
const body = 'x'.repeat(Number(rowBytes));

process.on('disconnect', () => process.exit());
process.on('message', ({ seconds }: { seconds: number }) => {
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;
  let count = 0;
  while (performance.now() < endsAt) {
    insert.run(body);
    count++;
  }
  process.send?.({ result: { count, seconds: (performance.now() - startedAt) / 1000 } });
});
process.send?.({ result: 'ready' });
