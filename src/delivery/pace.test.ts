import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pace } from './pace.ts';

const ALONE = 8;
const MOST = 64;

function repeat(times: number, run: () => void): void {
  for (let time = 0; time < times; time += 1) run();
}

/** How many calls a turn has after so many requests, and events among them. */
function paceAfter({ requests = 0, accepted = 0 }, pace = new Pace()): number {
  repeat(requests, () => pace.noteRequest());
  repeat(accepted, () => pace.noteAccepted());
  return pace.next();
}

describe('the pace of calls', () => {
  it('is slower in a turn behind requests, and then as before', () => {
    const pace = new Pace();
    assert.equal(pace.next(), ALONE);
    for (const requests of [1, 2, 32, 47]) {
      assert.equal(paceAfter({ requests }, pace), 2);
      assert.equal(pace.next(), ALONE);
    }
  });

  it('keeps its share of a turn that many requests make long', () => {
    assert.equal(paceAfter({ requests: 48 }), 3);
    assert.equal(paceAfter({ requests: 256 }), 16);
  });

  it('keeps up with what is accepted, for the turn behind it', () => {
    const pace = new Pace();
    assert.equal(paceAfter({ accepted: 5 }, pace), ALONE + 5);
    assert.equal(pace.next(), ALONE);
    assert.equal(paceAfter({ requests: 5, accepted: 5 }, pace), 7);
    assert.equal(pace.next(), ALONE);
  });

  it('holds no turn up for all that came while no call could be begun', () => {
    assert.equal(paceAfter({ accepted: 10_000 }), MOST);
    assert.equal(paceAfter({ requests: 10_000 }), MOST);
    assert.equal(paceAfter({ requests: 1000, accepted: 1000 }), MOST);
  });
});
