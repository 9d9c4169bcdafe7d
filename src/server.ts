/** The life of a server: open, listen, drain, close. */

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from './config.ts';
import { type Context, type ContextOverrides, openContext } from './context.ts';
import { type App, createApp } from './http/app.ts';
import { openMetricsListener } from './http/metrics-listener.ts';
import type { Log } from './logger.ts';

/** A server that listens. */
export interface RunningServer extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
  /** Where the metrics are, when they have a listener of their own. */
  readonly metricsUrl: string | undefined;
  readonly context: Context;
  /** Stops taking, lets what is under way end within the time of the configuration, then closes everything. */
  close(): Promise<void>;
}

/** How long after its start a server loads what its first answers did without, in ms. */
const WARM_AFTER_MS = 50;

/** What a server is started with. */
export interface ServerOptions {
  readonly config: Config;
  readonly log: Log;
  readonly version: string;
  readonly overrides?: ContextOverrides;
}

/**
 * Opens the database, listens and begins to fill the pool of keys.
 *
 * @throws `storage_unusable`, `master_key_wrong`, or the system's error (`EADDRINUSE` …); nothing is left open then.
 */
export async function openServer({ config, log, version, overrides }: ServerOptions): Promise<RunningServer> {
  const context = await openContext(config, log, version, overrides);
  await using opened = new AsyncDisposableStack();
  opened.use(context);
  const app = await createApp(context, version);
  opened.defer(() => app.fastify.close());
  await app.fastify.listen({ host: config.http.host, port: config.http.port });
  const metrics = await openMetricsListener(config.metrics, app.metrics);
  if (metrics !== undefined) opened.defer(() => metrics.close());
  opened.defer(() => end(app, context, config.http.shutdownGraceMs));
  context.keys.start();
  context.courier.start();
  const warming = setTimeout(() => context.database.warm(), WARM_AFTER_MS).unref();
  opened.defer(() => clearTimeout(warming));

  const resources = opened.move();
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= resources.disposeAsync();
    return closed;
  };
  return {
    url: presentUrl(app.fastify.server),
    metricsUrl: metrics === undefined ? undefined : presentUrl(metrics.server),
    context,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Lets answers and calls of webhooks under way end; both together have `graceMs`. */
async function end(app: App, { courier }: Context, graceMs: number): Promise<void> {
  const until = performance.now() + graceMs;
  courier.rest();
  await drain(app, graceMs);
  await courier.stop(Math.max(0, until - performance.now()));
}

/**
 * Stops taking connections and waits for the answers under way; their connections close behind them (W24).
 *
 * @param graceMs after which connections are cut, answered or not.
 */
async function drain(app: App, graceMs: number): Promise<void> {
  const { server } = app.fastify;
  app.drain();
  const ended = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => app.cut(), graceMs);
  await ended;
  clearTimeout(cut);
}

function presentUrl(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
