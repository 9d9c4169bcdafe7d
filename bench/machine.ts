/** The machine the figures come from: which cores go to whom, whether it is idle, how it is called. */

import { spawnSync } from 'node:child_process';
import { readFileSync, statfsSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { readAllowedCores, readMachineSeconds } from './processor-time.ts';

/** Where servers and the load generator run; null means wherever the system puts them. */
export interface Cores {
  readonly server: number | null;
  readonly load: number | null;
}

/** Busy share of all cores below which the machine counts as idle, and how long to wait for that. */
const IDLE_SHARE = 0.1;
const IDLE_SAMPLE_MS = 250;
const IDLE_PATIENCE_MS = 60_000;

/** The first core for servers, the last for the load (neighbours may share an execution unit). */
export function findCores(): Cores {
  const allowed = readAllowedCores();
  const [first] = allowed;
  const last = allowed.at(-1);
  const tasksetWorks = spawnSync('taskset', ['--version']).status === 0;
  if (!tasksetWorks || first === undefined || last === undefined || first === last) {
    return { server: null, load: null };
  }
  return { server: first, load: last };
}

/** Waits until nothing else keeps the machine busy; false when it never was idle, or that cannot be told. */
export async function waitForIdleMachine(): Promise<boolean> {
  const givenUpAt = performance.now() + IDLE_PATIENCE_MS;
  while (performance.now() < givenUpAt) {
    const before = readMachineSeconds();
    await delay(IDLE_SAMPLE_MS);
    const after = readMachineSeconds();
    if (before === null || after === null) return false;
    if ((after.busy - before.busy) / (after.all - before.all) < IDLE_SHARE) return true;
  }
  return false;
}

const TMPFS_MAGIC = 0x01021994;

/** Whether a directory lies in memory, where "durable" costs nothing. */
export function isInMemory(directory: string): boolean {
  return statfsSync(directory).type === TMPFS_MAGIC;
}

/** The mount point's file system of a directory, as `/proc/mounts` names it; "unknown" elsewhere. */
function findFileSystem(directory: string): string {
  try {
    const mounts = readFileSync('/proc/mounts', 'utf8').trim().split('\n');
    const holding = mounts
      .map((line) => line.split(' '))
      .filter(([, point = '']) => directory === point || directory.startsWith(point.replace(/\/?$/, '/')))
      .sort(([, a = ''], [, b = '']) => b.length - a.length)[0];
    return holding?.[2] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

/** One line: processor, cores, memory, system, Node, file system. */
export function describeMachine(directory: string): string {
  const processors = cpus();
  return [
    `${processors.length} × ${processors[0]?.model ?? 'unknown processor'}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `${process.platform} ${release()}`,
    `Node ${process.versions.node}`,
    `${findFileSystem(directory)} at ${directory}`,
  ].join(', ');
}
