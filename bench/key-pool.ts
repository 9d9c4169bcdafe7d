/** The server's pool of key pairs, watched through its metrics. */

import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE_MS = 60_000;
const POLL_MS = 250;

/** How many pairs lie ready, and how many the pool holds when it is full. */
export interface PoolLevel {
  readonly level: number;
  readonly size: number;
}

function parseGauge(metrics: string, name: string): number {
  const value = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(metrics)?.[1];
  if (value === undefined) throw new Error(`the metrics tell no ${name}`);
  return Number(value);
}

/** Asks the server how full its pool is. */
export async function readPoolLevel(server: { metricsUrl: string }): Promise<PoolLevel> {
  const metrics = await (await fetch(new URL('/metrics', server.metricsUrl))).text();
  return {
    level: parseGauge(metrics, 'jackfield_key_pool_level'),
    size: parseGauge(metrics, 'jackfield_key_pool_size'),
  };
}

/** Waits until the pool is full, so that no key is being made meanwhile; resolves with its size. */
export async function waitForFullPool(server: { metricsUrl: string }): Promise<number> {
  const givenUpAt = performance.now() + PATIENCE_MS;
  while (performance.now() < givenUpAt) {
    const { level, size } = await readPoolLevel(server);
    if (level >= size) return size;
    await delay(POLL_MS);
  }
  throw new Error(`the key pool was not full after ${PATIENCE_MS / 1000} s`);
}
