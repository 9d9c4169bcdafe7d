/** What the system tells of a process and of itself through `/proc`; null where there is none. */

import { readFileSync } from 'node:fs';

/** Ticks a second in `/proc/PID/stat`: USER_HZ, 100 on every Linux that Node runs on (proc(5)). */
const TICKS_A_SECOND = 100;

function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

/** Processor seconds, user and system, that all threads of a process have used so far (10 ms steps). */
export function readProcessorSeconds(processId: number): number | null {
  const stat = readProc(`/proc/${processId}/stat`);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** The same of a process and its children that live. */
export function readFamilySeconds(processId: number): number | null {
  const own = readProcessorSeconds(processId);
  const children = readProc(`/proc/${processId}/task/${processId}/children`);
  if (own === null || children === null) return null;
  const living = children.trim().split(' ').filter(Boolean).map(Number);
  return living.reduce((sum, child) => sum + (readProcessorSeconds(child) ?? 0), own);
}

/** Resident memory of a process in MB (10⁶ bytes). */
export function readResidentMegabytes(processId: number): number | null {
  const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readProc(`/proc/${processId}/status`) ?? '')?.[1];
  return kibibytes === undefined ? null : (Number(kibibytes) * 1024) / 1e6;
}

/** The cores this process may run on. */
export function readAllowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s+(\S+)/m.exec(readProc('/proc/self/status') ?? '')?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first, last] = range.split('-').map(Number);
    if (first === undefined || Number.isNaN(first)) return [];
    return Array.from({ length: (last ?? first) - first + 1 }, (_, at) => first + at);
  });
}

/** Seconds of all cores together since boot: all of them, and those in which a core ran something. */
export function readMachineSeconds(): { all: number; busy: number } | null {
  const line = /^cpu +(.*)$/m.exec(readProc('/proc/stat') ?? '')?.[1];
  if (line === undefined) return null;
  const ticks = line.split(' ').slice(0, 8).map(Number);
  const all = ticks.reduce((sum, value) => sum + value, 0);
  const [, , , idle = 0, waitingForDisk = 0] = ticks;
  return { all: all / TICKS_A_SECOND, busy: (all - idle - waitingForDisk) / TICKS_A_SECOND };
}
