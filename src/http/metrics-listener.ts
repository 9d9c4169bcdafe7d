/** A listener of its own for `/metrics`, so that what scrapes them needs no way to the API. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Config } from '../config.ts';
import type { Metrics } from './metrics.ts';

/** A listener that shows metrics. */
export interface MetricsListener {
  readonly server: Server;
  close(): Promise<void>;
}

/**
 * Listens for `GET /metrics`; without a port there is none.
 *
 * @throws the system's error when it cannot listen there.
 */
export async function openMetricsListener(
  { host, port }: Config['metrics'],
  metrics: Metrics,
): Promise<MetricsListener | undefined> {
  if (port === undefined) return undefined;
  const server = createServer((request, response) => {
    if (request.url !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(request.url === '/metrics' ? 405 : 404, { Allow: 'GET, HEAD' }).end();
      return;
    }
    metrics
      .present()
      .then(({ text, contentType }) => response.writeHead(200, { 'Content-Type': contentType }).end(text))
      .catch(() => response.writeHead(500).end());
  });
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
