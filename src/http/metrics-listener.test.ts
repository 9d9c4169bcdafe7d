import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { Metrics } from './metrics.ts';
import { type MetricsListener, openMetricsListener } from './metrics-listener.ts';

/** Opens a listener for one test, and says where it is. */
async function withListener(check: (url: string) => Promise<void>, keyPoolLevel = () => 0): Promise<void> {
  const metrics = new Metrics({ keyPoolLevel, keyPoolSize: 0, keyPoolWaiting: () => 0 });
  const listener = (await openMetricsListener({ host: '127.0.0.1', port: 0 }, metrics)) as MetricsListener;
  try {
    await check(`http://127.0.0.1:${(listener.server.address() as AddressInfo).port}`);
  } finally {
    await listener.close();
    metrics.close();
  }
}

function assertProblem(headers: Headers, document: Record<string, unknown>, kind: string): void {
  assert.deepEqual(Object.keys(document), ['type', 'title', 'detail', 'instance']);
  assert.equal(document['type'], `https://developer.vonage.com/api-errors#${kind}`);
  assert.match(String(document['instance']), /^[0-9a-f]{32}$/);
  assert.equal(headers.get('x-request-id'), document['instance']);
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.equal(headers.get('content-type'), 'application/json; charset=utf-8');
}

describe('the listener of the metrics', () => {
  it('shows them, to be stored by no cache', () =>
    withListener(async (url) => {
      const answer = await fetch(`${url}/metrics`);
      assert.equal(answer.status, 200);
      assert.match(await answer.text(), /jackfield_key_pool_size 0/);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      assert.match(answer.headers.get('x-request-id') ?? '', /^[0-9a-f]{32}$/);
      assert.equal((await fetch(`${url}/metrics`, { method: 'HEAD' })).status, 200);
    }));

  it('W57 has an error document where there is nothing, and no Allow', () =>
    withListener(async (url) => {
      const answer = await fetch(`${url}/other`);
      assert.equal(answer.status, 404);
      assert.equal(answer.headers.get('allow'), null);
      assertProblem(answer.headers, (await answer.json()) as Record<string, unknown>, 'not-found');
    }));

  it('W57 has an error document for a method that it does not have', () =>
    withListener(async (url) => {
      const answer = await fetch(`${url}/metrics`, { method: 'POST', body: 'x' });
      assert.equal(answer.status, 405);
      assert.equal(answer.headers.get('allow'), 'GET, HEAD');
      assertProblem(answer.headers, (await answer.json()) as Record<string, unknown>, 'wrong-verb');
    }));

  it('W57 has an error document when the metrics cannot be read', () => {
    const check = async (url: string) => {
      const answer = await fetch(`${url}/metrics`);
      assert.equal(answer.status, 500);
      assertProblem(answer.headers, (await answer.json()) as Record<string, unknown>, 'internal-error');
    };
    return withListener(check, () => {
      throw new Error('unreadable');
    });
  });

  it('W57 has an error document for what is no HTTP', () =>
    withListener(async (url) => {
      const socket = createConnection({ host: '127.0.0.1', port: Number(new URL(url).port) });
      await once(socket, 'connect');
      socket.write('rubbish\r\n\r\n');
      const [head = '', document = ''] = (await text(socket)).split('\r\n\r\n');
      const [status, ...lines] = head.split('\r\n');
      assert.equal(status, 'HTTP/1.1 400 Bad Request');
      const headers = new Headers(lines.map((line) => line.split(': ') as [string, string]));
      assertProblem(headers, JSON.parse(document) as Record<string, unknown>, 'bad-request');
    }));
});
