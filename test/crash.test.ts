/** A server that is killed under load: what it acknowledged is there, and nothing by half. `npm run test:crash` does it 200 times. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { READY_WITHIN_MS, runRounds } from './crash/rounds.ts';

const KILLS = 5;

for (const kind of ['sqlite', 'postgres'] as const) {
  describe(`jackfield serve on ${kind}, killed under a mixed load`, () => {
    it('has kept what it acknowledged, nothing by half, and is ready again in two seconds', async (test) => {
      const seed = Math.floor(Math.random() * 2 ** 32);
      test.diagnostic(`seed ${seed}`);
      const { acknowledged, restarts } = await runRounds({ kind, kills: KILLS, seed });
      assert.ok(acknowledged > KILLS, 'there was a load');
      // The soak asks it of each; here others may be at work on the machine, and the quickest has to do.
      assert.ok((restarts[0] ?? Number.NaN) < READY_WITHIN_MS, `${restarts}`);
    });
  });
}
