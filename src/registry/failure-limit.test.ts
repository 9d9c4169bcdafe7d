import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FailureLimit } from './failure-limit.ts';

describe('the limit on failures', () => {
  it('is one for each key, and ten times that for an address', () => {
    const limit = new FailureLimit(2);
    const take = (key: number) => limit.take(`${key} here`, 'here', 0).allowed;
    assert.deepEqual([take(0), take(0), take(0), take(0)], [true, true, false, false]);
    // What was refused has not been counted.
    const others = Array.from({ length: 40 }, (_, key) => take(1 + key));
    assert.equal(others.filter((allowed) => allowed).length, 18);
    assert.equal(limit.take('1 there', 'there', 0).allowed, true);
    assert.equal(limit.take('99 here', 'here', 3000).allowed, true, 'ten times as much a minute');
    assert.equal(limit.take('98 here', 'here', 3000).allowed, false);
  });

  it('takes back from both', () => {
    const limit = new FailureLimit(1);
    for (let time = 0; time < 50; time += 1) {
      assert.equal(limit.take('a here', 'here', 0).allowed, true);
      limit.giveBack('a here', 'here');
    }
  });
});
