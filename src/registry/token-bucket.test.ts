import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TokenBuckets } from './token-bucket.ts';

describe('a token bucket', () => {
  it('gives as many tokens as it holds, then none', () => {
    const buckets = new TokenBuckets(3, 1);
    const taken = Array.from({ length: 5 }, () => buckets.take('a', 1000));
    assert.deepEqual(
      taken.map(({ allowed, left }) => [allowed, left]),
      [
        [true, 2],
        [true, 1],
        [true, 0],
        [false, 0],
        [false, 0],
      ],
    );
  });

  it('says when it is full again, and when there is a token', () => {
    const buckets = new TokenBuckets(2, 0.25);
    assert.equal(buckets.take('a', 0).seconds, 4);
    assert.equal(buckets.take('a', 0).seconds, 8);
    assert.equal(buckets.take('a', 0).seconds, 4);
    assert.deepEqual(buckets.take('a', 2500), { allowed: false, left: 0, seconds: 2 });
    assert.equal(buckets.take('a', 4000).allowed, true);
  });

  it('never holds more than its capacity', () => {
    const buckets = new TokenBuckets(2, 1);
    buckets.take('a', 0);
    const later = 1_000_000;
    assert.deepEqual(buckets.take('a', later).left, 1);
    buckets.giveBack('a');
    buckets.giveBack('a');
    assert.deepEqual(buckets.take('a', later).left, 1);
  });

  it('gains nothing when time stands still or goes back', () => {
    const buckets = new TokenBuckets(1, 1000);
    assert.equal(buckets.take('a', 5000).allowed, true);
    assert.equal(buckets.take('a', 5000).allowed, false);
    assert.equal(buckets.take('a', 1000).allowed, false);
    assert.equal(buckets.take('a', 5000).allowed, false, 'the way back to where it was is no gain');
    assert.equal(buckets.take('a', 5001).allowed, true);
  });

  it('takes back what was not owed', () => {
    const buckets = new TokenBuckets(1, 1);
    assert.equal(buckets.take('a', 0).allowed, true);
    buckets.giveBack('a');
    assert.equal(buckets.take('a', 0).allowed, true);
    buckets.giveBack('unknown');
  });

  it('is one for each name', () => {
    const buckets = new TokenBuckets(1, 1);
    assert.equal(buckets.take('a', 0).allowed, true);
    assert.equal(buckets.take('b', 0).allowed, true);
    assert.equal(buckets.take('a', 0).allowed, false);
  });

  it('is forgotten when there are too many, the oldest of those that are as full first', () => {
    const buckets = new TokenBuckets(1, 0.001, 2);
    for (const name of ['a', 'b', 'c']) assert.equal(buckets.take(name, 0).allowed, true);
    assert.equal(buckets.take('c', 0).allowed, false);
    assert.equal(buckets.take('b', 0).allowed, false);
    assert.equal(buckets.take('a', 0).allowed, true);
  });

  it('is not forgotten over made-up names while it is used up', () => {
    const buckets = new TokenBuckets(2, 0.001, 20);
    assert.equal(buckets.take('real', 0).allowed, true);
    assert.equal(buckets.take('real', 0).allowed, true);
    for (let name = 0; name < 1000; name += 1) buckets.take(`${name}`, 0);
    assert.equal(buckets.take('real', 0).allowed, false);
  });

  it('is no longer kept when it is full again', () => {
    const buckets = new TokenBuckets(2, 0.001, 2);
    buckets.take('a', 0);
    for (let name = 0; name < 10; name += 1) {
      buckets.take(`${name}`, 0);
      buckets.giveBack(`${name}`);
    }
    assert.equal(buckets.take('a', 0).left, 0);
  });
});
