/** A listener of its own for `/metrics`, so that what scrapes them needs no way to the API. */

import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Config } from '../config.ts';
import type { Metrics } from './metrics.ts';
import { createServer } from './node-http.ts';
import { PROBLEMS, wrongVerb } from './problem.ts';
import { answerAtOnce, answerClientError } from './raw-answers.ts';
import { createRequestIds } from './request-id.ts';

const METHODS = ['GET', 'HEAD'];

/** A listener that shows metrics. */
export interface MetricsListener {
  readonly server: Server;
  close(): Promise<void>;
}

/**
 * Listens for `GET /metrics`; without a port there is none. Its errors look like those of the API (W57), and are not logged.
 *
 * @throws the system's error when it cannot listen there.
 */
export async function openMetricsListener(
  { host, port }: Config['metrics'],
  metrics: Metrics,
): Promise<MetricsListener | undefined> {
  if (port === undefined) return undefined;
  const createId = createRequestIds();
  // Asked for nowhere: Node would answer by itself without a body.
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    const { method = '', url } = request;
    if (url !== '/metrics') answerAtOnce(response, PROBLEMS.noRoute, createId());
    else if (METHODS.includes(method)) answerMetrics(response, metrics, createId());
    else answerAtOnce(response, wrongVerb(method, METHODS.join(', ')), createId());
  });
  server.on('clientError', (error, socket) =>
    answerClientError(error, socket as Socket, { createId, record: () => undefined }),
  );
  server.listen(port, host);
  await once(server, 'listening');
  return {
    server,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answerMetrics(response: ServerResponse, metrics: Metrics, id: string): void {
  metrics
    .present()
    .then(({ text, contentType }) => {
      const headers = ['Content-Type', contentType, 'Cache-Control', 'no-store', 'X-Request-Id', id];
      response.writeHead(200, headers).end(text);
    })
    .catch(() => answerAtOnce(response, PROBLEMS.internal, id));
}
