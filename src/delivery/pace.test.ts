import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pace } from './pace.ts';

describe('the pace of calls', () => {
  it('is slower in a turn behind requests, however many came, and then as before', () => {
    const pace = new Pace();
    const alone = pace.next();
    assert.equal(pace.next(), alone);
    for (const requests of [1, 100]) {
      for (let request = 0; request < requests; request += 1) pace.noteRequest();
      const beside = pace.next();
      assert.ok(beside >= 1 && beside < alone);
      assert.equal(pace.next(), alone);
    }
  });
});
