/** Credentials in a running server: remembered once checked, forgotten when another process takes them away. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listSecrets } from '../src/registry/secrets.ts';
import { type Child, openChild } from './child.ts';
import { until } from './condition.ts';
import { type Jackfield, startJackfield, type TestAccount } from './jackfield.ts';
import { createClient } from './wire/client.ts';

/** A server, and another process on its database. */
interface Pair extends AsyncDisposable {
  readonly server: Jackfield;
  readonly account: TestAccount;
  readonly commands: Child;
}

async function openPair(env: Record<string, string> = {}): Promise<Pair> {
  const server = await startJackfield(env);
  const commands = await openChild('database');
  await commands.call('open', { url: server.databaseUrl });
  const close = async () => {
    await commands.kill();
    await server.close();
  };
  return { server, account: server.accounts[0], commands, [Symbol.asyncDispose]: close };
}

/** Says what a list is answered with; each call on connections of its own. */
const statusOf = async (server: Jackfield, account: { apiKey: string; apiSecret: string }) =>
  (await createClient(server.url, account).list()).status;

/** Asserts that credentials are refused within a second. */
const assertRefused = (server: Jackfield, account: TestAccount) =>
  until('401', async () => (await statusOf(server, account)) === 401, 1000);

/** What another process may do to an account. */
const TAKINGS: readonly (readonly [what: string, take: (pair: Pair) => Promise<unknown>])[] = [
  [
    'its secret is revoked',
    async ({ server, account: { apiKey }, commands }) => {
      const [secret] = await listSecrets(server.context, 'api', apiKey);
      await commands.call('revokeSecret', { apiKey, id: secret?.id });
    },
  ],
  [
    'its account is disabled',
    ({ account: { apiKey }, commands }) => commands.call('enableAccount', { apiKey, enabled: false }),
  ],
  ['its account is deleted', ({ account: { apiKey }, commands }) => commands.call('removeAccount', apiKey)],
];

describe('a right credential', () => {
  it('is hashed once, however often it comes', async () => {
    await using server = await startJackfield();
    const [account] = server.accounts;
    const client = createClient(server.url, account);
    assert.equal((await client.list()).status, 200);
    // Wrong ones fill the line of those that wait for their hash; who is remembered does not stand in it.
    let checked = 0;
    const flood = Array.from({ length: 20 }, async (_, number) => {
      const status = await statusOf(server, { ...account, apiSecret: `Wrong${number}` });
      assert.equal(status, 401);
      checked += 1;
    });
    for (let time = 0; time < 5; time += 1) assert.equal((await client.list()).status, 200);
    assert.ok(checked < flood.length, 'it did not wait for the others');
    await Promise.all(flood);
  });

  for (const [what, take] of TAKINGS) {
    it(`is refused within a second when ${what} by another process, and only that one`, async () => {
      await using pair = await openPair();
      const { server, account } = pair;
      assert.equal(await statusOf(server, account), 200);
      assert.equal(await statusOf(server, server.accounts[1]), 200);
      await take(pair);
      await assertRefused(server, account);
      assert.equal(await statusOf(server, server.accounts[1]), 200);
    });
  }

  it('is taken again when its account is enabled again', async () => {
    await using pair = await openPair();
    const { server, account, commands } = pair;
    await commands.call('enableAccount', { apiKey: account.apiKey, enabled: false });
    assert.equal(await statusOf(server, account), 401);
    await commands.call('enableAccount', { apiKey: account.apiKey, enabled: true });
    await until('200', async () => (await statusOf(server, account)) === 200, 1000);
  });

  it('overlaps with the next one while secrets are changed', async () => {
    await using pair = await openPair();
    const { server, account, commands } = pair;
    const { apiKey } = account;
    assert.equal(await statusOf(server, account), 200);
    const next = await commands.call<{ id: string; secret: string }>('createSecret', { apiKey });
    const renewed = { apiKey, apiSecret: next.secret };
    assert.equal(await statusOf(server, renewed), 200);
    assert.equal(await statusOf(server, account), 200);
    await commands.call('revokeSecret', { apiKey, id: next.id });
    await until('401', async () => (await statusOf(server, renewed)) === 401, 1000);
    assert.equal(await statusOf(server, account), 200);
  });
});

describe('the limit on wrong credentials', () => {
  it('W58 refuses guesses beyond it with 429, and never what is remembered', async () => {
    await using pair = await openPair({ JACKFIELD_AUTH_LIMIT: '3' });
    const { server, account, commands } = pair;
    assert.equal(await statusOf(server, account), 200);
    const guess = (number: number) => statusOf(server, { ...account, apiSecret: `Wrong${number}` });
    const statuses: number[] = [];
    for (let number = 0; number < 5; number += 1) statuses.push(await guess(number));
    assert.deepEqual(statuses, [401, 401, 401, 429, 429]);
    assert.equal(await statusOf(server, account), 200);
    // Something changes about credentials: what is remembered is looked at again, and not counted.
    await commands.call('createSecret', { apiKey: server.accounts[1].apiKey });
    await commands.call('enableAccount', { apiKey: server.accounts[1].apiKey, enabled: false });
    for (let time = 0; time < 5; time += 1) assert.equal(await statusOf(server, account), 200);
    assert.equal(await guess(9), 429);
  });

  it('W58 takes 32 right ones that come first and at once', async () => {
    await using server = await startJackfield({ JACKFIELD_AUTH_LIMIT: '5' });
    const [account] = server.accounts;
    const statuses = await Promise.all(Array.from({ length: 32 }, () => statusOf(server, account)));
    assert.deepEqual(statuses, Array(32).fill(200));
  });
});
