/** Somebody to whom webhooks are sent: it keeps what came and answers what it is told to. */

import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call that came. */
export interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What is answered to a call; `undefined` leaves the caller waiting. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Setting of servers of tests that call a receiver. */
export const CALLS_LOOPBACK = { JACKFIELD_EGRESS_ALLOW: '127.0.0.1' };

/** An NCCO as a reply. */
export const NCCO: Reply = {
  headers: { 'content-type': 'application/json' },
  body: '[{"action": "talk",\n "text": "Hello"}]',
};

/** Opens a receiver on loopback; `answer` decides about each call, and may take its time. */
export async function openReceiver(answer: (call: Call) => Reply | Promise<Reply> = () => ({})) {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const call = { method, url, headers, body: Buffer.concat(chunks).toString() };
      calls.push(call);
      void Promise.resolve(answer(call)).then((reply) => {
        response.writeHead(reply.status ?? 200, reply.headers ?? {}).end(reply.body);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
