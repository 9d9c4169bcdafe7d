/** Updating an application: what PUT replaces, what it keeps, what it ignores; and deleting. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { application, BASE, createClient, page } from './client.ts';
import { problem, problems, refused } from './problem.ts';
import { body, everything, OTHER_KEY, OWN_KEY, sameKey } from './sample.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);

describe('PUT', () => {
  it('W02 answers 200 and the application as it is now, and so does GET from then on', async () => {
    const { id } = await api.given(body({ name: 'before' }));
    const updated = application(await api.update(id, { name: ' after ' }));
    assert.equal(updated.id, id);
    assert.equal(updated.name, 'after');
    assert.deepEqual(await api.found(id), updated);
    const listed = page(await api.list('?page_size=100'))._embedded.applications;
    assert.equal(listed.find((item) => item.id === id)?.name, 'after');
  });

  for (const capabilities of [undefined, null, {}]) {
    it(`W06 takes all capabilities away with ${JSON.stringify(capabilities)}`, async () => {
      const { id } = await api.given(everything());
      const updated = application(await api.update(id, { name: 'bare', capabilities }));
      assert.deepEqual(updated.capabilities, {});
      assert.deepEqual((await api.found(id)).capabilities, {});
    });
  }

  it('W06 replaces capabilities whole: one that is not sent is gone, and so is a webhook or a member', async () => {
    const { id } = await api.given(everything());
    const updated = application(await api.update(id, body({ capabilities: { voice: {}, vbc: {} } })));
    assert.deepEqual(updated.capabilities, {
      voice: {
        webhooks: {},
        signed_callbacks: true,
        conversation_ttl: 48,
        conversations_ttl: 48,
        leg_persistence_time: 7,
      },
      vbc: {},
    });
  });

  for (const keys of [undefined, null, {}]) {
    for (const privacy of [undefined, null, {}, { improve_ai: null }]) {
      const sent = JSON.stringify({ keys, privacy });
      it(`W06 keeps key and flag with ${sent}`, async () => {
        const { id } = await api.given(body({ privacy: { improve_ai: false } }));
        const updated = application(await api.update(id, { name: 'n', keys, privacy }));
        assert.ok(sameKey(updated.keys.public_key, OWN_KEY));
        assert.deepEqual(updated.privacy, { improve_ai: false });
      });
    }
  }

  it('W06 sets the flag that it is sent', async () => {
    const { id } = await api.given(body());
    for (const improve_ai of [false, true, false]) {
      assert.deepEqual(application(await api.update(id, { name: 'n', privacy: { improve_ai } })).privacy, {
        improve_ai,
      });
      assert.deepEqual((await api.found(id)).privacy, { improve_ai });
    }
  });

  it('W06 is held to every rule of POST, and changes nothing when it is refused', async () => {
    const { id } = await api.given(everything());
    const before = await api.found(id);
    refused(await api.update(id, body({ name: 'changed', capabilities: { voice: { region: 'mars' } } })), [
      'capabilities.voice.region',
      /^must be one of: /,
    ]);
    refused(await api.update(id, { keys: { public_key: OTHER_KEY } }), ['name', 'is required']);
    refused(await api.update(id, body({ privacy: { improve_ai: 'no' } })), [
      'privacy.improve_ai',
      'must be a boolean',
    ]);
    assert.deepEqual(await api.found(id), before);
  });

  it('W06 twice changes nothing the second time', async () => {
    const { id } = await api.given(body());
    const first = application(await api.update(id, everything()));
    assert.deepEqual(application(await api.update(id, everything())), first);
  });

  it('W02 of many at once leaves one of them, whole', async () => {
    const { id } = await api.given(body());
    const bodies = Array.from({ length: 10 }, (_, index) =>
      body({ name: `n${index}`, capabilities: { bulk: { n: index } } }),
    );
    const answers = await Promise.all(bodies.map((json) => api.update(id, json)));
    for (const answer of answers) assert.equal(answer.status, 200, answer.text);
    const { name, capabilities } = await api.found(id);
    assert.deepEqual(capabilities, { bulk: { n: Number(name.slice(1)) } });
  });
});

describe('members that only the server writes', () => {
  const values = ['x', 5, true, null, [], {}, { self: { href: 'https://evil.example/' } }, [null], ''];
  for (const value of values) {
    it(`W07 are ignored when they are ${JSON.stringify(value)}`, async () => {
      const keys = { public_key: OWN_KEY, private_key: value };
      const sent = { name: 'n', id: value, _links: value, keys };
      const created = await api.given(sent);
      assert.match(created.id, /^[0-9a-f-]{36}$/);
      assert.deepEqual(Object.keys(created.keys), ['public_key']);
      assert.deepEqual(created._links, { self: { href: `${BASE}/${created.id}` } });
      const updated = application(await api.update(created.id, sent));
      assert.deepEqual(updated, created);
    });
  }

  it('W07 never move an application: the id of the path counts', async () => {
    const [one, other] = [await api.given(body({ name: 'one' })), await api.given(body({ name: 'other' }))];
    const updated = application(await api.update(one.id, body({ id: other.id, name: 'changed' })));
    assert.equal(updated.id, one.id);
    assert.equal((await api.found(other.id)).name, 'other');
  });
});

describe('DELETE', () => {
  it('W02 answers 204 with nothing, and the application is gone', async () => {
    const { id } = await api.given(body());
    const before = await api.total();
    const answer = await api.remove(id);
    assert.equal(answer.status, 204);
    assert.equal(answer.text, '');
    assert.equal(answer.headers['content-type'], undefined);
    assert.equal(answer.headers['content-length'], undefined);
    problem(await api.read(id), problems.application(id));
    problem(await api.update(id, body()), problems.application(id));
    problem(await api.remove(id), problems.application(id));
    assert.equal(await api.total(), before - 1);
  });

  it('W02 at the same time from ten clients succeeds for one', async () => {
    const { id } = await api.given(body());
    const answers = await Promise.all(Array.from({ length: 10 }, () => api.remove(id)));
    const statuses = answers.map(({ status }) => status).toSorted();
    assert.deepEqual(statuses, [204, ...Array(9).fill(404)]);
  });

  const types = ['application/json', 'application/x-www-form-urlencoded', 'text/plain', 'rubbish', undefined];
  for (const type of types) {
    for (const sent of [undefined, '', '{"name":', '[]', 'x'.repeat(300_000)]) {
      it(`W54 ignores Content-Type ${type} and a body of ${sent?.length ?? 'no'} bytes`, async () => {
        const { id } = await api.given(body());
        const answer = await api.send({
          method: 'DELETE',
          path: `${BASE}/${id}`,
          headers: { 'content-type': type },
          ...(sent === undefined ? {} : { body: sent }),
        });
        assert.equal(answer.status, 204, answer.text);
        assert.equal((await api.read(id)).status, 404);
      });
    }
  }
});
