/** Resident memory of a server that works on a queue whose receiver never answers. */

import { setTimeout as delay } from 'node:timers/promises';
import { endDelivering, queueDeliveries, startDelivering } from '../delivering.ts';
import type { Experiment, Outcome, Row } from '../experiment.ts';
import { readResidentMegabytes } from '../processor-time.ts';
import type { Stage } from '../stage.ts';

/** How long the engine works on a queue before its memory is read. */
const WORK_MS = 10_000;

const QUEUED = [
  { count: 0, name: 'queued-0', title: 'none' },
  { count: 100_000, name: 'queued-100k', title: '100,000' },
  { count: 1_000_000, name: 'queued-1m', title: '1,000,000' },
] as const;

/** Each size on a server and a database of its own, the queue filled while it runs. */
async function measureSize(stage: Stage, count: number): Promise<Outcome> {
  await using receiver = await stage.openReceiver('hung');
  const delivering = await startDelivering(stage, 'sqlite', receiver);
  if (count > 0) await queueDeliveries(delivering, count);
  await delay(WORK_MS);
  const megabytes = readResidentMegabytes(delivering.server.processId);
  await endDelivering(stage, delivering);
  if (megabytes === null) return { figures: [], ours: '', bare: '', notes: ['no /proc here: not measured'] };
  return { figures: [megabytes], ours: `${megabytes.toFixed(0)} MB`, bare: '', notes: [] };
}

async function measure(stage: Stage): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { count } of QUEUED) outcomes.push(await measureSize(stage, count));
  return outcomes;
}

const rows: readonly Row[] = QUEUED.map(({ name, title }) => ({
  name,
  title: `resident memory, deliveries queued: ${title}`,
  target: null,
  unit: 'MB',
  decidedBy: 'memory',
}));

export const queuedMemory: Experiment = { rows, measure };
