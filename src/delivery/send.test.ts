import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  answering,
  answerText,
  callOf,
  LONG,
  openFullListener,
  openReceiver,
  openSender,
} from './receiver.test-support.ts';

describe('a call that is answered', () => {
  it('D01 goes out as it was written, and its answer comes back whole', async (t) => {
    const receiver = await openReceiver(
      t,
      answering(200, '[1]', 'Content-Type: text/x\r\nRetry-After: 7\r\n'),
    );
    const sent = await openSender(t).send(callOf(`${receiver.url}/a?b='+%2b"<>#c`, '{"é":1}'), LONG);
    const { connectMs = -1, firstByteMs = -1, totalMs, ...rest } = sent;
    assert.deepEqual(rest, {
      outcome: 'answered',
      statusCode: 200,
      retryAfter: 7,
      contentType: 'text/x',
      body: Buffer.from('[1]'),
      truncated: false,
    });
    assert.ok(connectMs >= 0 && firstByteMs >= 0 && totalMs >= connectMs + firstByteMs);
    const [head = '', body] = receiver.requests[0]?.split('\r\n\r\n') ?? [];
    assert.match(head, /^POST \/a\?b='\+%2b"<> HTTP\/1\.1\r\n/);
    assert.match(head, /\r\nhost: 127\.0\.0\.1:\d+\r\n/i);
    assert.match(
      head,
      /\r\nUser-Agent: Jackfield\/0\r\nContent-Type: application\/json\r\ncontent-length: 8/i,
    );
    assert.equal(body, Buffer.from('{"é":1}').toString('latin1'));
  });

  it('D03 may have any status, and no redirect is followed', async (t) => {
    const other = await openReceiver(t, answering(200));
    const sender = openSender(t);
    for (const status of [200, 204, 205, 206, 301, 302, 307, 308, 404, 410, 429, 500, 503, 599]) {
      const receiver = await openReceiver(t, (socket) => {
        socket.write(
          `HTTP/1.1 ${status} X\r\nLocation: ${other.url}\r\n${status === 204 ? '' : 'content-length: 0\r\n'}\r\n`,
        );
      });
      const sent = await sender.send(callOf(receiver.url), LONG);
      assert.equal(sent.outcome, 'answered');
      assert.equal(sent.statusCode, status);
    }
    assert.equal(other.connections, 0);
  });

  for (const [name, text] of [
    ['HTTP/1.0 that ends with the connection', 'HTTP/1.0 200 OK\r\n\r\nwhole'],
    ['HTTP/1.1 that ends with the connection', 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nwhole'],
    ['a length', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhole'],
    ['chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nwh\r\n3\r\nole\r\n0\r\n\r\n'],
    [
      'a status 103 before it',
      'HTTP/1.1 103 Early\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhole',
    ],
  ] as const) {
    it(`D03 may come as ${name}`, async (t) => {
      const receiver = await openReceiver(t, (socket) => {
        socket.end(text);
      });
      const { outcome, statusCode, body } = await openSender(t).send(callOf(receiver.url), LONG);
      assert.deepEqual([outcome, statusCode, body.toString()], ['answered', 200, 'whole']);
    });
  }

  it('D03 is read for 64 KiB at the most, and the connection is closed then', async (t) => {
    let closed = Promise.withResolvers<void>();
    const receiver = await openReceiver(t, (socket) => {
      socket.on('close', () => closed.resolve());
      socket.write('HTTP/1.1 201 OK\r\n\r\n');
      const pour = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(50_000, 'x')));
      };
      socket.on('drain', pour);
      pour();
    });
    const sent = await openSender(t).send(callOf(receiver.url), LONG);
    assert.deepEqual([sent.outcome, sent.statusCode, sent.truncated], ['answered', 201, true]);
    assert.equal(sent.body.length, 64 * 1024);
    await closed.promise;
    closed = Promise.withResolvers();
    const exact = await openReceiver(t, answering(200, 'x'.repeat(64 * 1024)));
    const { body, truncated } = await openSender(t).send(callOf(exact.url), LONG);
    assert.deepEqual([body.length, truncated], [64 * 1024, false]);
  });

  it('leaves a connection for the next call to the same place', async (t) => {
    const receiver = await openReceiver(t, answering(200, 'ok'));
    const sender = openSender(t);
    for (let at = 0; at < 5; at++) await sender.send(callOf(receiver.url, at === 2 ? '' : '{}'), LONG);
    assert.deepEqual([receiver.connections, receiver.requests.length], [1, 5]);
    const both = [sender.send(callOf(receiver.url), LONG), sender.send(callOf(receiver.url), LONG)];
    for (const { statusCode } of await Promise.all(both)) assert.equal(statusCode, 200);
    assert.equal(receiver.connections, 2);
  });

  it('is sent on a new connection where the kept one has gone before it was written, and only once', async (t) => {
    const receiver = await openReceiver(t, (socket) => {
      socket.write(answerText(200));
      setImmediate(() => socket.end());
    });
    const sender = openSender(t);
    for (let at = 1; at <= 30; at++) {
      const sent = await sender.send(callOf(receiver.url), LONG);
      assert.ok(['answered', 'reset'].includes(sent.outcome), sent.outcome);
      assert.ok(receiver.requests.length <= at);
    }
  });

  it('is never sent a second time on a kept connection that is closed instead of an answer', async (t) => {
    const receiver = await openReceiver(t, (socket, _request, at) => {
      if (at === 0) socket.write(answerText(200));
      else socket.destroy();
    });
    const sender = openSender(t);
    assert.equal((await sender.send(callOf(receiver.url), LONG)).outcome, 'answered');
    assert.equal((await sender.send(callOf(receiver.url), LONG)).outcome, 'reset');
    assert.equal(receiver.requests.length, 2);
  });
});

describe('a call that fails', () => {
  it('D02 is a connect timeout where nobody accepts', async (t) => {
    const port = await openFullListener(t);
    const timeouts = { connectTimeoutMs: 300, socketTimeoutMs: 20_000 };
    const sent = await openSender(t).send(callOf(`http://127.0.0.1:${port}`), timeouts);
    assert.equal(sent.outcome, 'connect_timeout');
    assert.ok(sent.totalMs >= 299, `${sent.totalMs}`);
  });

  it('D02 is a connect timeout where a name or a TLS handshake takes too long', async (t) => {
    const receiver = await openReceiver(t, () => {});
    const timeouts = { connectTimeoutMs: 300, socketTimeoutMs: 20_000 };
    const silent = { lookup: () => new Promise<never>(() => {}) };
    const byName = await openSender(t, silent).send(callOf('http://slow.example'), timeouts);
    const byTls = await openSender(t).send(callOf(`https://127.0.0.1:${receiver.port}`), timeouts);
    for (const { outcome, totalMs } of [byName, byTls]) {
      assert.equal(outcome, 'connect_timeout');
      assert.ok(totalMs >= 299, `${totalMs}`);
    }
    assert.equal(receiver.connections, 1);
  });

  it('D02 is a socket timeout where no answer comes', async (t) => {
    const receiver = await openReceiver(t, () => {});
    const sent = await openSender(t).send(callOf(receiver.url), { ...LONG, socketTimeoutMs: 300 });
    assert.equal(sent.outcome, 'socket_timeout');
    assert.equal(sent.firstByteMs, undefined);
    assert.ok(sent.totalMs >= 299, `${sent.totalMs}`);
  });

  for (const [where, start] of [
    ['the status line', ''],
    ['the headers', 'HTTP/1.1 200 OK\r\nx: '],
    ['the body', 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n'],
  ] as const) {
    it(`D02 is a socket timeout where bytes stop within ${where}, or never end`, async (t) => {
      const dripping = await openReceiver(t, (socket) => {
        socket.write(start || 'H');
        const line = start === '' ? 'TTP/1.1 200 OK\r\nx: '.split('') : [];
        const timer = setInterval(() => socket.write(line.shift() ?? 'x'), 40);
        socket.on('close', () => clearInterval(timer));
      });
      const stopping = await openReceiver(t, (socket) => {
        socket.write(start || 'H');
      });
      const sender = openSender(t);
      const timeouts = { ...LONG, socketTimeoutMs: 300 };
      const [drip, stop] = await Promise.all([
        sender.send(callOf(dripping.url), timeouts),
        sender.send(callOf(stopping.url), timeouts),
      ]);
      assert.deepEqual([drip.outcome, stop.outcome], ['socket_timeout', 'socket_timeout']);
      assert.ok(drip.totalMs >= 899 && stop.totalMs >= 299, `${drip.totalMs} ${stop.totalMs}`);
      assert.ok(stop.totalMs < drip.totalMs);
      assert.ok((drip.firstByteMs ?? -1) >= 0);
    });
  }

  it('is refused where nobody listens', async (t) => {
    const receiver = await openReceiver(t, () => {});
    const free = await openReceiver(t, () => {});
    assert.equal((await openSender(t).send(callOf('http://127.0.0.1:1'), LONG)).outcome, 'refused');
    assert.ok(receiver.connections + free.connections === 0);
  });

  for (const [name, treat] of [
    ['is reset', (socket) => socket.resetAndDestroy()],
    ['is closed', (socket) => socket.end()],
    ['is closed within the headers', (socket) => socket.end('HTTP/1.1 200 OK\r\nx: y')],
    ['is closed within the body', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf')],
    [
      'is closed within the chunks',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf'),
    ],
  ] as const satisfies readonly (readonly [string, Parameters<typeof openReceiver>[1]])[]) {
    it(`D03 is a reset where the connection ${name}`, async (t) => {
      const receiver = await openReceiver(t, treat);
      const { outcome, firstByteMs } = await openSender(t).send(callOf(receiver.url), LONG);
      assert.equal(outcome, 'reset');
      assert.equal(firstByteMs === undefined, !name.includes('within'));
      assert.equal(receiver.requests.length, 1);
    });
  }

  for (const [name, text] of [
    ['garbage', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['another protocol', 'HTTP/3.7 abc\r\n\r\n'],
    ['a status 101', 'HTTP/1.1 101 X\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'],
    ['chunks that are none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
    ['headers without end', `HTTP/1.1 200 OK\r\n${'x: yyyyyyyyyyyyyyy\r\n'.repeat(2000)}`],
  ] as const) {
    it(`D03 is an http_error without status where the answer is ${name}`, async (t) => {
      const receiver = await openReceiver(t, (socket) => {
        socket.write(text);
      });
      const { outcome, statusCode } = await openSender(t).send(callOf(receiver.url), LONG);
      assert.deepEqual([outcome, statusCode], ['http_error', undefined]);
    });
  }

  it('is a reset when it is ended from this side, at any time', async (t) => {
    const receiver = await openReceiver(t, () => {});
    const sender = openSender(t, { lookup: () => new Promise<never>(() => {}) });
    const abort = new AbortController();
    const calls = [receiver.url, 'http://slow.example', `https://127.0.0.1:${receiver.port}`].map((url) =>
      callOf(url),
    );
    const sent = calls.map((call) => sender.send(call, LONG, abort.signal));
    const unsignalled = calls.map((call) => sender.send(call, LONG));
    while (receiver.connections < 4) await new Promise(setImmediate);
    abort.abort();
    for (const { outcome } of await Promise.all(sent)) assert.equal(outcome, 'reset');
    await sender.close();
    for (const { outcome } of await Promise.all(unsignalled)) assert.equal(outcome, 'reset');
    assert.equal((await sender.send(callOf(receiver.url), LONG)).outcome, 'reset');
    assert.equal((await openSender(t).send(callOf(receiver.url), LONG, abort.signal)).outcome, 'reset');
  });
});
