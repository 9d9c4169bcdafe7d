/** Receivers on loopback that treat their callers as a test wants it. */

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import { systemClock } from '../clock.ts';
import { createEgressRules } from '../domain/egress-rules.ts';
import type { Call } from '../domain/event.ts';
import { Sender, type SenderOptions } from './send.ts';

/** What a receiver does with the text of a request that has come whole; `at` counts the requests of a connection. */
export type Treatment = (socket: Socket, request: string, at: number) => void;

/** A receiver, and what reached it. */
export interface Receiver {
  readonly url: string;
  readonly port: number;
  readonly requests: string[];
  connections: number;
}

/** Opens a receiver for the length of a test. */
export async function openReceiver(t: TestContext, treat: Treatment, server?: Server): Promise<Receiver> {
  const sockets = new Set<Socket>();
  const listener = server ?? createServer();
  listener.on(server === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    receiver.connections++;
    sockets.add(socket);
    collect(socket, receiver.requests, treat);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const receiver: Receiver = { url: `http://127.0.0.1:${port}`, port, requests: [], connections: 0 };
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  return receiver;
}

/** Reads requests one after the other; a body has the length that its header says. */
function collect(socket: Socket, requests: string[], treat: Treatment): void {
  let text = '';
  let at = 0;
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    const head = text.indexOf('\r\n\r\n');
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (head === -1 || text.length < head + 4 + length) return;
    const request = text.slice(0, head + 4 + length);
    text = text.slice(request.length);
    requests.push(request);
    treat(socket, request, at++);
  });
}

/** An answer as text, with its length. */
export function answerText(status: number, body = '', headers = ''): string {
  return `HTTP/1.1 ${status} X\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
}

/** Answers every request with a status. */
export const answering =
  (status: number, body = '', headers = ''): Treatment =>
  (socket) => {
    socket.write(answerText(status, body, headers));
  };

/** A listener that never accepts: its line is full, and its thread waits for the end of the test. */
export async function openFullListener(t: TestContext): Promise<number> {
  const worker = new Worker(
    `const { createServer } = require('node:net');
    const { parentPort } = require('node:worker_threads');
    const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`,
    { eval: true },
  );
  const [port]: [number] = (await once(worker, 'message')) as [number];
  const fillers = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await once(fillers[0] ?? worker, 'connect');
  await once(fillers[1] ?? worker, 'connect');
  t.after(async () => {
    for (const filler of fillers) filler.destroy();
    await worker.terminate();
  });
  return port;
}

/** A sender for the length of a test; it may call this machine unless the test says otherwise. */
export function openSender(t: TestContext, options: Partial<SenderOptions> = {}): Sender {
  const sender = new Sender({ rules: createEgressRules('local'), clock: systemClock, ...options });
  t.after(() => sender.close());
  return sender;
}

/** A call by POST, or by GET when there is no body. */
export function callOf(url: string, body: string | undefined = '{}'): Call {
  return {
    url,
    method: body === '' ? 'GET' : 'POST',
    headers: { 'User-Agent': 'Jackfield/0', 'Content-Type': 'application/json' },
    body: body === '' ? undefined : Buffer.from(body),
    payloadHash: '',
  };
}

/** Timeouts that no test that waits for an answer reaches. */
export const LONG = { connectTimeoutMs: 5000, socketTimeoutMs: 5000 };
