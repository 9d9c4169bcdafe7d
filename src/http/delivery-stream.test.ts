/** How a stream is written: at the pace of who reads it, with signs of life, and not to whoever has lost his right to it. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { DeliveryChange } from '../delivery/record.ts';
import { type Pouring, pour } from './delivery-stream.ts';

/** A change whose event is some kilobytes long. */
function createChange(id: number): DeliveryChange {
  const rest = { nextAttemptAt: undefined, replayOf: undefined, ncco: undefined, dropped: undefined };
  const delivery = {
    id: 'x'.repeat(8192),
    applicationId: 'a',
    webhook: 'w',
    status: 'queued',
    createdAt: 0,
  } as const;
  return { id, delivery: { ...delivery, ...rest } };
}

/** Changes without end, as fast as they are asked for; `told` counts them. */
async function* changeForever(told: { count: number }): AsyncGenerator<DeliveryChange> {
  for (;;) {
    told.count += 1;
    yield createChange(told.count);
  }
}

/** Nothing, until the stream is closed. */
async function* changeNever(signal: AbortSignal): AsyncGenerator<DeliveryChange> {
  await once(signal, 'abort');
  yield* [];
}

const PACE = { commentEveryMs: 5, patienceMs: 50 };

/** A server that pours into its one answer, and a client that has asked and reads nothing yet. */
async function openStream(pourInto: (raw: ServerResponse, signal: AbortSignal) => Promise<void>) {
  const poured = Promise.withResolvers<void>();
  const server: Server = createServer((_request, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    pourInto(response, gone.signal).then(poured.resolve, (error: unknown) => {
      response.destroy();
      poured.reject(error);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket: Socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const close = async () => {
    socket.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { socket, poured: poured.promise, [Symbol.asyncDispose]: close };
}

const pouring = (signal: AbortSignal, pulse: Pouring['pulse']): Pouring => ({ signal, pulse, pace: PACE });

describe('pour', () => {
  it('asks for no more than is taken, and ends with who takes nothing', async () => {
    const told = { count: 0 };
    await using stream = await openStream((raw, signal) =>
      pour(
        raw,
        changeForever(told),
        pouring(signal, async () => true),
      ),
    );
    stream.socket.pause();
    await assert.rejects(stream.poured, { name: 'AbortError' });
    // What fits into the buffers of both ends, and not one change more.
    assert.ok(told.count > 0 && told.count < 10_000, `${told.count}`);
  });

  it('says that it is there while there is nothing to tell', async () => {
    await using stream = await openStream((raw, signal) =>
      pour(
        raw,
        changeNever(signal),
        pouring(signal, async () => true),
      ),
    );
    let text = '';
    for await (const chunk of stream.socket.setEncoding('utf8')) {
      text += chunk;
      if (text.split(':\n\n').length > 3) break;
    }
    await stream.poured;
  });

  it('is cut off when its credentials are right no more', async () => {
    await using stream = await openStream((raw, signal) =>
      pour(
        raw,
        changeNever(signal),
        pouring(signal, async () => false),
      ),
    );
    stream.socket.resume();
    await once(stream.socket, 'close');
    await stream.poured;
  });

  it('goes on while nobody can say whether they are', async () => {
    let asked = 0;
    const pulse = async () => {
      asked += 1;
      if (asked < 3) throw new Error('the storage cannot be reached');
      return false;
    };
    await using stream = await openStream((raw, signal) =>
      pour(raw, changeNever(signal), pouring(signal, pulse)),
    );
    stream.socket.resume();
    await once(stream.socket, 'close');
    assert.equal(asked, 3);
  });
});
