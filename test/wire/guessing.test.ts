/** The limit on failed credentials: guessing is slowed, and nobody is locked out by it. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClient, type Sending } from './client.ts';
import { problem, problems } from './problem.ts';
import { startConfigured } from './target.ts';

/** A client that guesses secrets of one key. */
function createGuesser(url: string, apiKey: string, extra: Sending = {}) {
  let count = 0;
  return async (): Promise<number> => {
    const client = createClient(url, { apiKey, apiSecret: `Wrong${++count}` });
    const answer = await client.send(extra);
    if (answer.status === 429) {
      problem(answer, problems.rate);
      assert.equal(answer.headers['ratelimit'], undefined);
      assert.equal(answer.headers['ratelimit-policy'], undefined);
    } else {
      problem(answer, problems.unauthorized);
    }
    return answer.status;
  };
}

const times = async (count: number, guess: () => Promise<number>) => {
  const statuses: number[] = [];
  for (let time = 0; time < count; time++) statuses.push(await guess());
  return statuses;
};

describe('the limit on failed credentials', () => {
  it('W58 answers 429 beyond so many guesses at one key', async () => {
    await using server = await startConfigured({ JACKFIELD_AUTH_LIMIT: '4' });
    const guess = createGuesser(server.url, server.accounts[0].apiKey);
    assert.deepEqual(await times(6, guess), [401, 401, 401, 401, 429, 429]);
  });

  it('W58 counts a key that does not exist like one that does', async () => {
    await using server = await startConfigured({ JACKFIELD_AUTH_LIMIT: '2' });
    assert.deepEqual(await times(3, createGuesser(server.url, '00000000')), [401, 401, 429]);
    assert.deepEqual(await times(3, createGuesser(server.url, server.accounts[0].apiKey)), [401, 401, 429]);
  });

  it('W58 counts guesses made at once', async () => {
    await using server = await startConfigured({ JACKFIELD_AUTH_LIMIT: '3' });
    const guess = createGuesser(server.url, server.accounts[0].apiKey);
    const statuses = await Promise.all(Array.from({ length: 12 }, guess));
    assert.equal(statuses.filter((status) => status === 401).length, 3);
  });

  it('W58 lets credentials that are remembered as right pass all the same', async () => {
    await using server = await startConfigured({ JACKFIELD_AUTH_LIMIT: '2' });
    const [account] = server.accounts;
    const client = createClient(server.url, account);
    assert.equal((await client.list()).status, 200);
    const guess = createGuesser(server.url, account.apiKey);
    assert.deepEqual(await times(4, guess), [401, 401, 429, 429]);
    for (let time = 0; time < 5; time++) assert.equal((await client.list()).status, 200);
    assert.equal(await guess(), 429, 'right ones between do not set the count back');
  });

  it('W58 is each key’s own', async () => {
    await using server = await startConfigured({ JACKFIELD_AUTH_LIMIT: '1' });
    const [one, other] = server.accounts;
    assert.deepEqual(await times(2, createGuesser(server.url, one.apiKey)), [401, 429]);
    assert.deepEqual(await times(2, createGuesser(server.url, other.apiKey)), [401, 429]);
    assert.equal((await createClient(server.url, one).list()).status, 429, 'never seen, so not remembered');
  });

  it('W58 is ten times as much for an address over all keys, and remembered ones pass', async () => {
    await using server = await startConfigured({ JACKFIELD_AUTH_LIMIT: '1' });
    const client = createClient(server.url, server.accounts[0]);
    assert.equal((await client.list()).status, 200);
    const keys = Array.from({ length: 12 }, (_, number) => `${number}`.padStart(8, '0'));
    const statuses = await Promise.all(keys.map((key) => createGuesser(server.url, key)()));
    assert.equal(statuses.filter((status) => status === 401).length, 10);
    assert.equal(statuses.filter((status) => status === 429).length, 2);
    assert.equal((await client.list()).status, 200);
  });

  it('W58 is each address’s own', async () => {
    await using server = await startConfigured({ JACKFIELD_AUTH_LIMIT: '1' });
    const [account] = server.accounts;
    const from = (address: string) => createGuesser(server.url, account.apiKey, { from: address });
    assert.deepEqual(await times(2, from('127.0.0.1')), [401, 429]);
    assert.deepEqual(await times(2, from('127.0.0.2')), [401, 429]);
    const right = await createClient(server.url, account).send({ from: '127.0.0.3' });
    assert.equal(right.status, 200, 'a stranger’s guesses lock nobody out');
  });

  it('W58 believes X-Forwarded-For of nobody by default', async () => {
    await using server = await startConfigured({ JACKFIELD_AUTH_LIMIT: '1' });
    const { apiKey } = server.accounts[0];
    const from = (address: string) =>
      createGuesser(server.url, apiKey, {
        headers: { 'x-forwarded-for': address, forwarded: `for=${address}` },
      });
    assert.deepEqual(await times(1, from('192.0.2.1')), [401]);
    assert.deepEqual(await times(1, from('192.0.2.2')), [429]);
  });

  it('W58 believes the last address that a trusted proxy has seen', async () => {
    await using server = await startConfigured({
      JACKFIELD_AUTH_LIMIT: '1',
      JACKFIELD_TRUST_PROXY: '127.0.0.1',
    });
    const { apiKey } = server.accounts[0];
    const from = (seen: string, address = '127.0.0.1') =>
      createGuesser(server.url, apiKey, { from: address, headers: { 'x-forwarded-for': seen } });
    assert.deepEqual(await times(2, from('192.0.2.1')), [401, 429]);
    assert.deepEqual(await times(2, from('192.0.2.2')), [401, 429]);
    assert.deepEqual(
      await times(1, from('198.51.100.7, 192.0.2.1')),
      [429],
      'what a client wrote is no proof',
    );
    assert.deepEqual(await times(1, from('192.0.2.3, 127.0.0.1')), [401], 'proxies behind proxies');
    assert.deepEqual(await times(1, from('192.0.2.9', '127.0.0.2')), [401], 'no trusted proxy');
    assert.deepEqual(await times(1, from('192.0.2.10', '127.0.0.2')), [429], 'no trusted proxy');
  });

  it('W58 is 20 a minute where nobody says otherwise', async () => {
    await using server = await startConfigured({ JACKFIELD_AUTH_LIMIT: '' });
    const guess = createGuesser(server.url, server.accounts[0].apiKey);
    const statuses = await Promise.all(Array.from({ length: 25 }, guess));
    assert.equal(statuses.filter((status) => status === 401).length, 20);
  });

  it('W58 is off with JACKFIELD_AUTH_LIMIT 0', async () => {
    await using server = await startConfigured({ JACKFIELD_AUTH_LIMIT: '0' });
    const guess = createGuesser(server.url, server.accounts[0].apiKey);
    assert.deepEqual(await times(25, guess), Array(25).fill(401));
  });
});
