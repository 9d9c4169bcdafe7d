/** A small server that takes events and tells of deliveries as `/jackfield/v1` does, one answer after the other. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** An answer: its status and its JSON, or text that is none. */
export interface PlannedAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A request as the server got it. */
interface TakenRequest {
  readonly method: string;
  readonly url: string;
  readonly authorization: string;
  readonly body: unknown;
}

/** A running server; disposing of it closes it. */
export interface EventServer extends AsyncDisposable {
  readonly url: string;
  readonly taken: readonly TakenRequest[];
}

/** Starts a server that gives the answers in turn, the last one again and again. */
export async function startEventServer(answers: readonly PlannedAnswer[]): Promise<EventServer> {
  const taken: TakenRequest[] = [];
  const server = createServer(async (request, response) => {
    const sent = await text(request);
    const { method = '', url = '', headers } = request;
    const body: unknown = sent === '' ? undefined : JSON.parse(sent);
    taken.push({ method, url, authorization: headers.authorization ?? '', body });
    const answer = answers[Math.min(taken.length, answers.length) - 1] ?? { status: 500, body: {} };
    response.writeHead(answer.status, { 'Content-Type': 'application/json' });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    taken,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
