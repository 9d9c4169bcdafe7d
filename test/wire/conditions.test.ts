/** Conditions: the tag of an application, and requests that are meant for one state of it alone. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type Answer, type Application, application, BASE, createClient } from './client.ts';
import { problem, problems, refused } from './problem.ts';
import { body } from './sample.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const MISSING = '019a0000-0000-7000-8000-000000000000';
const OTHER = '"AAAAAAAAAAAAAAAAAAAAAA"';

const tagOf = ({ headers }: Answer) => headers['etag'] ?? '';

/** Sends a request about an application, with a condition. */
function ask(method: string, id: string, headers: Record<string, string>, json?: unknown): Promise<Answer> {
  return api.send({ method, path: `${BASE}/${id}`, headers, ...(json === undefined ? {} : { json }) });
}

/** A new application and its tag. */
async function given(name = 'tagged'): Promise<Application & { readonly tag: string }> {
  const made = await api.given(body({ name }));
  return { ...made, tag: tagOf(await api.read(made.id)) };
}

describe('the tag of an application', () => {
  it('W70 is strong, and the same on GET, on HEAD and on the 201 of its create', async () => {
    const created = await api.create(body());
    const { id } = application(created, 201);
    const tag = tagOf(created);
    assert.match(tag, /^"[\w-]{22}"$/);
    for (const answer of [await api.read(id), await api.read(id), await ask('HEAD', id, {})]) {
      assert.equal(answer.status, 200);
      assert.equal(tagOf(answer), tag);
    }
  });

  it('W70 of a create is that of what GET answers, also when the body has the private key besides', async () => {
    const created = await api.create({ name: 'pair' });
    const { id, keys } = application(created, 201);
    assert.ok(keys.private_key);
    assert.equal(tagOf(created), tagOf(await api.read(id)));
  });

  it('W70 is another one after each change, and stays when nothing changed', async () => {
    const { id, tag } = await given();
    application(await api.update(id, body({ name: 'other' })));
    const second = tagOf(await api.read(id));
    assert.notEqual(second, tag);
    application(await api.update(id, await api.found(id)));
    assert.equal(tagOf(await api.read(id)), second);
  });

  it('W70 is not on the answer to a PUT, nor on a list, a deletion or an error', async () => {
    const { id } = await given();
    const answers = [
      await api.update(id, body({ name: 'other' })),
      await api.list(),
      await api.read(MISSING),
      await ask('PUT', id, { 'if-match': OTHER }, body()),
      await api.remove(id),
    ];
    for (const { headers } of answers) assert.equal(headers['etag'], undefined);
  });
});

describe('If-None-Match', () => {
  it('W71 is answered 304 when it names the tag, weak or not, in a list or by *', async () => {
    const { id, tag } = await given();
    const headers = [
      tag,
      `W/${tag}`,
      '*',
      ` * `,
      `${OTHER}, ${tag}`,
      `,W/${OTHER} ,, W/${tag},`,
      `"a,b",${tag}`,
    ];
    for (const method of ['GET', 'HEAD']) {
      for (const held of headers) {
        // The first one may read it, the second finds it in the cache.
        for (const answer of [
          await ask(method, id, { 'if-none-match': held }),
          await ask(method, id, { 'if-none-match': held }),
        ]) {
          assert.equal(answer.status, 304, held);
          assert.equal(answer.text, '');
          assert.equal(tagOf(answer), tag);
          assert.equal(answer.headers['cache-control'], 'no-store');
          assert.match(answer.headers['x-request-id'] ?? '', /^[0-9a-f]{32}$/);
          assert.equal(answer.headers['content-type'], undefined);
        }
      }
    }
  });

  it('W71 is answered 200 and the application when it names other tags, or none', async () => {
    const { id, tag } = await given();
    const whole = (await api.read(id)).text;
    for (const held of [OTHER, '', ' , ', '""', `"W/${tag.slice(1)}`, '"*"']) {
      const answer = await ask('GET', id, { 'if-none-match': held });
      assert.equal(answer.status, 200, held);
      assert.equal(answer.text, whole);
      assert.equal(tagOf(answer), tag);
    }
  });

  it('W71 of a tag that was is answered with what is now', async () => {
    const { id, tag } = await given('before');
    application(await api.update(id, body({ name: 'after' })));
    assert.equal(application(await ask('GET', id, { 'if-none-match': tag })).name, 'after');
  });

  it('W71 lets the next request of the connection through', async () => {
    const { id, tag } = await given();
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => ask('GET', id, { 'if-none-match': tag })),
      ...Array.from({ length: 5 }, () => api.read(id)),
    ]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [...Array(5).fill(304), ...Array(5).fill(200)],
    );
  });

  it('W71 keeps a PUT and a DELETE from what it names', async () => {
    const { id, tag } = await given('kept');
    for (const held of ['*', tag, `W/${tag}`]) {
      problem(await ask('PUT', id, { 'if-none-match': held }, body({ name: 'lost' })), problems.precondition);
      problem(await ask('DELETE', id, { 'if-none-match': held }), problems.precondition);
    }
    assert.equal((await api.found(id)).name, 'kept');
    assert.equal((await ask('DELETE', id, { 'if-none-match': OTHER })).status, 204);
  });
});

describe('If-Match', () => {
  it('W72 lets a PUT through for who has read what is there', async () => {
    const { id, tag } = await given();
    assert.equal(application(await ask('PUT', id, { 'if-match': tag }, body({ name: 'one' }))).name, 'one');
    const next = tagOf(await api.read(id));
    const list = `${OTHER}, ${next}`;
    assert.equal(application(await ask('PUT', id, { 'if-match': list }, body({ name: 'two' }))).name, 'two');
    assert.equal(
      application(await ask('PUT', id, { 'if-match': '*' }, body({ name: 'three' }))).name,
      'three',
    );
  });

  it('W72 refuses a PUT, a DELETE and a GET of a tag that was, is weak, or is none', async () => {
    const { id, tag } = await given('before');
    application(await api.update(id, body({ name: 'kept' })));
    const now = tagOf(await api.read(id));
    for (const held of [tag, OTHER, `W/${now}`, '', '"*"']) {
      problem(await ask('PUT', id, { 'if-match': held }, body({ name: 'lost' })), problems.precondition);
      problem(await ask('DELETE', id, { 'if-match': held }), problems.precondition);
      problem(await ask('GET', id, { 'if-match': held }), problems.precondition);
    }
    assert.equal((await api.found(id)).name, 'kept');
    assert.equal(tagOf(await api.read(id)), now);
  });

  it('W72 lets a DELETE through once', async () => {
    const { id, tag } = await given();
    assert.equal((await ask('DELETE', id, { 'if-match': tag })).status, 204);
    problem(await ask('DELETE', id, { 'if-match': tag }), problems.application(id));
    const { id: other } = await given();
    assert.equal((await ask('DELETE', other, { 'if-match': '*' })).status, 204);
    problem(await ask('DELETE', other, { 'if-match': '*' }), problems.application(other));
  });

  it('W72 lets one of many changes through that were meant for the same state', async () => {
    const { id, tag } = await given();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => ask('PUT', id, { 'if-match': tag }, body({ name: `n${n}` }))),
    );
    const [winner, ...more] = answers.filter(({ status }) => status === 200);
    assert.ok(winner && more.length === 0);
    for (const answer of answers) if (answer !== winner) problem(answer, problems.precondition);
    assert.deepEqual(await api.found(id), winner.json);
  });

  it('W72 never deletes what was changed meanwhile', async () => {
    for (let round = 0; round < 15; round += 1) {
      const { id, tag } = await given();
      const [changed, deleted] = await Promise.all([
        ask('PUT', id, { 'if-match': tag }, body({ name: `round ${round}` })),
        ask('DELETE', id, { 'if-match': tag }),
      ]);
      if (changed.status === 200) {
        problem(deleted, problems.precondition);
        assert.deepEqual(await api.found(id), changed.json);
      } else {
        assert.equal(deleted.status, 204);
        problem(changed, problems.application(id));
      }
    }
  });

  it('W72 is judged before If-None-Match', async () => {
    const { id, tag } = await given();
    problem(await ask('GET', id, { 'if-match': OTHER, 'if-none-match': tag }), problems.precondition);
    assert.equal((await ask('GET', id, { 'if-match': tag, 'if-none-match': tag })).status, 304);
  });
});

describe('conditions that do not come to anything', () => {
  it('W73 are told after what is wrong with the request, and after an id that is not there', async () => {
    const { id } = await given();
    for (const header of ['"stale"', 'broken']) {
      const stale = { 'if-match': header };
      refused(await ask('PUT', id, stale, {}), ['name', 'is required']);
      for (const method of ['PUT', 'DELETE', 'GET'])
        problem(
          await ask(method, MISSING, stale, method === 'PUT' ? body() : undefined),
          problems.application(MISSING),
        );
    }
  });

  for (const header of ['If-Match', 'If-None-Match']) {
    it(`W73 are a 400 when ${header} is neither * nor a list of tags`, async () => {
      const { id, tag } = await given('kept');
      const bare = tag.slice(1, -1);
      for (const held of [
        bare,
        `w/${tag}`,
        `${tag} ${tag}`,
        `*, ${tag}`,
        `${tag}, *`,
        '"a',
        'a"',
        '"a b"',
        `W/ ${tag}`,
      ]) {
        const answers = [
          await ask('GET', id, { [header]: held }),
          await ask('PUT', id, { [header]: held }, body({ name: 'lost' })),
          await ask('DELETE', id, { [header]: held }),
        ];
        for (const answer of answers) problem(answer, problems.header(header));
      }
      assert.equal((await api.found(id)).name, 'kept');
    });
  }

  it('W73 are not looked at where there is no application to judge', async () => {
    for (const headers of [{ 'if-match': OTHER }, { 'if-none-match': '*' }, { 'if-match': 'broken' }]) {
      assert.equal((await api.send({ headers })).status, 200);
      assert.equal((await api.send({ method: 'POST', headers, json: body() })).status, 201);
      assert.equal((await api.send({ method: 'OPTIONS', headers })).status, 204);
    }
  });
});
