/** Rotating the key of an application: the new pair, the retired key, the key set, and clients that send old keys back. */

import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { tokenGenerate } from '@vonage/jwt';
import {
  calculateJwkThumbprint,
  createRemoteJWKSet,
  errors,
  type JWK,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose';
import { type Application, application, createClient } from './client.ts';
import { problem, problems, refused } from './problem.ts';
import { body, OTHER_KEY, OWN_KEY, sameKey } from './sample.ts';
import { openTarget, startConfigured } from './target.ts';

const target = await openTarget();
after(() => target.close());
const [account, other] = target.accounts;
const api = createClient(target.url, account);
const stranger = createClient(target.url, other);
const anybody = createClient(target.url);

const keysOf = (id: string) => `/jackfield/v1/applications/${id}/keys`;
const setOf = (id: string, { apiKey } = account) =>
  `/jackfield/v1/accounts/${apiKey}/applications/${id}/jwks.json`;
const rotate = (id: string, client = api) => client.send({ method: 'POST', path: keysOf(id) });

/** Rotates what must be there and gives the application with its new pair. */
async function rotated(id: string, client = api): Promise<Application> {
  return application(await rotate(id, client), 201);
}

async function keySet(id: string, client = anybody): Promise<JWK[]> {
  const answer = await client.send({ path: setOf(id) });
  assert.equal(answer.status, 200, answer.text);
  return (answer.json as { keys: JWK[] }).keys;
}

/** Asserts that a key set holds these keys (PEM) in this order. */
async function assertKeySet(id: string, pems: readonly string[], client = anybody): Promise<void> {
  const keys = await keySet(id, client);
  const expected = pems.map((pem) => createPublicKey(pem).export({ format: 'jwk' }));
  assert.deepEqual(
    keys.map(({ n, e }) => ({ n, e })),
    expected.map(({ n, e }) => ({ n, e })),
  );
}

describe('POST /jackfield/v1/applications/{id}/keys', () => {
  it('answers the application with a new pair, whose private key is nowhere afterwards', async () => {
    const created = await api.given(body({ capabilities: { vbc: {} } }));
    const answer = await rotate(created.id);
    const { keys, ...rest } = application(answer, 201);
    const { keys: before, ...same } = created;
    assert.deepEqual(rest, same);
    assert.equal(answer.headers['location'], `/v2/applications/${created.id}`);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.deepEqual(Object.keys(keys), ['private_key', 'public_key']);
    assert.ok(
      createPublicKey(createPrivateKey(keys.private_key ?? '')).equals(createPublicKey(keys.public_key)),
    );
    assert.ok(!sameKey(keys.public_key, before.public_key));
    assert.deepEqual((await api.found(created.id)).keys, { public_key: keys.public_key });
  });

  it('keeps one retired key: the one before it leaves', async () => {
    const { id } = await api.given(body());
    await assertKeySet(id, [OWN_KEY]);
    const first = (await rotated(id)).keys.public_key;
    await assertKeySet(id, [first, OWN_KEY]);
    const second = (await rotated(id)).keys.public_key;
    await assertKeySet(id, [second, first]);
  });

  it('of many at once leaves the last one, and the one before it retired', async () => {
    const { id } = await api.given(body());
    const answers = await Promise.all(Array.from({ length: 4 }, () => rotated(id)));
    const made = new Set(answers.map(({ keys }) => keys.public_key));
    assert.equal(made.size, 4);
    const [current, retired] = await keySet(id);
    const ns = [...made].map((pem) => createPublicKey(pem).export({ format: 'jwk' }).n);
    assert.ok(ns.includes(current?.n) && ns.includes(retired?.n));
    assert.equal(
      current?.n,
      createPublicKey((await api.found(id)).keys.public_key).export({ format: 'jwk' }).n,
    );
  });

  it('takes an empty object for no body, and refuses what says more', async () => {
    const { id } = await api.given(body());
    const send = (json: unknown) => api.send({ method: 'POST', path: keysOf(id), json });
    application(await send({}), 201);
    refused(await send({ public_key: OTHER_KEY }), ['public_key', 'is not a known property']);
    refused(await send([]), ['body', 'must be an object']);
    refused(await send(null), ['body', 'must be an object']);
    problem(await api.send({ method: 'POST', path: keysOf(id), body: '{' }), problems.json);
    const type = { 'content-type': 'text/plain' };
    problem(
      await api.send({ method: 'POST', path: keysOf(id), body: 'x', headers: type }),
      problems.contentType,
    );
    problem(
      await api.send({ method: 'POST', path: keysOf(id), body: 'x'.repeat(262_145) }),
      problems.tooLarge,
    );
  });

  it('W50 asks for credentials, and finds nothing of another account', async () => {
    const { id } = await api.given(body());
    problem(await rotate(id, anybody), problems.unauthorized);
    problem(await rotate(id, stranger), problems.application(id));
    problem(await rotate('nobody'), problems.application('nobody'));
    await assertKeySet(id, [OWN_KEY]);
  });

  it('W52 knows no other method, and is at no path without an id', async () => {
    const { id } = await api.given(body());
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await api.send({ method, path: keysOf(id) });
      problem(answer, problems.verb(method));
      assert.equal(answer.headers['allow'], 'POST, OPTIONS');
    }
    const options = await anybody.send({ method: 'OPTIONS', path: `${keysOf(id)}/` });
    assert.deepEqual([options.status, options.headers['allow']], [204, 'POST, OPTIONS']);
    problem(await rotate(''), problems.resource);
  });
});

describe('PUT after a rotation', () => {
  it('W10 keeps the new key for a client that sends back what it got before, and says so', async () => {
    const before = await api.given(body());
    const { keys } = await rotated(before.id);
    const answer = await api.update(before.id, { ...before, name: 'renamed' });
    const updated = application(answer);
    assert.equal(updated.name, 'renamed');
    assert.equal(updated.keys.public_key, keys.public_key);
    assert.match(
      answer.headers['x-jackfield-notice'] ?? '',
      /retired by a rotation; the current key is kept/,
    );
    assert.deepEqual(await api.found(before.id), updated);
    await assertKeySet(before.id, [keys.public_key, OWN_KEY]);
    // The same once more changes nothing, and says so again.
    const again = await api.update(before.id, { ...before, name: 'renamed' });
    assert.deepEqual(application(again), updated);
    assert.notEqual(again.headers['x-jackfield-notice'], undefined);
  });

  it('W10 says nothing where no retired key was sent', async () => {
    const { id } = await api.given(body());
    const { keys } = await rotated(id);
    for (const sent of [{ name: 'n' }, { name: 'n', keys: { public_key: keys.public_key } }]) {
      const answer = await api.update(id, sent);
      assert.equal(application(answer).keys.public_key, keys.public_key);
      assert.equal(answer.headers['x-jackfield-notice'], undefined);
    }
  });

  it('W10 replaces the key by another one, which leaves at once while the retired one stays', async () => {
    const { id } = await api.given(body());
    const { keys } = await rotated(id);
    application(await api.update(id, body({ keys: { public_key: OTHER_KEY } })));
    await assertKeySet(id, [OTHER_KEY, OWN_KEY]);
    // The key that a PUT replaced was not retired: it may come back.
    const back = await api.update(id, body({ keys: { public_key: keys.public_key } }));
    assert.equal(application(back).keys.public_key, keys.public_key);
    assert.equal(back.headers['x-jackfield-notice'], undefined);
  });
});

describe('a retired key', () => {
  it('is none any more when its time is up, and its key may be set again', async () => {
    await using server = await startConfigured({});
    const client = createClient(server.url, server.accounts[0]);
    const { id } = await client.given(body());
    const { keys } = await rotated(id, client);
    const shown = async () => {
      const { json } = await client.send({ path: setOf(id, server.accounts[0]) });
      return (json as { keys: JWK[] }).keys.length;
    };
    assert.equal(await shown(), 2);
    await server.execute('update retired_keys set valid_until = 1000');
    const answer = await client.update(id, { name: 'n', keys: { public_key: OWN_KEY } });
    assert.ok(sameKey(application(answer).keys.public_key, OWN_KEY));
    assert.equal(answer.headers['x-jackfield-notice'], undefined);
    assert.notEqual(keys.public_key, OWN_KEY);
    assert.equal(await shown(), 1);
    assert.ok(!(await server.dump()).some((text) => text.includes('BEGIN PRIVATE KEY')));
  });

  it('is none at once where there is no time of grace', async () => {
    await using server = await startConfigured({ JACKFIELD_KEY_GRACE_HOURS: '0' });
    const client = createClient(server.url, server.accounts[0]);
    const { id } = await client.given(body());
    await rotated(id, client);
    const { json } = await client.send({ path: setOf(id, server.accounts[0]) });
    assert.equal((json as { keys: JWK[] }).keys.length, 1);
  });
});

describe('GET /jackfield/v1/accounts/{api_key}/applications/{id}/jwks.json', () => {
  it('answers everybody, and may be kept for a minute', async () => {
    const { id } = await api.given(body());
    for (const headers of [{}, { authorization: 'Basic nonsense' }, { accept: 'application/jwk-set+json' }]) {
      const answer = await anybody.send({ path: setOf(id), headers });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['cache-control'], 'public, max-age=60');
      assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
      assert.match(answer.headers['x-request-id'] ?? '', /^[0-9a-f]{32}$/);
      assert.equal(answer.headers['ratelimit'], undefined);
    }
    const head = await anybody.send({ method: 'HEAD', path: setOf(id) });
    assert.deepEqual(
      [head.status, head.text, head.headers['cache-control']],
      [200, '', 'public, max-age=60'],
    );
    const [key = {}] = await keySet(id);
    assert.deepEqual(Object.keys(key), ['kty', 'kid', 'use', 'alg', 'n', 'e']);
    assert.equal(key.kid, await calculateJwkThumbprint(key));
    assert.deepEqual([key.kty, key.use, key.alg], ['RSA', 'sig', 'RS256']);
  });

  it('D35 answers alike for what is not there, is deleted, or is of another account', async () => {
    const { id } = await api.given(body());
    await rotated(id);
    problem(await anybody.send({ path: setOf(id, other) }), problems.application(id));
    problem(
      await anybody.send({ path: setOf(id, { ...account, apiKey: '00000000' }) }),
      problems.application(id),
    );
    problem(
      await anybody.send({ path: setOf(id, { ...account, apiKey: 'no-key' }) }),
      problems.application(id),
    );
    problem(await anybody.send({ path: setOf('nobody') }), problems.application('nobody'));
    problem(await anybody.send({ path: setOf('') }), problems.resource);
    assert.equal((await api.remove(id)).status, 204);
    problem(await anybody.send({ path: setOf(id) }), problems.application(id));
  });

  it('W52 is only read', async () => {
    const { id } = await api.given(body());
    const answer = await anybody.send({ method: 'POST', path: setOf(id), json: {} });
    problem(answer, problems.verb('POST'));
    assert.equal(answer.headers['allow'], 'GET, HEAD, OPTIONS');
    const options = await anybody.send({ method: 'OPTIONS', path: setOf(id) });
    assert.deepEqual([options.status, options.headers['allow']], [204, 'GET, HEAD, OPTIONS']);
  });

  it('answers an account that is disabled like one that is not there', async () => {
    await using server = await startConfigured({});
    const { id } = await createClient(server.url, server.accounts[0]).given(body());
    await server.execute("update accounts set enabled = 0 where api_key = 'aaaa1111'");
    problem(
      await createClient(server.url).send({ path: setOf(id, server.accounts[0]) }),
      problems.application(id),
    );
  });

  it('W48 is limited by address, and takes nothing of the limit of the account', async () => {
    await using server = await startConfigured({ JACKFIELD_RATE_LIMIT: '2' });
    const client = createClient(server.url, server.accounts[0]);
    const path = setOf('nobody', server.accounts[0]);
    const ask = (from: string) => createClient(server.url).send({ path, from });
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask('127.0.0.2')));
    const limited = answers.find(({ status }) => status === 429);
    assert.ok(limited !== undefined);
    problem(limited, problems.rate);
    assert.equal((await ask('127.0.0.3')).status, 404);
    assert.equal((await client.list()).status, 200);
  });
});

/** Verifies a token as the documentation shows it, also while two keys stand there and the token names none. */
async function verifyToken(
  token: string,
  keys: ReturnType<typeof createRemoteJWKSet>,
): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keys, { algorithms: ['RS256'] });
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return await jwtVerify(token, key, { algorithms: ['RS256'] });
      } catch (failure) {
        if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

describe('createRemoteJWKSet of jose', () => {
  const remote = (id: string) => createRemoteJWKSet(new URL(setOf(id), target.url));

  it('verifies what @vonage/jwt signs, with one key and with two', async () => {
    const created = await api.given({ name: 'signing' });
    const { id } = created;
    const first = tokenGenerate(id, created.keys.private_key ?? '');
    assert.equal((await jwtVerify(first, remote(id))).payload['application_id'], id);
    const { keys } = await rotated(id);
    const second = tokenGenerate(id, keys.private_key ?? '');
    await assert.rejects(jwtVerify(second, remote(id)), errors.JWKSMultipleMatchingKeys);
    for (const token of [first, second])
      assert.equal((await verifyToken(token, remote(id))).payload['application_id'], id);
    const another = tokenGenerate(id, (await api.given({ name: 'another' })).keys.private_key ?? '');
    await assert.rejects(verifyToken(another, remote(id)), errors.JWSSignatureVerificationFailed);
  });
});
