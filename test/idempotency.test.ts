/** Creates with an `Idempotency-Key` over time, over processes, and what is kept of them. */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { deriveIdempotencyKeys } from '../src/registry/idempotency-derivation.ts';
import { unseal } from '../src/registry/seal.ts';
import { findAccount } from '../src/storage/accounts.ts';
import { findIdempotencyKey } from '../src/storage/idempotency.ts';
import { openChild } from './child.ts';
import { type Jackfield, startJackfield, TEST_MASTER_KEY } from './jackfield.ts';
import { createTestDatabase } from './postgres.ts';
import { type Answer, application, type Client, createClient } from './wire/client.ts';
import { body } from './wire/sample.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MASTER_KEY = Buffer.from(TEST_MASTER_KEY, 'hex');

function post(client: Client, key: string, json: unknown): Promise<Answer> {
  return client.send({ method: 'POST', headers: { 'idempotency-key': key }, json });
}

/** A server whose time is set by hand. */
async function startClocked(): Promise<{ server: Jackfield; client: Client; clock: { time: number } }> {
  const clock = { time: 1_800_000_000_000, now: () => clock.time };
  const server = await startJackfield({}, { clock });
  return { server, client: createClient(server.url, server.accounts[0]), clock };
}

/** What is remembered of a key of the first account, and the account's salt. */
async function findRemembered({ context, accounts }: Jackfield, key: string) {
  const { apiKey } = accounts[0];
  const salt = (await findAccount(context.database, apiKey))?.secret_salt;
  assert.ok(salt);
  const { hash } = await deriveIdempotencyKeys(key, salt, undefined);
  return { row: await findIdempotencyKey(context.database, apiKey, hash), salt };
}

describe('what is remembered of a create', () => {
  it('W82 answers the private key for ten minutes, and the application without it after', async () => {
    const { server, client, clock } = await startClocked();
    await using _ = server;
    const first = await post(client, 'pair', { name: 'pair' });
    const { keys, ...rest } = application(first, 201);
    clock.time += 10 * MINUTE - 1;
    assert.equal((await post(client, 'pair', { name: 'pair' })).text, first.text);
    clock.time += 1;
    const { public_key } = keys;
    const without = { ...rest, keys: { public_key } };
    for (const cleaned of [false, true]) {
      if (cleaned) await server.context.cleaning.clean();
      const again = await post(client, 'pair', { name: 'pair' });
      assert.deepEqual(application(again, 201), without);
      assert.equal(again.headers['idempotency-replayed'], 'true');
      assert.equal((await findRemembered(server, 'pair')).row?.private_key === null, cleaned);
    }
  });

  it('W81 lasts 24 hours, and then the key is free for another create', async () => {
    const { server, client, clock } = await startClocked();
    await using _ = server;
    const first = application(await post(client, 'day', body()), 201);
    clock.time += 24 * HOUR - 1;
    await server.context.cleaning.clean();
    assert.equal(application(await post(client, 'day', body()), 201).id, first.id);
    clock.time += 1;
    const second = application(await post(client, 'day', body({ name: 'next' })), 201);
    assert.notEqual(second.id, first.id);
    assert.equal(await client.total(), 2);
    clock.time += 24 * HOUR;
    await server.context.cleaning.clean();
    assert.equal((await findRemembered(server, 'day')).row, undefined);
  });

  it('W82 stands without the private key when the master key was changed', async () => {
    await using server = await startJackfield();
    const client = createClient(server.url, server.accounts[0]);
    const first = application(await post(client, 'rotated', { name: 'pair' }), 201);
    await using opened = new AsyncDisposableStack();
    const child = opened.use(await openChild('server'));
    const other = 'ab'.repeat(32);
    await server.execute("delete from settings where name = 'master_key_check'");
    const url = await child.call<string>('open', {
      JACKFIELD_DATABASE_URL: server.databaseUrl,
      JACKFIELD_MASTER_KEY: other,
    });
    const again = application(
      await post(createClient(url, server.accounts[0]), 'rotated', { name: 'pair' }),
      201,
    );
    assert.equal(again.id, first.id);
    assert.equal(again.keys.private_key, undefined);
    await child.call('close');
  });

  it('W84 is nothing while the database takes no writes', async () => {
    await using server = await startJackfield();
    const client = createClient(server.url, server.accounts[0]);
    await client.list();
    await server.execute('alter table idempotency_keys rename to elsewhere');
    assert.ok((await post(client, 'later', body())).status >= 500);
    assert.equal(await client.total(), 0);
    await server.execute('alter table elsewhere rename to idempotency_keys');
    const first = await post(client, 'later', body());
    assert.equal(first.status, 201);
    assert.equal(first.headers['idempotency-replayed'], undefined);
    assert.equal(await client.total(), 1);
  });
});

describe('what a repeat is answered from', () => {
  it('W82 is in the clear neither in the database nor in the log, and nor is the key', async () => {
    await using server = await startJackfield();
    const client = createClient(server.url, server.accounts[0]);
    const key = `canary-${randomUUID()}`;
    const { keys } = application(await post(client, key, { name: 'pair' }), 201);
    await post(client, key, { name: 'pair' });
    await post(client, key, { name: 'other' });
    const lines = (keys.private_key ?? '').split('\n').filter((line) => line.length === 64);
    assert.ok(lines.length > 10);
    const written = [...server.logLines(), ...(await server.dump())].join('\n');
    for (const secret of [...lines, key]) {
      for (const form of [
        secret,
        Buffer.from(secret).toString('hex'),
        Buffer.from(secret).toString('base64').slice(0, -4),
      ])
        assert.ok(!written.includes(form));
    }
  });

  it('W82 opens with the master key and the key of the client together alone', async () => {
    await using server = await startJackfield();
    const client = createClient(server.url, server.accounts[0]);
    const { id, keys } = application(await post(client, 'right', { name: 'pair' }), 201);
    const { row, salt } = await findRemembered(server, 'right');
    assert.ok(row?.private_key);
    const sealed = row.private_key;
    const place = `idempotency ${server.accounts[0].apiKey} ${id} private key`;
    const right = (await deriveIdempotencyKeys('right', salt, MASTER_KEY)).privateKey;
    assert.ok(right);
    assert.equal(unseal(right, place, sealed), keys.private_key);
    const wrong = [
      MASTER_KEY,
      Buffer.from(row.key_hash),
      (await deriveIdempotencyKeys('wrong', salt, MASTER_KEY)).privateKey,
      (await deriveIdempotencyKeys('right', salt, Buffer.alloc(32))).privateKey,
      (await deriveIdempotencyKeys('right', Buffer.alloc(16), MASTER_KEY)).privateKey,
      (await deriveIdempotencyKeys('right', salt, MASTER_KEY)).answer,
    ];
    for (const other of wrong) {
      assert.ok(other);
      assert.throws(() => unseal(other, place, sealed));
    }
    assert.throws(() => unseal(right, place.replace(id, randomUUID()), sealed));
    assert.equal((await deriveIdempotencyKeys('right', salt, undefined)).privateKey, undefined);
  });

  it('W80 costs a create without a key nothing: no row is written', async () => {
    await using server = await startJackfield();
    const client = createClient(server.url, server.accounts[0]);
    await client.given({ name: 'plain' });
    await server.execute('drop table idempotency_keys');
    await client.given({ name: 'plain' });
    assert.equal(await client.total(), 2);
  });
});

describe('one key at two servers on one PostgreSQL', () => {
  it('W83 makes one application of all creates that race', async () => {
    await using opened = new AsyncDisposableStack();
    const database = opened.use(await createTestDatabase());
    const here = opened.use(await startJackfield({ JACKFIELD_DATABASE_URL: database.url }));
    const child = opened.use(await openChild('server'));
    const url = await child.call<string>('open', { JACKFIELD_DATABASE_URL: database.url });
    const clients = [createClient(here.url, here.accounts[0]), createClient(url, here.accounts[0])] as const;
    for (const client of clients) await client.list();
    for (let round = 1; round <= 8; round += 1) {
      const key = randomUUID();
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, n) => post(clients[n % 2 === 0 ? 0 : 1], key, body({ name: key }))),
      );
      const made = answers.filter(({ status }) => status === 201);
      assert.ok(answers.every(({ status }) => status === 201 || status === 409));
      assert.equal(new Set(made.map(({ text }) => text)).size, 1);
      assert.equal(made.filter(({ headers }) => headers['idempotency-replayed'] === undefined).length, 1);
      assert.equal(await clients[0].total(), round);
    }
    await child.call('close');
  });
});
