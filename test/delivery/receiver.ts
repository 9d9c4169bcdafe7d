/** A receiver of webhooks on loopback that remembers what it was sent and answers as it is told. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call as it arrived. */
interface ReceivedCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers a call; without an answer it hangs. */
export type Answer = (call: ReceivedCall, response: ServerResponse) => void;

/** A receiver that listens. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly calls: readonly ReceivedCall[];
  /** Answers from now on in another way. */
  answer(answer: Answer): void;
}

/** An answer with a status and a JSON body. */
export function respond(status: number, body?: unknown, headers: Record<string, string> = {}): Answer {
  return (_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
}

/** An answer that never comes. */
export const hang: Answer = () => undefined;

/** A connection that is closed before an answer. */
export const reset: Answer = (_, response) => void response.socket?.destroy();

/** Listens on a free port. */
export async function openReceiver(first: Answer = respond(200)): Promise<Receiver> {
  const calls: ReceivedCall[] = [];
  let answer = first;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = request;
    const call = { method, path: url, headers, body: Buffer.concat(chunks).toString() };
    calls.push(call);
    answer(call, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    answer: (next) => {
      answer = next;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
