/** The metrics of deliveries. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { Figures } from '../delivery/figures.ts';
import { describeDeliveries } from './delivery-metrics.ts';
import { Metrics } from './metrics.ts';

/** The text of all metrics, with a queue of 7 whose first has been due for 1.5 s. */
async function present(figures: Figures): Promise<string> {
  const families = describeDeliveries({ figures, readQueue: async () => ({ depth: 7, ageMs: 1500 }) });
  const metrics = new Metrics({
    keyPoolLevel: () => 0,
    keyPoolSize: 0,
    keyPoolWaiting: () => 0,
    loadFamilies: async () => families,
  });
  const { text } = await metrics.present();
  metrics.close();
  return text;
}

it('the metrics tell of attempts, their times, what ended, and of the queue', async () => {
  const figures = new Figures();
  figures.countAttempt('messages', 'delivered', 4);
  figures.countAttempt('messages', 'delivered', 400);
  figures.countAttempt('voice', 'socket_timeout', 60_000);
  figures.countEnd('failed');
  figures.accepted = 3;
  const text = await present(figures);
  for (const line of [
    'jackfield_delivery_attempts_total{capability="messages",outcome="delivered"} 2',
    'jackfield_delivery_attempts_total{capability="voice",outcome="socket_timeout"} 1',
    'jackfield_delivery_attempt_seconds_bucket{le="0.005",capability="messages"} 1',
    'jackfield_delivery_attempt_seconds_bucket{le="0.5",capability="messages"} 2',
    'jackfield_delivery_attempt_seconds_bucket{le="30",capability="voice"} 0',
    'jackfield_delivery_attempt_seconds_bucket{le="+Inf",capability="voice"} 1',
    'jackfield_delivery_attempt_seconds_count{capability="messages"} 2',
    'jackfield_deliveries_ended_total{status="failed"} 1',
    'jackfield_deliveries_accepted_total 3',
    'jackfield_delivery_queue_depth 7',
    'jackfield_delivery_queue_age_seconds 1.5',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line}\n${text}`);
  }
});

it('the document of operation names every metric of ours', async () => {
  const text = await present(new Figures());
  const names = Array.from(text.matchAll(/^# TYPE (jackfield_\w+) /gm), ([, name = '']) => name);
  const document = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  assert.ok(names.length >= 14, `${names}`);
  assert.deepEqual(
    names.filter((name) => !document.includes(`\`${name}\``)),
    [],
  );
});
