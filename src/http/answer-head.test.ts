import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, it } from 'node:test';
import { AnswerHeads } from './answer-head.ts';

const BODY = '{"name":"ü"}';
const BYTES = `${Buffer.byteLength(BODY)}`;
const HEADERS = ['Cache-Control', 'no-store', 'RateLimit', '"default";r=9;t=1', 'Content-Length', BYTES];

/** What stands between two answers that are sent in one piece. */
const END = '\r\n\r\n';

/** A head of Node's own making. */
function writeByNode(response: ServerResponse): void {
  response.writeHead(200, HEADERS);
}

/** A server whose heads are written by `write`, and a connection to it. */
async function serve(write: (response: ServerResponse, at: number) => void) {
  let answers = 0;
  const server = createServer((_, response) => {
    write(response, answers++);
    response.end(BODY, 'utf8');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setEncoding('utf8');
  let received = '';
  socket.on('data', (text) => {
    received += text;
  });
  /** Sends requests in one piece; answers what comes back until all `count` have come, in text. */
  const ask = async (requests: string, count = 1): Promise<string> => {
    received = '';
    socket.write(requests);
    while (received.split(END).length <= count) await once(socket, 'data');
    if (!requests.startsWith('HEAD')) while (!received.endsWith(BODY)) await once(socket, 'data');
    return received;
  };
  return {
    ask,
    [Symbol.asyncDispose]: async () => {
      socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Waits for the beginning of a second, so that all that follows is of the same one. */
async function nextSecond(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 1000 - (Date.now() % 1000) + 20));
  return Math.trunc(Date.now() / 1000);
}

/** Makes a test that begins with a second; a failure counts when it came within that second. */
function inOneSecond(run: () => Promise<void>): () => Promise<void> {
  return async () => {
    for (let tries = 1; ; tries += 1) {
      const second = await nextSecond();
      try {
        await run();
        return;
      } catch (error) {
        if (tries === 5 || second === Math.trunc(Date.now() / 1000)) throw error;
      }
    }
  };
}

const REQUESTS = {
  GET: 'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  HEAD: 'HEAD / HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET of HTTP/1.0 that stays': 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
  'GET that stays, in other letters': 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Keep-Alive\r\n\r\n',
};

/** Whether a head is Node's: ours is there before it is asked for as one text. */
function isNodes(heads: AnswerHeads, response: ServerResponse): boolean {
  let asked = false;
  const writeHead = response.writeHead.bind(response);
  response.writeHead = ((...words: Parameters<typeof writeHead>) => {
    asked = true;
    return writeHead(...words);
  }) as typeof response.writeHead;
  heads.write(response, [...HEADERS]);
  return asked;
}

describe('the head of an answer', () => {
  for (const [name, request] of Object.entries(REQUESTS)) {
    it(
      `to a ${name} is, put together, the one that Node would write`,
      inOneSecond(async () => {
        const heads = new AnswerHeads();
        const nodes: boolean[] = [];
        await using ours = await serve((response) => nodes.push(isNodes(heads, response)));
        await using theirs = await serve(writeByNode);
        const first = await ours.ask(request);
        const second = await ours.ask(request);
        const expected = await theirs.ask(request);
        assert.deepEqual(nodes, [true, false]);
        assert.equal(first, expected);
        assert.equal(second, expected);
      }),
    );
  }

  it(
    'is put together for each of several requests that came at once',
    inOneSecond(async () => {
      const heads = new AnswerHeads();
      const nodes: boolean[] = [];
      await using ours = await serve((response) => nodes.push(isNodes(heads, response)));
      await using theirs = await serve(writeByNode);
      const requests = REQUESTS.GET.repeat(3);
      assert.equal(await ours.ask(requests, 3), await theirs.ask(requests, 3));
      assert.deepEqual(nodes, [true, false, false]);
    }),
  );

  it('has the time of the second in which it is written', async () => {
    const heads = new AnswerHeads();
    await using server = await serve((response) => heads.write(response, [...HEADERS]));
    for (let round = 0; round < 2; round += 1) {
      await nextSecond();
      const now = new Date().toUTCString();
      for (let at = 0; at < 3; at += 1)
        assert.ok((await server.ask(REQUESTS.GET)).includes(`Date: ${now}\r\n`));
    }
  });

  it(
    'is Node’s where the connection does not stay open, and the next ones are not like that',
    inOneSecond(async () => {
      const heads = new AnswerHeads();
      const nodes: boolean[] = [];
      const write = (response: ServerResponse) => nodes.push(isNodes(heads, response));
      await using staying = await serve(write);
      await staying.ask(REQUESTS.GET);
      for (const request of [
        'GET / HTTP/1.0\r\n\r\n',
        'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      ]) {
        await using closing = await serve(write);
        assert.match(await closing.ask(request), /\r\nConnection: close\r\n/);
      }
      assert.match(await staying.ask(REQUESTS.GET), /\r\nConnection: keep-alive\r\n/);
      assert.deepEqual(nodes, [true, true, true, false]);
    }),
  );

  it(
    'is Node’s where the answer has a header already, which is not lost',
    inOneSecond(async () => {
      const heads = new AnswerHeads();
      await using server = await serve((response, at) => {
        if (at === 1) response.setHeader('X-Before', 'yes');
        heads.write(response, [...HEADERS]);
      });
      const answers = [];
      for (let at = 0; at < 3; at += 1) answers.push(await server.ask(REQUESTS.GET));
      assert.deepEqual(
        answers.map((answer) => answer.includes('X-Before: yes\r\n')),
        [false, true, false],
      );
    }),
  );

  it(
    'is not written twice',
    inOneSecond(async () => {
      const heads = new AnswerHeads();
      const errors: unknown[] = [];
      await using server = await serve((response) => {
        heads.write(response, [...HEADERS]);
        try {
          heads.write(response, [...HEADERS]);
        } catch (error) {
          errors.push((error as NodeJS.ErrnoException).code);
        }
      });
      for (let at = 0; at < 2; at += 1) await server.ask(REQUESTS.GET);
      assert.deepEqual(errors, ['ERR_HTTP_HEADERS_SENT', 'ERR_HTTP_HEADERS_SENT']);
    }),
  );
});
