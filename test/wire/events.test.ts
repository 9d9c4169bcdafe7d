/** Sending events: what is taken, what is refused, and what a caller who waits is told. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type Answer, type Application, at, createClient } from './client.ts';
import { type Problem, problem, problems, refused } from './problem.ts';
import { CALLS_LOOPBACK, NCCO, openReceiver, type Reply } from './receiver.ts';
import { body } from './sample.ts';
import { startConfigured } from './target.ts';

const target = await startConfigured(CALLS_LOOPBACK);
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const stranger = createClient(target.url, target.accounts[1]);
const anybody = createClient(target.url);

const pathOf = (id: string, query = '') => `/jackfield/v1/applications/${id}/events${query}`;
const send = (id: string, json: unknown, query = ''): Promise<Answer> =>
  api.send({ method: 'POST', path: pathOf(id, query), json });

/** An application that has set some webhooks, each by its dotted name. */
function givenWith(addresses: Readonly<Record<string, string>>): Promise<Application> {
  const capabilities: Record<string, { webhooks: Record<string, unknown> }> = {};
  for (const [name, address] of Object.entries(addresses)) {
    const [capability = '', webhook = ''] = name.split('.');
    capabilities[capability] ??= { webhooks: {} };
    capabilities[capability].webhooks[webhook] = { address, http_method: 'POST' };
  }
  return api.given(body({ capabilities }));
}

const NAMES = [
  ...['voice.answer_url', 'voice.event_url', 'messages.inbound_url', 'messages.status_url', 'rtc.event_url'],
  ...['meetings.room_changed', 'meetings.session_changed', 'meetings.recording_changed', 'verify.status_url'],
];

function conflict(detail: RegExp): Problem {
  const type = 'https://developer.vonage.com/api-errors#conflict';
  return { status: 409, type, title: 'Conflict', detail };
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('POST /jackfield/v1/applications/{id}/events', () => {
  it('takes an event and delivers it as it was sent', async () => {
    await using receiver = await openReceiver();
    const { id } = await givenWith({ 'messages.inbound_url': `${receiver.url}/in` });
    const payload = { text: 'Grüße 🎈', '2': [null, 1.5], '1': { deep: true } };
    const answer = await send(id, { webhook: 'messages.inbound_url', payload });
    assert.equal(answer.status, 202, answer.text);
    const accepted = answer.json as Record<string, string>;
    assert.deepEqual(Object.keys(accepted), ['id', 'status']);
    assert.equal(accepted['status'], 'queued');
    assert.equal(answer.headers['location'], `/jackfield/v1/deliveries/${accepted['id']}`);
    assert.equal(answer.headers['cache-control'], 'no-store');
    const found = await api.send({ path: answer.headers['location'] ?? '' });
    assert.equal(found.status, 200, found.text);
    assert.deepEqual(at(found.json, 'payload'), payload);
  });

  it('answers a caller who waits with the delivery as it has ended', async () => {
    await using receiver = await openReceiver(() => ({ status: 200, body: 'thanks' }));
    const { id } = await givenWith({ 'messages.inbound_url': `${receiver.url}/in` });
    const answer = await send(id, { webhook: 'messages.inbound_url', payload: { a: 1 } }, '?wait=true');
    assert.equal(answer.status, 200, answer.text);
    const delivery = answer.json as Record<string, unknown>;
    assert.equal(delivery['status'], 'delivered');
    assert.equal(delivery['application_id'], id);
    assert.equal(delivery['webhook'], 'messages.inbound_url');
    assert.deepEqual(delivery['payload'], { a: 1 });
    assert.match(String(delivery['created_at']), ISO);
    assert.equal(receiver.calls.length, 1);
    assert.equal(receiver.calls[0]?.body, '{"a":1}');
    assert.equal(receiver.calls[0]?.headers['x-jackfield-delivery'], delivery['id']);
    const [attempt] = delivery['attempts'] as Record<string, unknown>[];
    assert.partialDeepStrictEqual(attempt, {
      url: `${receiver.url}/in`,
      method: 'POST',
      status_code: 200,
      outcome: 'delivered',
      response_excerpt: 'thanks',
    });
    assert.match(String(attempt?.['started_at']), ISO);
    assert.equal(at(attempt, 'request_headers.authorization'), undefined);
    assert.doesNotMatch(answer.text, /Bearer/);
  });

  it('answers a caller who waits for what fails at once', async () => {
    await using receiver = await openReceiver(() => ({ status: 404 }));
    const { id } = await givenWith({ 'messages.status_url': receiver.url });
    const answer = await send(id, { webhook: 'messages.status_url', payload: {} }, '?wait=true');
    assert.equal(answer.status, 200, answer.text);
    assert.equal(at(answer.json, 'status'), 'failed');
    assert.equal(at(answer.json, 'attempts.0.outcome'), 'http_error');
  });

  it('D20 asks voice.answer_url and answers its NCCO', async () => {
    await using receiver = await openReceiver(() => NCCO);
    const { id } = await givenWith({ 'voice.answer_url': `${receiver.url}/answer` });
    const answer = await send(id, { webhook: 'voice.answer_url', payload: { to: '447700900001' } });
    assert.equal(answer.status, 200, answer.text);
    const answered = answer.json as Record<string, unknown>;
    assert.deepEqual(Object.keys(answered), ['id', 'status', 'ncco', 'attempts']);
    assert.equal(answered['status'], 'delivered');
    assert.deepEqual(answered['ncco'], [{ action: 'talk', text: 'Hello' }]);
    assert.equal((answered['attempts'] as unknown[]).length, 1);
    const found = await api.send({ path: `/jackfield/v1/deliveries/${answered['id']}` });
    assert.deepEqual(at(found.json, 'ncco'), answered['ncco']);
    assert.deepEqual(at(found.json, 'attempts'), answered['attempts']);
  });

  it('D22 says that nobody answered, with the attempts', async () => {
    const replies: Record<string, Reply> = { '/answer': { status: 503 }, '/fallback': { body: 'no NCCO' } };
    await using receiver = await openReceiver(({ url }) => replies[url] ?? {});
    const { id } = await givenWith({
      'voice.answer_url': `${receiver.url}/answer`,
      'voice.fallback_answer_url': `${receiver.url}/fallback`,
    });
    const answer = await send(id, { webhook: 'voice.answer_url', payload: {} });
    assert.equal(answer.status, 502, answer.text);
    const { id: delivery, attempts, ...rest } = answer.json as Record<string, unknown>;
    assert.deepEqual(rest, {
      type: 'https://developer.vonage.com/api-errors#delivery-failed',
      title: 'Bad Gateway',
      detail: 'No attempt was answered with an NCCO',
      instance: answer.headers['x-request-id'],
    });
    const outcomes = (attempts as { outcome: string }[]).map(({ outcome }) => outcome);
    assert.deepEqual(outcomes, ['http_error', 'http_error', 'bad_ncco']);
    const found = await api.send({ path: `/jackfield/v1/deliveries/${delivery}` });
    assert.equal(at(found.json, 'status'), 'failed');
  });

  it('W24 answers a caller who waits when the server ends', async () => {
    const called = Promise.withResolvers<void>();
    const hangs = new Promise<Reply>(() => undefined);
    await using receiver = await openReceiver(() => {
      called.resolve();
      return hangs;
    });
    const server = await startConfigured({ ...CALLS_LOOPBACK, JACKFIELD_SHUTDOWN_GRACE_MS: '1000' });
    const client = createClient(server.url, server.accounts[0]);
    const webhooks = { inbound_url: { address: receiver.url } };
    const { id } = await client.given(body({ capabilities: { messages: { webhooks } } }));
    const json = { webhook: 'messages.inbound_url', payload: {} };
    const waiting = client.send({ method: 'POST', path: pathOf(id, '?wait=true'), json });
    await called.promise;
    const closed = server.close();
    const answer = await waiting;
    assert.equal(answer.status, 202, answer.text);
    assert.equal(at(answer.json, 'status'), 'delivering');
    assert.equal(answer.headers['connection'], 'close');
    await closed;
  });

  it('names the webhooks there are where one is unknown', async () => {
    const { id } = await givenWith({});
    for (const webhook of ['voice.hangup_url', 'voice.fallback_answer_url', '', 'toString']) {
      const answer = await send(id, { webhook, payload: {} });
      refused(answer, ['webhook', `must be one of: ${NAMES.join(', ')}`]);
    }
  });

  it('names the webhooks that are set where one is not', async () => {
    const { id } = await givenWith({
      'messages.inbound_url': 'https://example.com',
      'verify.status_url': 'https://example.com',
    });
    const answer = await send(id, { webhook: 'rtc.event_url', payload: {} });
    problem(answer, conflict(/rtc\.event_url\b.*: messages\.inbound_url, verify\.status_url$/));
    const bare = await givenWith({});
    problem(await send(bare.id, { webhook: 'voice.answer_url', payload: {} }), conflict(/none$/));
  });

  it('D11 asks nobody where nothing can be signed', async () => {
    await using receiver = await openReceiver(() => NCCO);
    const server = await startConfigured(CALLS_LOOPBACK);
    const client = createClient(server.url, server.accounts[0]);
    const webhooks = { answer_url: { address: receiver.url } };
    const { id } = await client.given(body({ capabilities: { voice: { webhooks } } }));
    await server.execute("delete from secrets where kind = 'signature'");
    const json = { webhook: 'voice.answer_url', payload: {} };
    const answer = await client.send({ method: 'POST', path: pathOf(id), json });
    problem(answer, conflict(/has no signature secret$/));
    assert.deepEqual(receiver.calls, []);
    await server.close();
  });

  it('W40 tells all faults of a body at once', async () => {
    const { id } = await givenWith({ 'messages.inbound_url': 'https://example.com' });
    const webhook = 'messages.inbound_url';
    for (const payload of [null, [], 'x', 5, true]) {
      refused(await send(id, { webhook, payload }), ['payload', 'must be an object']);
    }
    refused(await send(id, {}), ['webhook', 'is required'], ['payload', 'is required']);
    refused(
      await send(id, { webhook: 5, payload: {}, more: 1 }),
      ['webhook', 'must be a string'],
      ['more', 'is not a known property'],
    );
    refused(await send(id, []), ['body', 'must be an object']);
    refused(await send(id, { webhook, payload: { a: 'x\u0000' } }), ['payload.a', 'must not contain NUL']);
    problem(await api.send({ method: 'POST', path: pathOf(id), body: '{' }), problems.json);
    problem(
      await api.send({ method: 'POST', path: pathOf(id), body: ' '.repeat(262_145) }),
      problems.tooLarge,
    );
    const type = { 'content-type': 'text/xml' };
    problem(
      await api.send({ method: 'POST', path: pathOf(id), body: '<a/>', headers: type }),
      problems.contentType,
    );
    problem(
      await send(id, { webhook, payload: {} }, '?wait=yes'),
      problems.list(['wait', 'must be one of: true, false']),
    );
    problem(
      await send(id, { webhook, payload: {} }, '?wait=true&wait=true'),
      problems.list(['wait', 'must be given once']),
    );
  });

  it('W50 asks for credentials, and finds nothing of another account', async () => {
    const { id } = await givenWith({ 'messages.inbound_url': 'https://example.com' });
    const event = { webhook: 'messages.inbound_url', payload: {} };
    const by = (client: typeof api) => client.send({ method: 'POST', path: pathOf(id), json: event });
    problem(await by(anybody), problems.unauthorized);
    problem(await by(stranger), problems.application(id));
    problem(await send('nobody', event), problems.application('nobody'));
    const answer = await api.send({ path: pathOf(id) });
    problem(answer, problems.verb('GET'));
    assert.equal(answer.headers['allow'], 'POST, OPTIONS');
  });
});
