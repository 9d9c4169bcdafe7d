/** What a request costs on PostgreSQL in round trips, counted on the line to it. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openCountingLine } from './counting-line.ts';
import { startJackfield, type TestAccount } from './jackfield.ts';
import { createTestDatabase } from './postgres.ts';
import { createClient } from './wire/client.ts';
import { body } from './wire/sample.ts';

/** Words of a transaction; the statements of a request name the account. */
const TRANSACTION = /\b(begin|commit|rollback|savepoint)\b/;

/** The round trips of requests: what the server asks by itself, such as the revision of credentials, is not among them. */
function ofRequests(trips: readonly string[], { apiKey }: TestAccount): string[] {
  return trips.filter((trip) => trip.includes(apiKey) || TRANSACTION.test(trip));
}

/** Takes a step twice on a server on PostgreSQL and answers the round trips of the second, to which all is known. */
async function count(step: 'read' | 'create'): Promise<string[]> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await createTestDatabase());
  const line = opened.use(await openCountingLine(database.url));
  const jackfield = opened.use(await startJackfield({ JACKFIELD_DATABASE_URL: line.url }));
  const [account] = jackfield.accounts;
  const client = createClient(jackfield.url, account);
  const { id } = await client.given(body());
  const run = () => (step === 'read' ? client.found(id) : client.given(body()));
  await run();
  line.restart();
  await run();
  return ofRequests(line.roundTrips(), account);
}

describe('round trips to PostgreSQL', () => {
  it('are one for a read', async () => {
    const trips = await count('read');
    assert.equal(trips.length, 1, JSON.stringify(trips));
  });

  it('are two for a create: what is written, and the commit', async () => {
    const trips = await count('create');
    assert.equal(trips.length, 2, JSON.stringify(trips));
    assert.match(trips[0] ?? '', /begin/);
    assert.match(trips[1] ?? '', /commit/);
  });
});
