/** Who is next among the lanes, however slow some of them are. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LaneQueue, LaneQueues } from './lane-queues.ts';

interface Item {
  readonly name: string;
  readonly row: { readonly payload_bytes: number; readonly payload: string | null };
}

const laneOf = (application: string) => ({
  account: 'aaaa1111',
  application,
  webhook: 'messages.inbound_url',
  repeated: false,
});

function fill(queues: LaneQueues<Item>, application: string, count: number, bytes = 10): LaneQueue<Item> {
  const queue = queues.of(laneOf(application));
  for (let number = 0; number < count; number += 1)
    queues.add(queue, {
      name: application,
      row: { payload_bytes: bytes, payload: bytes < 2048 ? '{}' : null },
    });
  queues.ready(queue);
  return queue;
}

/** Starts all that may be started. */
function startAll(queues: LaneQueues<Item>): [LaneQueue<Item>, Item][] {
  const started: [LaneQueue<Item>, Item][] = [];
  for (let next = queues.next(); next !== undefined; next = queues.next()) started.push(next);
  return started;
}

describe('the lanes of deliveries', () => {
  it('D33 take turns', () => {
    const queues = new LaneQueues<Item>();
    for (const name of ['a', 'b', 'c']) fill(queues, name, 3);
    assert.equal(
      startAll(queues)
        .map(([, { name }]) => name)
        .join(''),
      'abcabcabc',
    );
  });

  it('D33 leave room for others however many of one hang', () => {
    const queues = new LaneQueues<Item>();
    fill(queues, 'hung', 10_000);
    const hung = startAll(queues);
    assert.ok(hung.length > 0 && hung.length <= 64);
    const lively = fill(queues, 'lively', 10_000);
    // As many again as the lively one ends, for as long as the other hangs.
    let done = 0;
    for (let round = 0; round < 100; round += 1) {
      const started = startAll(queues);
      assert.ok(started.length > 0 && started.every(([, { name }]) => name === 'lively'));
      for (const [queue, item] of started) queues.finish(queue, item);
      done += started.length;
    }
    assert.ok(lively.waiting.length > 0);
    assert.ok(done >= 100 * 30);
  });

  it('D33 leave room for one more when a hundred hang', () => {
    const queues = new LaneQueues<Item>();
    for (let number = 0; number < 100; number += 1) {
      fill(queues, `hung ${number}`, 100);
      startAll(queues);
    }
    fill(queues, 'lively', 100);
    const [next] = startAll(queues);
    assert.equal(next?.[1].name, 'lively');
  });

  it('have no more bytes under way than there may be', () => {
    const queues = new LaneQueues<Item>();
    const megabyte = 1024 * 1024;
    for (const name of ['a', 'b', 'c', 'd']) fill(queues, name, 20, megabyte);
    const started = startAll(queues);
    assert.equal(started.length, 32);
    for (const [queue, item] of started) queues.finish(queue, item);
    assert.equal(startAll(queues).length, 32);
  });

  it('hold no more payloads ahead than there may be, of all lanes and with those being taken', () => {
    const queues = new LaneQueues<Item>();
    for (let number = 0; number < 100; number += 1) fill(queues, `lane ${number}`, 80);
    // They are 8000 now, and these need no place.
    fill(queues, 'large', 1000, 4096);
    assert.equal(queues.setAside(193), 0);
    const places = queues.setAside(192);
    assert.equal(places, 192);
    assert.equal(queues.setAside(1), 0);
    queues.giveBack(places);
    assert.equal(queues.setAside(192), 192);
  });

  it('have places for payloads again when deliveries were started or taken out', () => {
    const queues = new LaneQueues<Item>();
    fill(queues, 'a', 8192);
    assert.equal(queues.setAside(1), 0);
    const started = startAll(queues).length;
    assert.ok(started > 0);
    assert.equal(queues.setAside(started + 1), 0);
    assert.equal(queues.clear().length, 8192 - started);
    assert.equal(queues.setAside(8192), 8192);
  });

  it('are forgotten when they have nothing to do', () => {
    const queues = new LaneQueues<Item>();
    const queue = fill(queues, 'a', 1);
    queues.forget(queue);
    assert.equal(queues.of(queue.lane), queue);
    for (const [of, item] of startAll(queues)) queues.finish(of, item);
    queues.forget(queue);
    assert.notEqual(queues.of(queue.lane), queue);
  });
});
