/** How a read is judged: answers for each second of the server's processor time, ours against the bare route's. */

import type { Outcome } from '../experiment.ts';
import { medianOf } from '../figures.ts';
import type { LoadTarget } from '../jackfield-server.ts';
import type { LoadRequest, LoadResult } from '../load/job.ts';
import { countsWithoutErrors, measurePairs } from '../pairs.ts';
import type { Stage } from '../stage.ts';

/** Connections of every row that does not say otherwise. */
export const CONNECTIONS = 32;

/** Answers of all groups together. */
function answersOf(result: LoadResult): number {
  return result.groups.reduce((sum, group) => sum + group.answers, 0);
}

/** Answers a second of wall clock. */
export function wallRate(result: LoadResult): number {
  return answersOf(result) / result.seconds;
}

/** Microseconds of the server's processor time for one answer; wall clock where the system does not tell. */
export function microsecondsEach(result: LoadResult): number {
  return ((result.processorSeconds ?? result.seconds) * 1e6) / answersOf(result);
}

function bytesEach(result: LoadResult): number {
  return Math.round(result.groups.reduce((sum, group) => sum + group.bodyBytes, 0) / answersOf(result));
}

function describeSide(results: readonly LoadResult[]): string {
  const microseconds = medianOf(results.map(microsecondsEach)).toFixed(1);
  return `${microseconds} µs, ${Math.round(medianOf(results.map(wallRate))).toLocaleString('en')}/s`;
}

function collectNotes(ours: readonly LoadResult[], bare: readonly LoadResult[]): string[] {
  const notes: string[] = [];
  const [oneOurs] = ours;
  const [oneBare] = bare;
  if (oneOurs === undefined || oneBare === undefined) return notes;
  if (oneOurs.processorSeconds === null) notes.push('no /proc here: by wall clock instead of processor time');
  if (Math.abs(bytesEach(oneOurs) - bytesEach(oneBare)) > 0) {
    notes.push(`the bodies differ: ${bytesEach(oneOurs)} and ${bytesEach(oneBare)} bytes`);
  }
  const share = medianOf([...ours, ...bare].map((result) => result.generatorShare));
  if (share > 0.97)
    notes.push('the load generator was at its limit: the wall clock shows it, not the server');
  return notes;
}

/** Measures the same requests against both sides. */
export async function measureReads(
  stage: Stage,
  targets: { ours: LoadTarget; bare: LoadTarget },
  requests: readonly LoadRequest[],
): Promise<Outcome> {
  const groups = [{ name: 'GET', connections: CONNECTIONS, requests }];
  const { pairs, notes } = await measurePairs(
    stage.options.rounds,
    async () => countsWithoutErrors(await stage.load(targets.ours, groups)),
    async () => countsWithoutErrors(await stage.load(targets.bare, groups)),
  );
  const ours = pairs.map((pair) => pair.ours);
  const bare = pairs.map((pair) => pair.bare);
  return {
    figures: pairs.map((pair) => microsecondsEach(pair.bare) / microsecondsEach(pair.ours)),
    wall: pairs.map((pair) => wallRate(pair.ours) / wallRate(pair.bare)),
    ours: describeSide(ours),
    bare: describeSide(bare),
    notes: [...notes, ...collectNotes(ours, bare)],
  };
}
