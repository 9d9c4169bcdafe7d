/** Creating an application: the answer, the identifier, the name, the body that must be an object. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { application, at, BASE, createClient } from './client.ts';
import { problems, refused } from './problem.ts';
import { body, OWN_KEY, sameKey } from './sample.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const named = (name: unknown) => body({ name });

describe('creating an application', () => {
  it('W02 answers 201, the application and its Location', async () => {
    const answer = await api.create(body({ name: 'first' }));
    const created = application(answer, 201);
    assert.equal(created.name, 'first');
    assert.ok(sameKey(created.keys.public_key, OWN_KEY));
    assert.deepEqual(created.privacy, { improve_ai: true });
    assert.deepEqual(created.capabilities, {});
    const location = answer.headers['location'] ?? '';
    assert.equal(new URL(location, `${target.url}${BASE}`).href, `${target.url}${BASE}/${created.id}`);
    assert.deepEqual(await api.found(created.id), created);
  });

  it('W03 makes a dashed lower-case UUID of version 7, another each time', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => api.given(body())));
    for (const { id } of made) assert.match(id, UUID_V7);
    assert.equal(new Set(made.map(({ id }) => id)).size, made.length);
  });

  it('W03 takes no id from a client', async () => {
    const id = '019a0000-0000-7000-8000-00000000abcd';
    const created = await api.given(body({ id }));
    assert.notEqual(created.id, id);
    assert.equal((await api.read(id)).status, 404);
  });

  it('W03 compares ids as they are: upper case is another id', async () => {
    const { id } = await api.given(body());
    const upper = id.toUpperCase();
    const expected = problems.application(upper);
    assert.equal(at((await api.read(upper)).json, 'detail'), expected.detail);
    assert.equal(at((await api.update(upper, body())).json, 'detail'), expected.detail);
    assert.equal(at((await api.remove(upper)).json, 'detail'), expected.detail);
    assert.equal((await api.read(id.replaceAll('-', ''))).status, 404);
    assert.equal((await api.read(id)).status, 200);
  });
});

describe('the name', () => {
  const kept: readonly [what: string, sent: string, name: string][] = [
    ['one letter', 'x', 'x'],
    ['255 letters', 'x'.repeat(255), 'x'.repeat(255)],
    ['255 code points of two units each', '🎈'.repeat(255), '🎈'.repeat(255)],
    ['white space around it, which is cut off', ' \t\r\n a b\u00a0\u3000 ', 'a b'],
    ['255 letters and white space around them', `${' '.repeat(300)}${'y'.repeat(255)}\n`, 'y'.repeat(255)],
    [
      'quotes, slashes, markup and other scripts',
      `"'\\/<b>&amp; ünï 漢字 עברית`,
      `"'\\/<b>&amp; ünï 漢字 עברית`,
    ],
    ['line separators, which are no controls', 'a\u2028b\u2029c\u200bd', 'a\u2028b\u2029c\u200bd'],
    ['the word null', 'null', 'null'],
  ];
  for (const [what, sent, name] of kept) {
    it(`W04 may be ${what}`, async () => {
      const created = await api.given(named(sent));
      assert.equal(created.name, name);
      assert.equal((await api.found(created.id)).name, name);
      assert.equal(application(await api.update(created.id, named(sent))).name, name);
    });
  }

  const length = 'must be between 1 and 255 characters';
  const faulty: readonly [what: string, name: unknown, reason: string | RegExp][] = [
    ['empty', '', length],
    ['white space only', ' \t\n\u00a0', length],
    ['256 letters', 'x'.repeat(256), length],
    ['256 code points', '🎈'.repeat(256), length],
    ['a number', 5, 'must be a string'],
    ['a boolean', false, 'must be a string'],
    ['an object', { a: 1 }, 'must be a string'],
    ['an array', ['x'], 'must be a string'],
    ['a tab inside', 'a\tb', /control character/],
    ['a line feed inside', 'a\nb', /control character/],
    ['an escape', 'a\u001bb', /control character/],
    ['a delete', 'a\u007fb', /control character/],
    ['a C1 control', 'a\u0090b', /control character/],
  ];
  for (const [what, name, reason] of faulty) {
    it(`W04 may not be ${what}`, async () => {
      const before = await api.total();
      refused(await api.create(named(name)), ['name', reason]);
      assert.equal(await api.total(), before, 'nothing is stored');
    });
  }

  it('W04 is held to the same on PUT', async () => {
    const { id } = await api.given(named('kept'));
    for (const [, name, reason] of faulty) refused(await api.update(id, named(name)), ['name', reason]);
    refused(await api.update(id, { keys: {} }), ['name', 'is required']);
    assert.equal((await api.found(id)).name, 'kept');
  });

  it('W04 is required, and null is no name', async () => {
    refused(await api.create({}), ['name', 'is required']);
    refused(await api.create({ capabilities: {} }), ['name', 'is required']);
    refused(await api.create(named(null)), ['name', /^(is required|must be a string)$/]);
  });

  it('W04 need not be unique', async () => {
    const [one, other] = [await api.given(named('twin')), await api.given(named('twin'))];
    assert.notEqual(one.id, other.id);
  });
});

describe('a body that is no object', () => {
  const path = `${BASE}/019a0000-0000-7000-8000-000000000000`;
  const doors = [
    { method: 'POST', path: BASE },
    { method: 'PUT', path },
  ];
  for (const door of doors) {
    it(`W05 ${door.method} without a body says that the name is required`, async () => {
      refused(await api.send(door), ['name', 'is required']);
      const json = { 'content-type': 'application/json' };
      refused(await api.send({ ...door, headers: json }), ['name', 'is required']);
      refused(await api.send({ ...door, body: '' }), ['name', 'is required']);
      const chunked = { ...json, 'transfer-encoding': 'chunked' };
      refused(await api.send({ ...door, headers: chunked }), ['name', 'is required']);
    });

    for (const text of [
      '[]',
      '[{"name":"x"}]',
      '"name"',
      '5',
      '1.5e3',
      'true',
      'false',
      'null',
      '""',
      ' [ ] ',
    ]) {
      it(`W05 ${door.method} of ${text} says that the body must be an object`, async () => {
        refused(await api.send({ ...door, body: text }), ['body', 'must be an object']);
      });
    }
  }
});

describe('the privacy flag', () => {
  it('W12 is true by default and kept as sent', async () => {
    for (const privacy of [undefined, null, {}, { improve_ai: null }, { improve_ai: true }]) {
      assert.deepEqual((await api.given(body({ privacy }))).privacy, { improve_ai: true });
    }
    const { id, privacy } = await api.given(body({ privacy: { improve_ai: false } }));
    assert.deepEqual(privacy, { improve_ai: false });
    assert.deepEqual((await api.found(id)).privacy, { improve_ai: false });
  });

  it('W12 is a boolean', async () => {
    for (const improve_ai of ['true', '', 0, 1, [], {}]) {
      refused(await api.create(body({ privacy: { improve_ai } })), [
        'privacy.improve_ai',
        'must be a boolean',
      ]);
    }
    for (const privacy of [true, 'x', 1, []]) {
      refused(await api.create(body({ privacy })), ['privacy', 'must be an object']);
    }
  });
});
