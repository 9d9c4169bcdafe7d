import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Metrics } from './metrics.ts';

/** Metrics whose pool has 3 of 16 pairs and one who waits. */
function createMetrics() {
  const metrics = new Metrics({ keyPoolLevel: () => 3, keyPoolSize: 16, keyPoolWaiting: () => 1 });
  return Object.assign(metrics, { [Symbol.dispose]: () => metrics.close() });
}

/** The samples of one family, by what stands before the value. */
async function samplesOf(metrics: Metrics, family: string): Promise<Record<string, number>> {
  const { text } = await metrics.present();
  const lines = text.split('\n').filter((line) => line.startsWith(family));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

describe('the metrics', () => {
  it('count answers by route, method and status', async () => {
    using metrics = createMetrics();
    const route = metrics.addRoute('/a/{id}');
    for (const status of [200, 200, 404]) metrics.count(route, 'GET', status, 1);
    metrics.count(route, 'PATCH', 405, 1);
    metrics.count(0, 'GET', 599, 1);
    assert.deepEqual(await samplesOf(metrics, 'jackfield_http_requests_total'), {
      'jackfield_http_requests_total{route="/a/{id}",method="GET",status="200"}': 2,
      'jackfield_http_requests_total{route="/a/{id}",method="GET",status="404"}': 1,
      'jackfield_http_requests_total{route="/a/{id}",method="other",status="405"}': 1,
      'jackfield_http_requests_total{route="unknown",method="GET",status="599"}': 1,
    });
  });

  it('have times in buckets that each hold those before, bounds included', async () => {
    using metrics = createMetrics();
    const route = metrics.addRoute('/a');
    for (const ms of [0.5, 0.6, 10_000, 10_001]) metrics.count(route, 'GET', 200, ms);
    const samples = await samplesOf(metrics, 'jackfield_http_request_seconds');
    const bucket = (le: string) => samples[`jackfield_http_request_seconds_bucket{le="${le}",route="/a"}`];
    assert.deepEqual(['0.0005', '0.001', '5', '10', '+Inf'].map(bucket), [1, 2, 2, 3, 4]);
    assert.equal(samples['jackfield_http_request_seconds_count{route="/a"}'], 4);
    const sum = samples['jackfield_http_request_seconds_sum{route="/a"}'] ?? 0;
    assert.ok(Math.abs(sum - 20.0021) < 1e-9, `${sum}`);
  });

  it('know a route by one number, and 0 for none', () => {
    using metrics = createMetrics();
    const route = metrics.addRoute('/a');
    assert.equal(metrics.addRoute('/a'), route);
    assert.notEqual(metrics.addRoute('/b'), route);
    assert.equal(metrics.routeName(route), '/a');
    assert.equal(metrics.routeName(0), 'unknown');
    assert.equal(metrics.routeName(99), 'unknown');
  });

  it('show the pool of keys and the delay of the event loop', async () => {
    using metrics = createMetrics();
    assert.deepEqual(await samplesOf(metrics, 'jackfield_key_pool'), {
      jackfield_key_pool_level: 3,
      jackfield_key_pool_size: 16,
      jackfield_key_pool_waiting: 1,
    });
    const delays = Object.values(await samplesOf(metrics, 'jackfield_event_loop_delay'));
    assert.equal(delays.length, 2);
    for (const delay of delays) assert.ok(delay >= 0);
  });

  it('are those of one server, also in one process with another', async () => {
    using one = createMetrics();
    using other = createMetrics();
    one.count(one.addRoute('/a'), 'GET', 200, 1);
    assert.deepEqual(await samplesOf(other, 'jackfield_http_requests_total'), {});
    assert.equal(Object.keys(await samplesOf(one, 'jackfield_http_requests_total')).length, 1);
    assert.match((await one.present()).contentType, /^text\/plain; version=0\.0\.4/);
  });
});
