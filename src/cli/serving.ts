/** Runs a server from its start to a signal, for `dev` and `serve`. */

import type { Config } from '../config.ts';
import type { Log } from '../logger.ts';
import { openServer, type RunningServer } from '../server.ts';
import { CliError } from './errors.ts';

/** How long after its end something may still hold the process, such as a log that nobody reads, in ms. */
const LAST_RESORT_MS = 5000;

/** What to run, and what to say when it is ready. */
export interface Serving {
  readonly config: Config;
  readonly log: Log;
  readonly version: string;
  /** Resolves with the signal that ends it. */
  readonly stopped: Promise<NodeJS.Signals>;
  announce(server: RunningServer): void;
}

/**
 * Serves until a signal comes, then lets what is under way end.
 *
 * @throws what `openServer` throws, and `cannot_listen`.
 */
export async function serve({ config, log, version, stopped, announce }: Serving): Promise<void> {
  endOnUnexpected(log);
  try {
    await using server = await openServer({ config, log, version }).catch((error: unknown) => {
      throw explainListening(error, config);
    });
    announce(server);
    // Not awaited: a signal is heard also when nobody reads what is printed.
    void log.flush();
    const signal = await stopped;
    setTimeout(() => process.exit(), config.http.shutdownGraceMs + LAST_RESORT_MS).unref();
    log.logger.info({ signal }, 'stopping');
  } finally {
    await log.flush();
  }
  log.logger.info('stopped');
  await log.flush();
}

/** Something nobody foresaw, in a promise too: it is logged, and the process does not go on in a state nobody knows. */
function endOnUnexpected(log: Log): void {
  process.on('uncaughtException', (error) => {
    log.logger.fatal({ err: error }, 'unexpected error');
    setTimeout(() => process.exit(1), LAST_RESORT_MS).unref();
    void log.flush().finally(() => process.exit(1));
  });
}

/** What the system says of an address, in words that say what to do. */
function explainListening(error: unknown, { http, metrics }: Config): unknown {
  const { code, syscall, port, address } = error as NodeJS.ErrnoException & {
    port?: number;
    address?: string;
  };
  if (syscall !== 'listen' && syscall !== 'getaddrinfo') return error;
  const isMetrics = port !== undefined && port !== http.port && port === metrics.port;
  const [portFlag, hostFlag] = isMetrics ? ['--metrics-port', '--metrics-host'] : ['--port', '--host'];
  const place = `${address ?? http.host}, port ${port ?? http.port}`;
  switch (code) {
    case 'EADDRINUSE':
      return new CliError(
        'cannot_listen',
        `Another program listens at ${place}`,
        `Stop it, or choose another port with ${portFlag}; ${portFlag} 0 takes any free one.`,
      );
    case 'EACCES':
      return new CliError(
        'cannot_listen',
        `This user may not listen at ${place}`,
        `Choose a port from 1024 with ${portFlag}, or give the process the right to listen there.`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CliError(
        'cannot_listen',
        `This machine has no address ${address ?? (isMetrics ? metrics.host : http.host)}`,
        `Choose one of its own with ${hostFlag}, such as 127.0.0.1.`,
      );
    default:
      return error;
  }
}
