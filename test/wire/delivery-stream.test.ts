/** The stream of changes of deliveries: what it tells, from where, and when it ends. */

import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { after, describe, it } from 'node:test';
import type { Jackfield } from '../jackfield.ts';
import { type Application, basic, createClient } from './client.ts';
import { problem, problems } from './problem.ts';
import { CALLS_LOOPBACK, openReceiver } from './receiver.ts';
import { body } from './sample.ts';
import { startConfigured } from './target.ts';

const target = await startConfigured(CALLS_LOOPBACK);
const receiver = await openReceiver();
after(async () => {
  await target.close();
  await receiver[Symbol.asyncDispose]();
});
const api = createClient(target.url, target.accounts[0]);
const STREAM = '/jackfield/v1/deliveries/stream';

/** An event of a stream. */
interface Told {
  readonly id: number;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

function parseEvent(block: string): Told | undefined {
  const fields = block.split('\n').map((line): [string, string] => {
    const colon = line.indexOf(': ');
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
  const textOf = (name: string) =>
    fields.flatMap(([field, value]) => (field === name ? [value] : [])).join('\n');
  const data = textOf('data');
  return data === ''
    ? undefined
    : { id: Number(textOf('id')), event: textOf('event'), data: JSON.parse(data) };
}

/** An open stream: its head, its events one by one, and its end. */
async function openStream(
  { query = '', headers = {} }: { query?: string; headers?: Record<string, string> } = {},
  server: Pick<Jackfield, 'url' | 'accounts'> = target,
) {
  const authorization = basic(server.accounts[0]);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { headers: { authorization, accept: 'text/event-stream', ...headers } };
    get(`${server.url}${STREAM}${query}`, options, resolve).on('error', reject);
  });
  answer.setEncoding('utf8');
  async function* read(): AsyncGenerator<Told> {
    let text = '';
    for await (const chunk of answer) {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const told = parseEvent(text.slice(0, end));
        text = text.slice(end + 2);
        if (told !== undefined) yield told;
      }
    }
  }
  const events = read();
  return {
    answer,
    events,
    /** The next `count` events. */
    take: async (count: number): Promise<Told[]> => {
      const taken: Told[] = [];
      while (taken.length < count) {
        const { value, done } = await events.next();
        assert.ok(!done, 'the stream has ended');
        taken.push(value);
      }
      return taken;
    },
    [Symbol.asyncDispose]: async () => void answer.destroy(),
  };
}

function given(client = api): Promise<Application> {
  const inbound_url = { address: receiver.url };
  return client.given(body({ capabilities: { messages: { webhooks: { inbound_url } } } }));
}

async function send(application: string, client = api): Promise<string> {
  const path = `/jackfield/v1/applications/${application}/events`;
  const json = { webhook: 'messages.inbound_url', payload: {} };
  const answer = await client.send({ method: 'POST', path, json });
  assert.equal(answer.status, 202, answer.text);
  return (answer.json as { id: string }).id;
}

const statusesOf = (told: readonly Told[]) => told.map(({ data }) => data['status']);

describe('GET /jackfield/v1/deliveries/stream', () => {
  it('tells each change of a delivery, with ids that rise', async () => {
    await using stream = await openStream();
    assert.equal(stream.answer.statusCode, 200);
    assert.equal(stream.answer.headers['content-type'], 'text/event-stream');
    assert.equal(stream.answer.headers['cache-control'], 'no-store');
    const { id: application } = await given();
    const id = await send(application);
    const told: Told[] = [];
    do told.push(...(await stream.take(1)));
    while (told.at(-1)?.data['status'] !== 'delivered');
    assert.equal(told[0]?.data['status'], 'queued');
    assert.ok(told.every(({ event, data }) => event === 'delivery' && data['id'] === id));
    assert.ok(told.every((one, index) => index === 0 || one.id > (told[index - 1]?.id ?? 0)));
    const [{ data } = { data: {} }] = told;
    assert.deepEqual(Object.keys(data), ['id', 'application_id', 'webhook', 'status', 'created_at']);
  });

  it('begins behind the event that a client has seen last', async () => {
    await using stream = await openStream();
    const { id: application } = await given();
    await send(application);
    const first: Told[] = [];
    do first.push(...(await stream.take(1)));
    while (first.at(-1)?.data['status'] !== 'delivered');
    await send(application);
    const second: Told[] = [];
    do second.push(...(await stream.take(1)));
    while (second.at(-1)?.data['status'] !== 'delivered');
    await using again = await openStream({ headers: { 'last-event-id': `${first[0]?.id}` } });
    assert.deepEqual(await again.take(first.length - 1 + second.length), [...first.slice(1), ...second]);
  });

  it('goes on for a client that comes from a database with more behind it', async () => {
    await using stream = await openStream({ headers: { 'last-event-id': `${Number.MAX_SAFE_INTEGER}` } });
    const id = await send((await given()).id);
    const [told] = await stream.take(1);
    assert.deepEqual([told?.data['id'], told?.data['status']], [id, 'queued']);
  });

  it('tells of one application where that is asked for', async () => {
    const [one, other] = [await given(), await given()];
    await using stream = await openStream({ query: `?application_id=${other.id}` });
    await send(one.id);
    const id = await send(other.id);
    const [told] = await stream.take(1);
    assert.deepEqual([told?.data['id'], told?.data['status']], [id, 'queued']);
  });

  it('tells nothing of another account', async () => {
    const [, second] = target.accounts;
    await using stream = await openStream({ headers: { authorization: basic(second) } });
    await send((await given()).id);
    const theirs = createClient(target.url, second);
    const id = await send((await given(theirs)).id, theirs);
    assert.equal((await stream.take(1))[0]?.data['id'], id);
  });

  it('W50 asks for credentials, and for an id that it has given', async () => {
    problem(await createClient(target.url).send({ path: STREAM }), problems.unauthorized);
    for (const id of ['x', '-1', '1.5', '9'.repeat(17)]) {
      const answer = await api.send({ path: STREAM, headers: { 'last-event-id': id } });
      problem(answer, problems.list(['Last-Event-ID', 'must be the id of an event of this stream']));
    }
    const twice = await api.send({ path: `${STREAM}?application_id=1&application_id=2` });
    problem(twice, problems.list(['application_id', 'must be given once']));
    problem(await api.send({ path: STREAM, headers: { accept: 'text/html' } }), problems.accept);
    const head = await api.send({ method: 'HEAD', path: STREAM });
    assert.deepEqual([head.status, head.headers['content-type']], [200, 'text/event-stream']);
  });

  it('is open so many times at once for an account', async () => {
    await using server = await startConfigured({});
    await using streams = new AsyncDisposableStack();
    for (let n = 0; n < 20; n += 1) streams.use(await openStream({}, server));
    const client = createClient(server.url, server.accounts[0]);
    const refused = await client.send({ path: STREAM });
    problem(refused, { ...problems.rate, detail: 'Too many streams are open. Try again in 5 seconds.' });
    await using other = await openStream({ headers: { authorization: basic(server.accounts[1]) } }, server);
    assert.equal(other.answer.statusCode, 200);
    await streams.disposeAsync();
    const { until } = await import('../condition.ts');
    await until('a stream is free', async () => {
      await using again = await openStream({}, server);
      return again.answer.statusCode === 200;
    });
  });

  it('W24 ends in order when the server does', async () => {
    const server = await startConfigured({});
    await using stream = await openStream({}, server);
    const closed = server.close();
    assert.equal((await stream.events.next()).done, true);
    assert.equal(stream.answer.complete, true);
    await closed;
  });
});

describe('the statuses of a stream', () => {
  it('end with how the delivery ended', async () => {
    await using stream = await openStream();
    const id = await send((await given()).id);
    const told: Told[] = [];
    do told.push(...(await stream.take(1)));
    while (told.at(-1)?.data['status'] !== 'delivered');
    assert.deepEqual([...new Set(statusesOf(told))], ['queued', 'delivering', 'delivered']);
    assert.ok(told.every(({ data }) => data['id'] === id));
  });
});
