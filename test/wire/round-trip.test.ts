/** What the API answered, it takes back: 200, and nothing changes. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { applicationBody } from './arbitrary.ts';
import { type Application, application, at, BASE, createClient, page } from './client.ts';
import { problem, problems } from './problem.ts';
import { everything, OWN_KEY, WEBHOOKS } from './sample.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);

const CAPABILITY_MEMBERS: Record<string, readonly string[]> = {
  voice: [
    'webhooks',
    'signed_callbacks',
    'conversation_ttl',
    'conversations_ttl',
    'leg_persistence_time',
    'region',
    'payment_enabled',
    'payments',
  ],
  messages: ['webhooks', 'version', 'authenticate_inbound_media'],
  rtc: ['webhooks', 'signed_callbacks', 'leg_persistence_time'],
  meetings: ['webhooks'],
  verify: ['webhooks', 'version'],
  vbc: [],
};
const WEBHOOK_MEMBERS = ['address', 'http_method', 'connection_timeout', 'connect_timeout', 'socket_timeout'];
const FREE = ['video', 'network_apis', 'bulk'];

function assertOnly(value: unknown, known: readonly string[], where: string): void {
  if (value === undefined) return;
  const unknown = Object.keys(value as object).filter((name) => !known.includes(name));
  assert.deepEqual(unknown, [], where);
}

/** Asserts that an answer holds no member but those that the contract and its rows name. */
function assertKnown(found: Application): void {
  assertOnly(found, ['id', 'name', 'keys', 'privacy', 'capabilities', '_links'], 'application');
  assertOnly(found.keys, ['private_key', 'public_key'], 'keys');
  assertOnly(found.privacy, ['improve_ai'], 'privacy');
  assertOnly(found.capabilities, [...Object.keys(CAPABILITY_MEMBERS), ...FREE], 'capabilities');
  for (const [name, members] of Object.entries(CAPABILITY_MEMBERS)) {
    const capability = found.capabilities[name];
    if (capability === undefined) continue;
    assertOnly(capability, members, name);
    const rules = WEBHOOKS.filter((rule) => rule.capability === name);
    if (name !== 'vbc') {
      const webhooks = at(capability, 'webhooks');
      assert.equal(typeof webhooks, 'object', `${name}.webhooks is always there (W19)`);
      assertOnly(
        webhooks,
        rules.map(({ webhook }) => webhook),
        `${name}.webhooks`,
      );
    }
    for (const { webhook, timeouts } of rules) {
      const known = timeouts === undefined ? WEBHOOK_MEMBERS.slice(0, 2) : WEBHOOK_MEMBERS;
      const value = at(capability, `webhooks.${webhook}`);
      assertOnly(value, known, webhook);
      if (value !== undefined)
        assert.deepEqual(Object.keys(value as object).toSorted(), known.toSorted(), webhook);
    }
  }
}

async function assertTakenBack(answered: Application): Promise<void> {
  const { keys, ...rest } = answered;
  const expected = { ...rest, keys: { public_key: keys.public_key } };
  const before = await api.read(answered.id);
  assert.deepEqual(before.json, expected);
  const updated = await api.update(answered.id, answered);
  assert.deepEqual(application(updated), expected);
  const echoed = await api.send({ method: 'PUT', path: `${BASE}/${answered.id}`, body: before.text });
  assert.equal(echoed.text, before.text, 'GET’s own text changes nothing, to the byte');
  assert.equal((await api.read(answered.id)).text, before.text);
}

describe('the answer of POST and GET', () => {
  it('W23 is taken back by PUT, and nothing changes (over bodies drawn by lot)', async () => {
    await fc.assert(
      fc.asyncProperty(applicationBody, async (drawn) => {
        const created = await api.given(drawn);
        assertKnown(created);
        await assertTakenBack(created);
        assert.equal((await api.remove(created.id)).status, 204);
      }),
      { numRuns: 250 },
    );
  });

  it('W23 says the same when the same body comes again, in a POST or a PUT', async () => {
    await fc.assert(
      fc.asyncProperty(applicationBody, applicationBody, async (one, other) => {
        const [first, second] = [await api.given(one), await api.given(other)];
        const updated = application(await api.update(first.id, { privacy: { improve_ai: true }, ...other }));
        const { capabilities, keys, name } = second;
        assert.deepEqual([updated.capabilities, updated.keys, updated.name], [capabilities, keys, name]);
        for (const { id } of [first, second]) assert.equal((await api.remove(id)).status, 204);
      }),
      { numRuns: 60 },
    );
  });

  it('W23 is taken back with every member there is, and with a private key in it', async () => {
    const whole = await api.given(everything());
    assertKnown(whole);
    await assertTakenBack(whole);
    const generated = await api.given({ name: 'pair' });
    assertKnown(generated);
    await assertTakenBack(generated);
  });

  it('W23 is taken back as an item of a list', async () => {
    await api.given(everything());
    for (const item of page(await api.list('?page_size=100'))._embedded.applications) {
      const updated = application(await api.update(item.id, item));
      const { _links, ...rest } = updated;
      assert.deepEqual(rest, item);
    }
  });

  it('W23 is taken back when a stranger’s client has put nulls where members were absent', async () => {
    const created = await api.given({
      name: 'n',
      keys: { public_key: OWN_KEY },
      capabilities: { voice: {} },
    });
    const voice = { ...(created.capabilities['voice'] as object), region: null, payments: null };
    const sent = { ...created, capabilities: { voice, messages: null, video: null } };
    assert.deepEqual(application(await api.update(created.id, sent)), created);
  });

  it('W23 is too long for PUT only where defaults have made it so', async () => {
    const sent = { name: 'n', keys: { public_key: OWN_KEY }, capabilities: { voice: {}, video: { a: '' } } };
    const room = 262_144 - JSON.stringify(sent).length;
    sent.capabilities.video.a = 'x'.repeat(room);
    const created = await api.given(sent);
    const { text } = await api.read(created.id);
    assert.ok(text.length > 262_144);
    problem(await api.send({ method: 'PUT', path: `${BASE}/${created.id}`, body: text }), problems.tooLarge);
    assert.equal((await api.update(created.id, sent)).status, 200);
    assert.equal((await api.read(created.id)).text, text);
  });
});
