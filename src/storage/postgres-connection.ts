/** Connections to PostgreSQL the one way all of ours are set up. */

import { Client, type ClientConfig, Pool, type PoolClient, types } from 'pg';

/** How to reach a PostgreSQL database. */
export interface PostgresOptions {
  readonly url: string;
  /** Reading connections at most. */
  readonly poolSize: number;
  /** A pooler that hands a connection on after each transaction stands in between, such as PgBouncer. */
  readonly pooled: boolean;
  /** How long a statement may take, in ms. */
  readonly statementTimeoutMs: number;
  /** An address past the pooler, where notifications arrive. */
  readonly directUrl: string | undefined;
}

/** How long a connection may take to come about, or to become free, in ms. */
const CONNECT_TIMEOUT_MS = 5000;

/** How much longer than the server itself we wait for it to give up a statement, in ms. */
const LOST_AFTER_MS = 1000;

const INT8 = 20;

/** Counters and times fit into a number. */
const TYPES = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : types.getTypeParser(oid, format as 'text'),
} as ClientConfig['types'];

/**
 * The settings of a connection.
 *
 * A pooler refuses `statement_timeout` at the start of a connection, and would hand it on to others; behind one
 * the writer sets it in each transaction, and the role should have one of its own.
 */
function configOf({ url, pooled, statementTimeoutMs }: PostgresOptions): ClientConfig {
  return {
    connectionString: url,
    application_name: 'jackfield',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    query_timeout: statementTimeoutMs + LOST_AFTER_MS,
    types: TYPES,
    ...(pooled ? {} : { statement_timeout: statementTimeoutMs }),
  };
}

/** Opens the reading connections; none is made before it is needed. */
export function openPool(options: PostgresOptions): Pool {
  const pool = new Pool({ ...configOf(options), max: options.poolSize, idleTimeoutMillis: 60_000 });
  // A connection that breaks while nobody uses it is replaced by the next one; who uses it is told by his query.
  const ignore = () => undefined;
  pool.on('error', ignore);
  pool.on('connect', (client: PoolClient) => client.on('error', ignore));
  return pool;
}

/** Connects for writing: what is sent does not wait for the answers to what was sent before. */
export async function connectPipelined(
  options: PostgresOptions,
  onLost: (client: Client) => void,
): Promise<Client> {
  const client = new Client({ ...configOf(options), pipeline: true });
  client.on('error', () => onLost(client));
  client.on('end', () => onLost(client));
  await client.connect();
  return client;
}

/** Connects past a pooler, to listen. */
export async function connectDirectly(options: PostgresOptions, onLost: () => void): Promise<Client> {
  const client = new Client({
    ...configOf({ ...options, pooled: true }),
    connectionString: options.directUrl ?? options.url,
  });
  client.on('error', onLost);
  client.on('end', onLost);
  await client.connect();
  return client;
}

/**
 * Connects to move whole tables, all in one transaction and past a pooler where there is a way: nothing is cut off for
 * taking long.
 */
export async function connectForTransfer(options: PostgresOptions): Promise<Client> {
  const { query_timeout: _, ...config } = configOf({ ...options, pooled: true });
  const client = new Client({ ...config, connectionString: options.directUrl ?? options.url });
  // Whoever uses it is told by his query.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
