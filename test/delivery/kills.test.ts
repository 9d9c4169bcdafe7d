/** What was accepted survives the kill of its process; `npm run soak:kills` is the long form. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { killAgainAndAgain } from './kills.ts';

it('D31 loses no accepted event when the process is killed again and again', async () => {
  const { accepted, calls } = await killAgainAndAgain({ events: 300, kills: 3, withinMs: 60_000 });
  assert.ok(accepted >= 300 && calls >= accepted);
});
