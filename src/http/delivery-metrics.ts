/** What the metrics say of deliveries: attempts, their times, what ended, and how long the queue is. */

import type { CallTimes, Figures, QueueLevel } from '../delivery/figures.ts';
import type { Family, Sample } from './metrics.ts';

/** Where the figures come from; the level of the queue is read from the database when it is asked for. */
export interface DeliverySource {
  readonly figures: Figures;
  readQueue(): Promise<QueueLevel>;
}

/** The families of metrics of deliveries. */
export function describeDeliveries({ figures, readQueue }: DeliverySource): Family[] {
  const queue = (read: (level: QueueLevel) => number) => async () => {
    const level = await readQueue().catch(() => undefined);
    return level === undefined ? [] : [{ value: read(level), labels: {} }];
  };
  return [
    {
      name: 'jackfield_delivery_attempts_total',
      type: 'counter',
      help: 'Calls of webhooks by capability and outcome.',
      read: () => attemptsOf(figures),
    },
    {
      name: 'jackfield_delivery_attempt_seconds',
      type: 'histogram',
      help: 'Time of a call of a webhook, from the look-up to the last byte, by capability.',
      read: () => Array.from(figures.times, ([capability, times]) => timesOf(capability, times)).flat(),
    },
    {
      name: 'jackfield_deliveries_accepted_total',
      type: 'counter',
      help: 'Events accepted by this process.',
      read: () => [{ value: figures.accepted, labels: {} }],
    },
    {
      name: 'jackfield_deliveries_ended_total',
      type: 'counter',
      help: 'Deliveries ended by this process, by status; those dropped with their application are not counted.',
      read: () => Array.from(figures.ended, ([status, value]) => ({ value, labels: { status } })),
    },
    {
      name: 'jackfield_deliveries_under_way',
      type: 'gauge',
      help: 'Deliveries this process works on.',
      read: () => [{ value: figures.underWay, labels: {} }],
    },
    {
      name: 'jackfield_delivery_queue_depth',
      type: 'gauge',
      help: 'Deliveries of all processes that have not ended; beyond 100,000 it stays there.',
      read: queue(({ depth }) => depth),
    },
    {
      name: 'jackfield_delivery_queue_age_seconds',
      type: 'gauge',
      help: 'How long something has been due that nobody has taken.',
      read: queue(({ ageMs }) => ageMs / 1000),
    },
  ];
}

function attemptsOf({ attempts }: Figures): Sample[] {
  return Array.from(attempts, ([capability, outcomes]) =>
    Array.from(outcomes, ([outcome, value]) => ({ value, labels: { capability, outcome } })),
  ).flat();
}

function timesOf(capability: string, { buckets, bounds, sum }: CallTimes): Sample[] {
  const name = 'jackfield_delivery_attempt_seconds';
  let below = 0;
  const samples: Sample[] = buckets.map((count, at) => {
    below += count;
    return { value: below, labels: { le: bounds[at] ?? '+Inf', capability }, metricName: `${name}_bucket` };
  });
  return [
    ...samples,
    { value: sum, labels: { capability }, metricName: `${name}_sum` },
    { value: below, labels: { capability }, metricName: `${name}_count` },
  ];
}
