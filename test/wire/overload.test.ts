/** Answers when the server cannot: no key pair to be had, and a fault of its own. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Answer, createClient } from './client.ts';
import { problem, problems } from './problem.ts';
import { body } from './sample.ts';
import { startConfigured } from './target.ts';

const INSIDE = /node_modules|\.ts\b|\bSELECT\b|\bsqlite|no such table| {4}at |\/src\/|\/tmp\//i;

function assertUnavailable(answer: Answer): void {
  problem(answer, problems.unavailable);
  assert.match(answer.headers['retry-after'] ?? '', /^[1-9]\d*$/);
  assert.match(answer.text, /\d+ second/, 'it says when to come back');
}

describe('more creates than key pairs can be made for', () => {
  it('W49 get a 503 that says when to come back, and the others their pair', async () => {
    await using server = await startConfigured({ JACKFIELD_KEY_POOL_SIZE: '0', JACKFIELD_KEY_WAITERS: '2' });
    const client = createClient(server.url, server.accounts[0]);
    const answers = await Promise.all(Array.from({ length: 12 }, () => client.create({ name: 'pair' })));
    const made = answers.filter(({ status }) => status === 201);
    const refusals = answers.filter(({ status }) => status !== 201);
    assert.ok(made.length >= 2, 'who may wait gets a pair');
    assert.ok(refusals.length > 0, 'twelve at once are more than may wait');
    for (const answer of refusals) assertUnavailable(answer);
    assert.equal(await client.total(), made.length, 'nothing is stored for who was refused');
    assert.equal((await client.create(body())).status, 201, 'an own key needs no pair');
    assert.equal((await client.create({ name: 'pair' })).status, 201, 'and later there are pairs again');
  });
});

describe('a fault of the server', () => {
  it('W49 is a 500 that tells nothing of it, and the server lives on', async () => {
    await using server = await startConfigured({});
    const client = createClient(server.url, server.accounts[0]);
    const { id } = await client.given(body());
    await server.execute('ALTER TABLE applications RENAME TO elsewhere');
    for (const answer of [await client.read(`${id}x`), await client.list('?page_size=7')]) {
      problem(answer, problems.internal);
      assert.doesNotMatch(answer.text, INSIDE);
    }
    const created = await client.create(body());
    if (created.status === 503) assertUnavailable(created);
    else problem(created, problems.internal);
    assert.doesNotMatch(created.text, INSIDE);
    await server.execute('ALTER TABLE elsewhere RENAME TO applications');
    assert.equal((await client.create(body())).status, 201);
    assert.equal((await client.found(id)).id, id);
  });
});
