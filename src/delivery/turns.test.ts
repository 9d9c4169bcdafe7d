import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Turns } from './turns.ts';

describe('the turns of a lane', () => {
  /** Takes so many turns of a lane, and notes which of them may begin. */
  function takeSome(turns: Turns, lane: string, count: number) {
    const begun: number[] = [];
    const taken = Array.from({ length: count }, (_, number) => {
      const turn = turns.take(lane);
      void turn.before.then(() => begun.push(number));
      return turn;
    });
    return { begun, taken };
  }

  it('D32 come in the order in which they were taken, whichever is ready first', async () => {
    const { begun, taken } = takeSome(new Turns(), 'a', 4);
    for (const [number, expected] of [
      [2, [0]],
      [1, [0]],
      [0, [0, 1, 2, 3]],
    ] as const) {
      taken[number]?.done();
      await setImmediate();
      assert.deepEqual(begun, expected, `${number} has begun`);
    }
  });

  it('are those of one lane alone', async () => {
    const turns = new Turns();
    takeSome(turns, 'a', 2);
    const other = takeSome(turns, 'b', 1);
    await setImmediate();
    assert.deepEqual(other.begun, [0]);
  });
});
