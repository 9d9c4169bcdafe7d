/** Creates that are sent again: one `Idempotency-Key` makes one application. */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { type Answer, application, BASE, createClient } from './client.ts';
import { problem, problems, refused } from './problem.ts';
import { body } from './sample.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const other = createClient(target.url, target.accounts[1]);

function post(key: string, json: unknown, client = api): Promise<Answer> {
  return client.send({ method: 'POST', headers: { 'idempotency-key': key }, json });
}

/** Asserts that `again` repeats `first` to the byte and says so. */
function assertRepeat(first: Answer, again: Answer): void {
  assert.equal(again.status, 201, again.text);
  assert.equal(again.text, first.text);
  for (const name of ['location', 'etag', 'content-type'])
    assert.equal(again.headers[name], first.headers[name]);
  assert.equal(first.headers['idempotency-replayed'], undefined);
  assert.equal(again.headers['idempotency-replayed'], 'true');
}

describe('a create with an Idempotency-Key', () => {
  it('W80 is one of its own for each key, and for each create without', async () => {
    const before = await api.total();
    const keys = [randomUUID(), randomUUID(), `"${randomUUID()}"`];
    for (const key of keys) {
      const { id, name } = application(await post(key, body({ name: 'keyed' })), 201);
      assert.equal((await api.found(id)).name, name);
    }
    for (let n = 0; n < 2; n += 1) await api.given(body());
    assert.equal(await api.total(), before + 5);
  });

  it('W80 takes the key with quotes or without, as the same one', async () => {
    const key = randomUUID();
    const first = await post(`"${key}"`, body());
    assertRepeat(first, await post(key, body()));
    assertRepeat(first, await post(`  "${key}" `, body()));
    const escaped = await post(`"${key} \\"a\\\\b\\""`, body());
    assert.notEqual(escaped.headers['location'], first.headers['location']);
  });

  it('W80 takes keys of 1 to 255 characters, and none that is something else', async () => {
    const before = await api.total();
    const bad = [
      '',
      '""',
      'a b',
      '"a',
      'a"',
      '"a\\b"',
      '"ä"',
      'a,b',
      '"a", "b"',
      '"a";b=1',
      'x'.repeat(256),
      `"${'x'.repeat(256)}"`,
    ];
    for (const key of bad) problem(await post(key, body()), problems.header('Idempotency-Key'));
    assert.equal(await api.total(), before);
    const longest = randomUUID().padEnd(255, 'x');
    assertRepeat(await post(longest, body()), await post(`"${longest}"`, body()));
    assert.equal(await api.total(), before + 1);
  });

  it('W80 means nothing to other operations', async () => {
    const headers = { 'idempotency-key': 'a,b' };
    const { id } = await api.given(body());
    const path = `${BASE}/${id}`;
    assert.equal((await api.send({ path, headers })).status, 200);
    assert.equal((await api.send({ method: 'PUT', path, headers, json: body() })).status, 200);
    assert.equal((await api.send({ method: 'DELETE', path, headers })).status, 204);
  });
});

describe('a repeat of a create', () => {
  it('W81 is answered like the first, and makes nothing', async () => {
    const before = await api.total();
    const key = randomUUID();
    const first = await post(key, body({ name: 'once' }));
    assert.equal(first.status, 201);
    for (let n = 0; n < 3; n += 1) assertRepeat(first, await post(key, body({ name: 'once' })));
    assert.equal(await api.total(), before + 1);
  });

  it('W81 is answered as the first was, though the application was changed or deleted since', async () => {
    const key = randomUUID();
    const first = await post(key, body({ name: 'before' }));
    const { id } = application(first, 201);
    application(await api.update(id, body({ name: 'after' })));
    assertRepeat(first, await post(key, body({ name: 'before' })));
    assert.equal((await api.found(id)).name, 'after');
    const total = await api.total();
    assert.equal((await api.remove(id)).status, 204);
    assertRepeat(first, await post(key, body({ name: 'before' })));
    problem(await api.read(id), problems.application(id));
    assert.equal(await api.total(), total - 1);
  });

  it('W81 is one of the same account: another one may use the same key', async () => {
    const key = randomUUID();
    const first = await post(key, body({ name: 'mine' }));
    const theirs = await post(key, body({ name: 'theirs' }), other);
    assert.equal(application(theirs, 201).name, 'theirs');
    assertRepeat(first, await post(key, body({ name: 'mine' })));
    await other.clear();
  });

  it('W82 has the private key once more', async () => {
    const key = randomUUID();
    const first = await post(key, { name: 'pair' });
    assert.ok(application(first, 201).keys.private_key);
    assertRepeat(first, await post(key, { name: 'pair' }));
  });

  it('W83 with another body is a 422, and the first is still there to be repeated', async () => {
    const before = await api.total();
    const key = randomUUID();
    const first = await post(key, body({ name: 'one' }));
    for (const json of [body({ name: 'two' }), { ...body({ name: 'one' }), privacy: { improve_ai: true } }])
      problem(await post(key, json), problems.mismatch);
    assertRepeat(first, await post(key, body({ name: 'one' })));
    assert.equal(await api.total(), before + 1);
  });

  it('W83 while the first is under way is a 409 or its answer, and one application is made', async () => {
    const before = await api.total();
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 12 }, () => post(key, { name: 'race' })));
    const made = answers.filter(({ status }) => status === 201);
    assert.notEqual(made.length, 0);
    assert.equal(new Set(made.map(({ text }) => text)).size, 1);
    assert.equal(made.filter(({ headers }) => headers['idempotency-replayed'] === undefined).length, 1);
    for (const answer of answers) if (answer.status !== 201) problem(answer, problems.conflict);
    assert.equal(await api.total(), before + 1);
  });

  it('W84 of what was refused is judged anew', async () => {
    const key = randomUUID();
    for (let n = 0; n < 2; n += 1) refused(await post(key, {}), ['name', 'is required']);
    problem(
      await api.send({ method: 'POST', headers: { 'idempotency-key': key }, body: '{' }),
      problems.json,
    );
    const first = await post(key, body());
    assert.equal(first.status, 201);
    refused(await post(key, {}), ['name', 'is required']);
    assertRepeat(first, await post(key, body()));
  });
});
