/** The limit on connections: beyond it they are refused, within it they work. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '../condition.ts';
import { openRaw, type RawConnection, rawRequest } from './raw.ts';
import { startConfigured } from './target.ts';

async function ask(connection: RawConnection): Promise<number> {
  connection.write(rawRequest('GET /healthz', ['Host: localhost']));
  return (await connection.answer()).status;
}

describe('the limit on connections', () => {
  it('refuses those beyond it, and takes others when there is room', async () => {
    await using server = await startConfigured({ JACKFIELD_MAX_CONNECTIONS: '2' });
    using first = await openRaw(server.url);
    using second = await openRaw(server.url);
    assert.deepEqual([await ask(first), await ask(second)], [200, 200]);
    using beyond = await openRaw(server.url);
    await beyond.closed;
    assert.equal(beyond.rest, '');
    assert.deepEqual([await ask(first), await ask(second)], [200, 200]);
    first.end();
    await first.closed;
    await until('there is room', async () => {
      using next = await openRaw(server.url);
      return (await ask(next).catch(() => 0)) === 200;
    });
    assert.equal(await ask(second), 200);
  });
});
