/** The limit on requests: a bucket for each API key, told of in headers, off where it is off. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Answer, BASE, createClient, type Sending } from './client.ts';
import { problem, problems } from './problem.ts';
import { body } from './sample.ts';
import { startConfigured } from './target.ts';

const LEFT = /^"default";r=(\d+);t=(\d+)$/;
const policy = (limit: number) => `"default";q=${limit};w=1`;

/** Asserts the two headers of the limit and gives how many requests are left. */
function assertLimit({ headers, text }: Answer, limit: number): number {
  assert.equal(headers['ratelimit-policy'], policy(limit), text);
  const [, left = '', seconds = ''] = LEFT.exec(headers['ratelimit'] ?? '') ?? [];
  assert.match(left, /^\d+$/, `RateLimit: ${headers['ratelimit']}`);
  assert.ok(Number(left) <= limit);
  assert.ok(Number(seconds) <= 1, 'a bucket of one second is full again within it');
  return Number(left);
}

function assertNoLimit({ headers, text }: Answer): void {
  assert.equal(headers['ratelimit'], undefined, text);
  assert.equal(headers['ratelimit-policy'], undefined, text);
}

async function until(probe: () => Promise<boolean>): Promise<void> {
  while (!(await probe()));
}

describe('the limit on requests', () => {
  it('W56 lets a burst of its own size through and refuses what is beyond', async () => {
    await using server = await startConfigured({ JACKFIELD_RATE_LIMIT: '5' });
    const client = createClient(server.url, server.accounts[0]);
    const begun = performance.now();
    const answers = await Promise.all(Array.from({ length: 60 }, () => client.list()));
    const seconds = (performance.now() - begun) / 1000;
    const passed = answers.filter(({ status }) => status === 200);
    const refusals = answers.filter(({ status }) => status === 429);
    assert.equal(passed.length + refusals.length, 60);
    assert.ok(passed.length >= 5, `${passed.length} of a burst of 5 passed`);
    assert.ok(passed.length <= 5 + seconds * 5, `${passed.length} of a burst of 5 passed in ${seconds} s`);
    assert.ok(refusals.length > 0, 'sixty at once are beyond five a second');
    for (const answer of refusals) problem(answer, problems.rate);
    for (const answer of answers) assertLimit(answer, 5);
    const spent = refusals.map((answer) => assertLimit(answer, 5));
    assert.ok(spent.includes(0), 'nothing is left where one is refused');
  });

  it('W48 lets requests through again after the time it names', async () => {
    await using server = await startConfigured({ JACKFIELD_RATE_LIMIT: '2' });
    const client = createClient(server.url, server.accounts[0]);
    await until(async () => {
      const answer = await client.list();
      if (answer.status !== 429) return false;
      problem(answer, problems.rate);
      assert.equal(answer.headers['retry-after'], '1', 'a bucket of two a second has one again within one');
      assert.match(answer.text, /\b1 seconds?\b/);
      return true;
    });
    await until(async () => (await client.list()).status === 200);
  });

  it('W56 counts down what is left', async () => {
    await using server = await startConfigured({ JACKFIELD_RATE_LIMIT: '10000' });
    const client = createClient(server.url, server.accounts[0]);
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.list()));
    const left = answers.map((answer) => assertLimit(answer, 10_000));
    assert.ok(left.some((number) => number < 10_000));
  });

  it('W56 is 170 a second where nobody says otherwise', async () => {
    await using server = await startConfigured({ JACKFIELD_RATE_LIMIT: '' });
    assertLimit(await createClient(server.url, server.accounts[0]).list(), 170);
  });

  it('W56 is each API key’s own', async () => {
    await using server = await startConfigured({ JACKFIELD_RATE_LIMIT: '1' });
    const [one, other] = server.accounts.map((account) => createClient(server.url, account));
    assert.ok(one !== undefined && other !== undefined);
    await until(async () => (await one.list()).status === 429);
    assert.equal((await other.list()).status, 200);
  });

  it('W56 is spent by no request without right credentials', async () => {
    await using server = await startConfigured({ JACKFIELD_RATE_LIMIT: '1' });
    const [account] = server.accounts;
    const stranger = createClient(server.url, { apiKey: account.apiKey, apiSecret: 'Wrong1234' });
    for (let time = 0; time < 5; time++) assert.equal((await stranger.list()).status, 401);
    assert.equal((await createClient(server.url, account).list()).status, 200);
  });

  const MISSING = `${BASE}/019a0000-0000-7000-8000-000000000000`;
  const behind: readonly [status: number, sending: Sending][] = [
    [200, {}],
    [200, { method: 'HEAD' }],
    [201, { method: 'POST', json: body() }],
    [400, { method: 'POST', json: {} }],
    [400, { method: 'POST', body: '{' }],
    [400, { path: `${BASE}?page=0` }],
    [404, { path: MISSING }],
    [404, { method: 'DELETE', path: MISSING }],
    [406, { headers: { accept: 'text/html' } }],
    [413, { method: 'POST', body: ' '.repeat(262_145) }],
    [415, { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } }],
  ];
  const before: readonly [status: number, sending: Sending][] = [
    [204, { method: 'OPTIONS' }],
    [401, { headers: { authorization: undefined } }],
    [404, { path: '/v2/nothing' }],
    [405, { method: 'PATCH' }],
    [200, { path: '/healthz' }],
  ];

  it('W56 is told of on every answer behind the credentials check, and on no other', async () => {
    await using server = await startConfigured({ JACKFIELD_RATE_LIMIT: '10000' });
    const client = createClient(server.url, server.accounts[0]);
    for (const [status, sending] of behind) {
      const answer = await client.send(sending);
      assert.equal(answer.status, status, answer.text);
      assertLimit(answer, 10_000);
    }
    const { id } = await client.given(body());
    const path = `${BASE}/${id}`;
    assertLimit(await client.send({ method: 'PUT', path, json: body() }), 10_000);
    assertLimit(await client.send({ method: 'DELETE', path }), 10_000);
    for (const [status, sending] of before) {
      const answer = await client.send(sending);
      assert.equal(answer.status, status, answer.text);
      assertNoLimit(answer);
    }
  });

  for (const env of [{}, { JACKFIELD_RATE_LIMIT: '0' }] as Record<string, string>[]) {
    it(`W56 is off with ${JSON.stringify(env)}, and then no answer tells of it`, async () => {
      await using server = await startConfigured(env);
      const client = createClient(server.url, server.accounts[0]);
      for (const [status, sending] of [...behind, ...before]) {
        const answer = await client.send(sending);
        assert.equal(answer.status, status, answer.text);
        assertNoLimit(answer);
      }
      const many = await Promise.all(Array.from({ length: 400 }, () => client.list()));
      assert.ok(many.every(({ status }) => status === 200));
    });
  }
});
