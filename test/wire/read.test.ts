/** Reading an application: its members, their order, its link, and what another account sees of it. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type Answer, at, BASE, createClient, page } from './client.ts';
import { problem, problems } from './problem.ts';
import { body, everything, OTHER_KEY } from './sample.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const other = createClient(target.url, target.accounts[1]);
const MEMBERS = ['id', 'name', 'keys', 'privacy', 'capabilities'];

function assertNoNull(value: unknown, path: string): void {
  assert.notEqual(value, null, path);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  for (const [name, member] of Object.entries(value)) assertNoNull(member, `${path}.${name}`);
}

/** The members of an object in the order of the text, as a parser keeps it. */
const order = (value: unknown, path: string) => Object.keys(at({ value }, `value${path}`) as object);

describe('an id that is the name under which a list is kept', () => {
  it('W44 is an id like any other', async () => {
    const names = [10, 100].flatMap((size) => [`${size} 1 false`, `${size} 1 true`]);
    for (const size of [10, 100]) assert.equal((await api.list(`?page_size=${size}`)).status, 200);
    for (const name of names.map((rest) => `${target.accounts[0].apiKey} ${rest}`)) {
      problem(await api.send({ path: `${BASE}/${encodeURIComponent(name)}` }), problems.application(name));
    }
  });
});

describe('an application', () => {
  it('W30 answers with its members in their order, on every way it is answered', async () => {
    const generated = await api.create({ name: 'pair' });
    assert.deepEqual(order(generated.json, ''), [...MEMBERS, '_links']);
    assert.deepEqual(order(generated.json, '.keys'), ['private_key', 'public_key']);
    for (const json of [body(), everything()]) {
      const created = await api.create(json);
      const { id } = created.json as { id: string };
      for (const answer of [created, await api.read(id), await api.update(id, json)]) {
        assert.deepEqual(order(answer.json, ''), [...MEMBERS, '_links']);
        assert.deepEqual(order(answer.json, '.keys'), ['public_key']);
        assert.deepEqual(order(answer.json, '.privacy'), ['improve_ai']);
      }
    }
    for (const listed of page(await api.list('?page_size=100'))._embedded.applications) {
      assert.deepEqual(Object.keys(listed), MEMBERS);
    }
  });

  it('W30 omits absent members: no null is ever a member of an answer', async () => {
    const bare = { name: 'n', keys: { public_key: OTHER_KEY, private_key: null }, privacy: null, id: null };
    const webhook = { address: 'https://example.com/', http_method: null };
    const capabilities = {
      voice: { webhooks: { answer_url: webhook, event_url: null }, region: null, payments: null },
      messages: { webhooks: null, version: null },
      rtc: null,
      video: { a: null, b: { c: null } },
    };
    for (const json of [bare, { ...bare, capabilities: null }, { ...bare, capabilities }]) {
      const created = await api.create(json);
      assert.equal(created.status, 201, created.text);
      assertNoNull(created.json, 'application');
      assertNoNull((await api.read((created.json as { id: string }).id)).json, 'application');
    }
  });

  it('W31 carries one relative link to itself; an item of a list carries none', async () => {
    const created = await api.create(body());
    const { id } = created.json as { id: string };
    const links = { self: { href: `${BASE}/${id}` } };
    for (const answer of [created, await api.read(id), await api.update(id, body())]) {
      assert.deepEqual(at(answer.json, '_links'), links);
    }
    const items = page(await api.list('?page_size=100'))._embedded.applications;
    const listed = items.find((item) => item.id === id);
    assert.ok(listed !== undefined && !('_links' in listed));
    const { _links, ...rest } = (await api.read(id)).json as Record<string, unknown>;
    assert.deepEqual(listed, rest);
  });

  it('W54 ignores a body and takes any Content-Type on GET', async () => {
    const { id } = await api.given(body());
    const expected = await api.found(id);
    for (const type of [
      undefined,
      'application/json',
      'application/x-www-form-urlencoded',
      'rubbish',
      'a/b;;=',
    ]) {
      for (const sent of [undefined, '', '{"name":', 'x=1', '\u0000', 'x'.repeat(300_000)]) {
        const extra = sent === undefined ? {} : { body: sent };
        const answer = await api.send({ path: `${BASE}/${id}`, headers: { 'content-type': type }, ...extra });
        assert.equal(answer.status, 200, `${type} ${answer.text}`);
        assert.deepEqual(answer.json, expected);
      }
    }
  });
});

describe('an application that is not there', () => {
  const ids: readonly [sent: string, named: string][] = [
    ['019a0000-0000-7000-8000-000000000000', '019a0000-0000-7000-8000-000000000000'],
    ['ABC123', 'ABC123'],
    ['ABC%20123', 'ABC 123'],
    ['%C3%BC%F0%9F%8E%88', 'ü🎈'],
    ['a%2Fb', 'a/b'],
    ['%25', '%'],
    ['a+b', 'a+b'],
    ["it's", "it's"],
    ['%22%3C%5C%0A', '"<\\\n'],
    ['%00', '\u0000'],
    ['%zz', '%zz'],
    ['%', '%'],
    ['a%20b%', 'a%20b%'],
    ['%ff', '%ff'],
    ['%ED%A0%80', '%ED%A0%80'],
    ['.', '.'],
    ['..', '..'],
    ['*', '*'],
    [':id', ':id'],
    ['a;b=c', 'a;b=c'],
    ['a:b@c', 'a:b@c'],
    ['null', 'null'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ["1'%20or%20'1'='1", "1' or '1'='1"],
    ['x'.repeat(7000), 'x'.repeat(7000)],
    ['%41'.repeat(2000), 'A'.repeat(2000)],
  ];
  for (const [sent, named] of ids) {
    it(`W44 is a 404 that names the id: ${JSON.stringify(named.slice(0, 40))}`, async () => {
      const path = `${BASE}/${sent}`;
      problem(await api.send({ path }), problems.application(named));
      problem(await api.send({ path: `${path}?a=b` }), problems.application(named));
      problem(await api.send({ path: `${path}/` }), problems.application(named));
      problem(await api.send({ method: 'DELETE', path }), problems.application(named));
      problem(await api.send({ method: 'PUT', path, json: body() }), problems.application(named));
      assert.equal((await api.send({ method: 'HEAD', path })).status, 404);
    });
  }
});

describe('an application of another account', () => {
  /** What stays of an answer when the parts that differ each time are gone. */
  const essence = ({ status, headers, text }: Answer, id: string) => {
    const { date, 'x-request-id': requestId, ...stable } = headers;
    return { status, stable, text: text.replaceAll(String(requestId), 'INSTANCE').replaceAll(id, 'ID') };
  };

  it('W55 answers exactly like one that does not exist', async () => {
    const { id } = await api.given(everything());
    const missing = `${id.slice(0, -4)}${id.endsWith('0000') ? '0001' : '0000'}`;
    const invalid = { name: '' };
    for (const [method, json] of [
      ['GET', undefined],
      ['HEAD', undefined],
      ['PUT', body()],
      ['PUT', invalid],
      ['DELETE', undefined],
    ] as const) {
      const [there, nowhere] = [
        await other.send({ method, path: `${BASE}/${id}`, json }),
        await other.send({ method, path: `${BASE}/${missing}`, json }),
      ];
      assert.deepEqual(essence(there, id), essence(nowhere, missing), method);
      if (method === 'GET') problem(there, problems.application(id));
    }
    assert.equal((await api.found(id)).name, 'Everything 🎈', 'it is untouched');
  });

  it('W55 learns nothing of its stored timeouts either (W15)', async () => {
    const { id } = await api.given(everything());
    const address = 'https://example.com/';
    const answer_url = { address, connection_timeout: 300, connect_timeout: 900 };
    const json = body({ capabilities: { voice: { webhooks: { answer_url } } } });
    const missing = '019a0000-0000-7000-8000-000000000000';
    const [there, nowhere] = [await other.update(id, json), await other.update(missing, json)];
    assert.deepEqual(essence(there, id), essence(nowhere, missing));
  });

  it('W55 is in no list and no total but its own', async () => {
    await other.clear();
    const { id } = await api.given(body());
    const seen = page(await other.list('?page_size=100'));
    assert.equal(seen.total_items, 0);
    assert.deepEqual(seen._embedded.applications, []);
    const mine = await other.given(body());
    assert.deepEqual(
      page(await other.list())._embedded.applications.map((listed) => listed.id),
      [mine.id],
    );
    const own = page(await api.list('?page_size=100'))._embedded.applications.map((listed) => listed.id);
    assert.ok(own.includes(id) && !own.includes(mine.id));
  });
});
