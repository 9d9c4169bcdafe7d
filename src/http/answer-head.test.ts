import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { AnswerHeads } from './answer-head.ts';
import { createExchange } from './exchange.ts';

const LIMIT = { rateLimit: '"default";r=9;t=1', ratePolicy: '"default";q=10;w=1' };

interface Told {
  readonly id: string;
  readonly cache: string;
}

function answer(heads: AnswerHeads, response: ServerResponse, { id, cache }: Told): 'Node' | 'we' {
  let writer: 'Node' | 'we' = 'we';
  heads.write(response, { ...createExchange(id), ...LIMIT }, { bytes: 2, tag: '"tag"' }, () => {
    writer = 'Node';
    return [
      ...['Cache-Control', cache, 'X-Request-Id', id],
      ...['RateLimit', LIMIT.rateLimit, 'RateLimit-Policy', LIMIT.ratePolicy, 'ETag', '"tag"'],
      ...['Content-Type', 'application/json; charset=utf-8', 'Content-Length', '2'],
    ];
  });
  response.end('{}', 'latin1');
  return writer;
}

/** A server with one writer of heads; each answer comes with who wrote its head. */
async function serve(cache = 'no-store') {
  const heads = new AnswerHeads();
  const written: ('Node' | 'we')[] = [];
  const server = createServer((_, response) =>
    written.push(answer(heads, response, { id: `id${written.length}`, cache })),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  return {
    ask: async (headers: Record<string, string> = {}) => {
      const [got] = await once(request({ port, agent, headers }).end(), 'response');
      const { rawHeaders } = got as IncomingMessage;
      return { body: await text(got), head: rawHeaders, writer: written.at(-1) };
    },
    [Symbol.asyncDispose]: async () => {
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Leaves out what is different in any two heads. */
function alike(head: readonly string[]): string[] {
  return head.map((part, at) => (['X-Request-Id', 'Date'].includes(head[at - 1] ?? '') ? '' : part));
}

describe('the head of an answer', () => {
  it('is written like the one that Node wrote in the same second', async () => {
    await using server = await serve();
    const first = await server.ask();
    assert.equal(first.writer, 'Node');
    // Seconds end, but not behind each answer.
    let next = await server.ask();
    for (let at = 0; at < 100 && next.writer === 'Node'; at += 1) next = await server.ask();
    assert.equal(next.writer, 'we');
    assert.deepEqual(alike(next.head), alike(first.head));
    assert.equal(next.body, first.body);
    assert.notDeepEqual(next.head, first.head);
  });

  it('is left to Node where the connection does not stay open', async () => {
    await using server = await serve();
    await server.ask();
    const last = await server.ask({ connection: 'close' });
    assert.equal(last.writer, 'Node');
    assert.equal(last.head[last.head.indexOf('Connection') + 1], 'close');
    const next = await server.ask();
    assert.equal(next.head[next.head.indexOf('Connection') + 1], 'keep-alive');
  });

  it('is always left to Node where that writes another one', async () => {
    await using server = await serve('no-cache');
    for (let at = 0; at < 5; at += 1) assert.equal((await server.ask()).writer, 'Node');
  });
});
