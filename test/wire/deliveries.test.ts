/** Deliveries: one by one, as a list in pages, and repeated. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type Answer, at, createClient } from './client.ts';
import { problem, problems, refused } from './problem.ts';
import { CALLS_LOOPBACK, openReceiver } from './receiver.ts';
import { body } from './sample.ts';
import { startConfigured } from './target.ts';

const target = await startConfigured({ ...CALLS_LOOPBACK, JACKFIELD_DELIVERY_BODIES: 'private' });
const receiver = await openReceiver(({ url }) => ({ status: url === '/refused' ? 400 : 200 }));
after(async () => {
  await target.close();
  await receiver[Symbol.asyncDispose]();
});
const [api, stranger, anybody] = [
  createClient(target.url, target.accounts[0]),
  createClient(target.url, target.accounts[1]),
  createClient(target.url),
];

const LIST = '/jackfield/v1/deliveries';
const nobody = '019a1f3e-7c52-7b84-9d36-4f0b8a2c6e51';
const WEBHOOK = 'messages.inbound_url';

const capabilitiesTo = (path: string) => ({
  messages: {
    webhooks: { inbound_url: { address: receiver.url + path }, status_url: { address: receiver.url } },
  },
});

async function givenTo(path = '/', improve_ai = true): Promise<string> {
  return (await api.given(body({ capabilities: capabilitiesTo(path), privacy: { improve_ai } }))).id;
}

/** Sends an event, waits until it has ended, and gives the delivery. */
async function delivered(application: string, webhook = WEBHOOK): Promise<Record<string, unknown>> {
  const path = `/jackfield/v1/applications/${application}/events?wait=true`;
  const answer = await api.send({ method: 'POST', path, json: { webhook, payload: { n: 1 } } });
  assert.equal(answer.status, 200, answer.text);
  return answer.json as Record<string, unknown>;
}

const idsOf = (answer: Answer) => {
  assert.equal(answer.status, 200, answer.text);
  return (answer.json as { deliveries: { id: string }[] }).deliveries.map(({ id }) => id);
};
const list = (query = '') => api.send({ path: LIST + query });
const replay = (id: unknown, json?: unknown) =>
  api.send({ method: 'POST', path: `${LIST}/${id}/replay`, ...(json === undefined ? {} : { json }) });

function assertConflict(answer: Answer, detail: RegExp): void {
  const type = 'https://developer.vonage.com/api-errors#conflict';
  problem(answer, { status: 409, type, title: 'Conflict', detail });
}

describe('GET /jackfield/v1/deliveries/{id}', () => {
  it('answers the delivery to its account alone', async () => {
    const delivery = await delivered(await givenTo());
    const path = `${LIST}/${delivery['id']}`;
    assert.deepEqual((await api.send({ path })).json, delivery);
    const head = await api.send({ method: 'HEAD', path });
    assert.deepEqual([head.status, head.text], [200, '']);
    problem(await stranger.send({ path }), problems.application(String(delivery['id'])));
    problem(await api.send({ path: `${LIST}/${nobody}` }), problems.application(nobody));
    problem(await api.send({ path: `${LIST}/no%20uuid` }), problems.application('no uuid'));
    problem(await anybody.send({ path }), problems.unauthorized);
  });

  it('D34 tells size and hash of a payload that was dropped', async () => {
    const delivery = await delivered(await givenTo('/', false));
    assert.equal(delivery['payload'], undefined);
    assert.equal(delivery['payload_bytes'], 7);
    assert.match(String(delivery['payload_sha256']), /^[0-9a-f]{64}$/);
    assertConflict(await replay(delivery['id']), /dropped/);
  });

  it('W52 has the methods that it tells', async () => {
    for (const path of [LIST, `${LIST}/x`, `${LIST}/stream`]) {
      const answer = await api.send({ method: 'DELETE', path });
      problem(answer, problems.verb('DELETE'));
      assert.equal(answer.headers['allow'], 'GET, HEAD, OPTIONS');
      assert.equal((await anybody.send({ method: 'OPTIONS', path })).headers['allow'], 'GET, HEAD, OPTIONS');
    }
    for (const path of [`${LIST}/replay`, `${LIST}/x/replay`]) {
      const answer = await api.send({ path });
      problem(answer, problems.verb('GET'));
      assert.equal(answer.headers['allow'], 'POST, OPTIONS');
    }
  });
});

describe('GET /jackfield/v1/deliveries', () => {
  it('lists newest first, page by page, and has no cursor behind the last', async () => {
    const application = await givenTo();
    const made: string[] = [];
    for (let n = 0; n < 5; n += 1) made.unshift(String((await delivered(application))['id']));
    const query = `?application_id=${application}`;
    assert.deepEqual(idsOf(await list(query)), made);
    const seen: string[] = [];
    let next = '';
    do {
      const answer = await list(`${query}&limit=2${next}`);
      seen.push(...idsOf(answer));
      const cursor = at(answer.json, 'next_cursor');
      assert.deepEqual(Object.keys(answer.json as object).length, cursor === undefined ? 1 : 2);
      next = cursor === undefined ? '' : `&cursor=${cursor}`;
    } while (next !== '');
    assert.deepEqual(seen, made);
    assert.equal(at((await list(`${query}&limit=5`)).json, 'next_cursor'), undefined);
    const [row = {}] = at((await list(query)).json, 'deliveries') as object[];
    assert.deepEqual(Object.keys(row), ['id', 'application_id', 'webhook', 'status', 'created_at']);
  });

  it('keeps to application, webhook and status, and to the account', async () => {
    const [one, other] = [await givenTo(), await givenTo('/refused')];
    const good = String((await delivered(one))['id']);
    const told = String((await delivered(one, 'messages.status_url'))['id']);
    const bad = String((await delivered(other))['id']);
    assert.deepEqual(idsOf(await list(`?application_id=${one}`)), [told, good]);
    assert.deepEqual(idsOf(await list(`?application_id=${one}&webhook=${WEBHOOK}`)), [good]);
    assert.deepEqual(idsOf(await list(`?application_id=${other}&status=failed`)), [bad]);
    assert.deepEqual(idsOf(await list(`?application_id=${other}&status=delivered`)), []);
    assert.deepEqual(idsOf(await list('?status=failed&limit=1')), [bad]);
    assert.deepEqual(idsOf(await stranger.send({ path: LIST })), []);
    problem(await anybody.send({ path: LIST }), problems.unauthorized);
  });

  it('W41 refuses a query that breaks rules, with all faults', async () => {
    const limit = ['limit', 'must be between 1 and 100'] as const;
    for (const value of ['0', '101', '-1', '1.5', 'x', ''])
      problem(await list(`?limit=${value}`), problems.list(limit));
    for (const value of ['x', nobody, ''])
      problem(await list(`?cursor=${value}`), problems.list(['cursor', 'must be the next_cursor of a page']));
    problem(await list('?limit=1&limit=2'), problems.list(['limit', 'must be given once']));
    const status = ['status', /^must be one of: queued, /] as const;
    problem(await list('?status=x&limit=0'), problems.list(status, limit));
    assert.equal((await list('?more=1')).status, 200);
  });
});

describe('POST /jackfield/v1/deliveries/{id}/replay', () => {
  it('sends the event again as another delivery, to the address as it is now', async () => {
    const application = await givenTo('/before');
    const { id } = await delivered(application);
    await api.update(application, body({ capabilities: capabilitiesTo('/after') }));
    const answer = await replay(id, {});
    assert.equal(answer.status, 202, answer.text);
    const { id: again, ...rest } = answer.json as Record<string, unknown>;
    assert.deepEqual(rest, { status: 'queued', replay_of: id });
    assert.notEqual(again, id);
    assert.equal(answer.headers['location'], `${LIST}/${again}`);
    const { events } = await followUntil(`${again}`, 'delivered');
    assert.ok(events > 0);
    const call = receiver.calls.find(({ headers }) => headers['x-jackfield-delivery'] === again);
    assert.equal(call?.url, '/after');
    assert.equal(call?.headers['x-jackfield-replay-of'], id);
    assert.equal(at((await api.send({ path: `${LIST}/${again}` })).json, 'replay_of'), id);
  });

  it('is refused where there is nothing to send, or nobody to send it to', async () => {
    const application = await givenTo();
    const { id } = await delivered(application);
    problem(await replay(nobody), problems.application(nobody));
    problem(
      await stranger.send({ method: 'POST', path: `${LIST}/${id}/replay` }),
      problems.application(`${id}`),
    );
    refused(await replay(id, { more: 1 }), ['more', 'is not a known property']);
    await api.update(application, body());
    assertConflict(await replay(id), /has not set messages\.inbound_url/);
    await api.remove(application);
    assertConflict(await replay(id), /gone/);
  });
});

/** Looks at a delivery until it stands like this. */
async function followUntil(id: string, status: string): Promise<{ events: number }> {
  const { until } = await import('../condition.ts');
  let events = 0;
  await until(`${id} is ${status}`, async () => {
    events += 1;
    return at((await api.send({ path: `${LIST}/${id}` })).json, 'status') === status;
  });
  return { events };
}

describe('POST /jackfield/v1/deliveries/replay', () => {
  const many = (json: unknown) => api.send({ method: 'POST', path: `${LIST}/replay`, json });
  const span = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00+02:00' };

  it('sends the ended ones of a stretch of time again, and counts them', async () => {
    const application = await givenTo('/refused');
    for (let n = 0; n < 3; n += 1) await delivered(application);
    const those = { application_id: application, webhook: WEBHOOK, status: 'failed' };
    const answer = await many({ ...those, ...span });
    assert.deepEqual([answer.status, answer.json], [202, { queued: 3 }]);
    assert.equal(idsOf(await list(`?application_id=${application}`)).length, 6);
    const none = await many({ ...those, from: span.from, to: '2020-01-02T00:00:00Z' });
    assert.deepEqual(none.json, { queued: 0 });
    assert.deepEqual((await many({ ...those, ...span, status: 'delivered' })).json, { queued: 0 });
  });

  it('W40 refuses a body that breaks rules', async () => {
    const application = await givenTo();
    const those = { application_id: application, webhook: WEBHOOK, status: 'failed', ...span };
    refused(await many([]), ['body', 'must be an object']);
    const names = ['application_id', 'webhook', 'status', 'from', 'to'] as const;
    refused(await many({}), ...names.map((name) => [name, 'is required'] as const));
    refused(await many({ ...those, from: 5 }), ['from', 'must be a string']);
    refused(await many({ ...those, from: 'yesterday' }), ['from', /^must be a time/]);
    refused(await many({ ...those, status: 'queued' }), ['status', /^must be one of: delivered, /]);
    refused(await many({ ...those, webhook: 'x' }), ['webhook', /^must be one of: /]);
    problem(await many({ ...those, application_id: nobody }), problems.application(nobody));
  });
});
