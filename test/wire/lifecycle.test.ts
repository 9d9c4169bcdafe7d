/** The life of a connection: how long it is kept, and what a shutdown does to it. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BASE, basic } from './client.ts';
import { openRaw, type RawConnection, rawRequest } from './raw.ts';
import { body } from './sample.ts';
import { startConfigured, type Target } from './target.ts';

const HOST = 'Host: localhost';
const auth = (server: Target) => `Authorization: ${basic(server.accounts[0])}`;

async function get(connection: RawConnection, server: Target) {
  connection.write(rawRequest(`GET ${BASE}`, [HOST, auth(server)]));
  const answer = await connection.answer();
  assert.equal(answer.status, 200, answer.text);
  return answer;
}

/** Opens a connection whose POST is under way: the server has its head and waits for the body, which is given. */
async function beginPost(server: Target, json: unknown): Promise<[RawConnection, body: string]> {
  const connection = await openRaw(server.url);
  const text = JSON.stringify(json);
  const length = `Content-Length: ${text.length}`;
  const headers = [HOST, auth(server), 'Content-Type: application/json', length, 'Expect: 100-continue'];
  connection.write(rawRequest(`POST ${BASE}`, headers));
  assert.equal((await connection.answer()).status, 100);
  return [connection, text];
}

/** Resolves when nobody is let in any more. */
async function untilRefused(url: string): Promise<void> {
  for (;;) {
    try {
      const connection = await openRaw(url);
      connection[Symbol.dispose]();
    } catch {
      return;
    }
  }
}

describe('an idle connection', () => {
  it('W24 is kept for 120 s by default, and says so', async () => {
    await using server = await startConfigured({});
    using connection = await openRaw(server.url);
    const { headers } = await get(connection, server);
    assert.notEqual(headers['connection'], 'close');
    assert.match(headers['keep-alive'] ?? '', /\btimeout=120\b/);
    assert.equal((await get(connection, server)).status, 200);
  });

  it('W24 is kept for as long as is configured, and then closed without a word', async () => {
    await using server = await startConfigured({ JACKFIELD_KEEP_ALIVE_TIMEOUT_MS: '1000' });
    using connection = await openRaw(server.url);
    for (let time = 0; time < 3; time++) await get(connection, server);
    await connection.closed;
    assert.equal(connection.rest, '');
  });
});

describe('a shutdown', () => {
  it('W24 closes a connection that is idle between an answer and the next request', async () => {
    await using server = await startConfigured({ JACKFIELD_SHUTDOWN_GRACE_MS: '600000' });
    using connection = await openRaw(server.url);
    await get(connection, server);
    const closing = server.close();
    await Promise.all([connection.closed, closing]);
    assert.equal(connection.rest, '');
    await untilRefused(server.url);
  });

  it('W24 closes a connection that never asked for anything', async () => {
    await using server = await startConfigured({ JACKFIELD_SHUTDOWN_GRACE_MS: '200' });
    using connection = await openRaw(server.url);
    await Promise.all([server.close(), connection.closed]);
    assert.equal(connection.rest, '');
  });

  it('W24 lets a request under way come to its answer, which carries Connection: close', async () => {
    await using server = await startConfigured({ JACKFIELD_SHUTDOWN_GRACE_MS: '600000' });
    const [connection, text] = await beginPost(server, body());
    const closing = server.close();
    await untilRefused(server.url);
    connection.write(text);
    const answer = await connection.answer();
    assert.equal(answer.status, 201, answer.text);
    assert.equal(answer.headers['connection'], 'close');
    await Promise.all([connection.closed, closing]);
    assert.equal(connection.rest, '');
  });

  it('W24 lets an error come to its answer, too', async () => {
    await using server = await startConfigured({});
    const [invalid, text] = await beginPost(server, { name: 5 });
    const [malformed] = await beginPost(server, 'xx');
    const closing = server.close();
    await untilRefused(server.url);
    invalid.write(text);
    malformed.write('{{{{');
    for (const connection of [invalid, malformed]) {
      const answer = await connection.answer();
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.headers['connection'], 'close');
      await connection.closed;
    }
    await closing;
  });

  it('W24 waits for a key pair that is being made', async () => {
    await using server = await startConfigured({ JACKFIELD_KEY_BITS: '3072', JACKFIELD_KEY_POOL_SIZE: '0' });
    const [connection, text] = await beginPost(server, { name: 'pair' });
    connection.write(text);
    const closing = server.close();
    const answer = await connection.answer();
    assert.equal(answer.status, 201, answer.text);
    assert.equal(answer.headers['connection'], 'close');
    await Promise.all([connection.closed, closing]);
  });

  it('W24 cuts what is still under way after the grace that is configured', async () => {
    await using server = await startConfigured({ JACKFIELD_SHUTDOWN_GRACE_MS: '200' });
    const [connection] = await beginPost(server, body());
    const closing = server.close();
    await Promise.all([connection.closed, closing]);
    assert.equal(connection.rest, '');
  });

  it('W24 answers every request it takes: none is lost of many that are running', async () => {
    await using server = await startConfigured({});
    const outcomes: string[] = [];
    const answered: (string | undefined)[] = [];
    let closing: Promise<void> | undefined;
    const runner = async () => {
      using connection = await openRaw(server.url);
      for (;;) {
        connection.write(rawRequest(`GET ${BASE}`, [HOST, auth(server)]));
        const answer = await connection.answer().catch(() => undefined);
        if (answer === undefined) {
          outcomes.push(connection.rest === '' ? 'idle' : 'cut');
          return;
        }
        assert.equal(answer.status, 200);
        answered.push(answer.headers['x-request-id']);
        if (outcomes.push('answered') > 300) closing ??= server.close();
        if (answer.headers['connection'] === 'close') {
          await connection.closed;
          return;
        }
      }
    };
    await Promise.all(Array.from({ length: 16 }, runner));
    await closing;
    assert.ok(!outcomes.includes('cut'), 'no answer breaks off');
    assert.ok(outcomes.length > 300);
    // What was written and not answered must be what the server never took: it knows of no other request.
    const taken = server
      .logLines()
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === 'request');
    assert.deepEqual(new Set(taken.map(({ status }) => status)), new Set([200]));
    assert.deepEqual(taken.map(({ request_id }) => request_id).sort(), answered.sort());
  });
});
