import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createBody } from './answer.ts';
import { AnswerCache } from './answer-cache.ts';

const BODY = createBody('{"a":1}');

/** A cache that holds about `count` small bodies. */
const createCache = (count: number) => new AnswerCache(count * (200 + BODY.bytes));

describe('the cache of answers', () => {
  it('finds what was put under the same version', () => {
    const cache = createCache(10);
    assert.equal(cache.find(1, 'me', 'a'), undefined);
    cache.put(1, 'me', 'a', BODY);
    assert.equal(cache.find(1, 'me', 'a'), BODY);
  });

  it('finds nothing of another version, also not of an older one that comes back', () => {
    const cache = createCache(10);
    cache.find(1, 'me', 'a');
    cache.put(1, 'me', 'a', BODY);
    assert.equal(cache.find(2, 'me', 'a'), undefined);
    assert.equal(cache.find(1, 'me', 'a'), undefined);
  });

  it('does not keep what was read under a version that has gone meanwhile', () => {
    const cache = createCache(10);
    cache.find(1, 'me', 'a');
    cache.find(2, 'me', 'b');
    cache.put(1, 'me', 'a', BODY);
    assert.equal(cache.find(2, 'me', 'a'), undefined);
  });

  it('gives nobody what is another’s', () => {
    const cache = createCache(4);
    cache.find(1, 'me', 'a');
    cache.put(1, 'me', 'a', BODY);
    assert.equal(cache.find(1, 'you', 'a'), undefined);
    for (const name of ['b', 'c']) cache.put(1, 'me', name, BODY);
    assert.equal(cache.find(1, 'you', 'a'), undefined, 'nor from the old generation');
    assert.equal(cache.find(1, 'me', 'a'), BODY);
  });

  it('forgets what is not used, keeps what is, and so keeps its bound', () => {
    const cache = createCache(20);
    cache.find(1, 'me', 'used');
    cache.put(1, 'me', 'used', BODY);
    const names = Array.from({ length: 200 }, (_, number) => `${number}`);
    for (const name of names) {
      cache.put(1, 'me', name, BODY);
      assert.equal(cache.find(1, 'me', 'used'), BODY);
    }
    const kept = names.filter((name) => cache.find(1, 'me', name) !== undefined);
    assert.ok(kept.length > 5 && kept.length <= 20, `${kept.length}`);
    assert.ok(kept.includes('199'));
  });

  it('keeps nothing with a bound of 0', () => {
    const cache = new AnswerCache(0);
    cache.find(1, 'me', 'a');
    cache.put(1, 'me', 'a', BODY);
    assert.equal(cache.find(1, 'me', 'a'), undefined);
  });

  it('does not keep a body larger than half of itself, and keeps the others then', () => {
    const cache = createCache(4);
    cache.find(1, 'me', 'a');
    cache.put(1, 'me', 'a', BODY);
    const half = 2 * (200 + BODY.bytes);
    for (const bytes of [half - 199, 100_000]) {
      cache.put(1, 'me', 'large', createBody('x'.repeat(bytes)));
      assert.equal(cache.find(1, 'me', 'large'), undefined);
      assert.equal(cache.find(1, 'me', 'a'), BODY);
    }
    cache.put(1, 'me', 'fits', createBody('x'.repeat(half - 200)));
    assert.notEqual(cache.find(1, 'me', 'fits'), undefined);
  });
});
