/** Loading with the first use. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onFirstUse } from './first-use.ts';

describe('what is loaded on first use', () => {
  it('is loaded once, and not before', async () => {
    let loads = 0;
    const find = onFirstUse(async () => {
      loads += 1;
      return loads;
    });
    assert.equal(loads, 0);
    assert.deepEqual(await Promise.all([find(), find()]), [1, 1]);
    assert.equal(await find(), 1);
  });

  it('is tried again when it failed, and everybody who waited is told', async () => {
    let loads = 0;
    const find = onFirstUse(async () => {
      loads += 1;
      if (loads === 1) throw new Error('not there');
      return loads;
    });
    const [one, other] = await Promise.allSettled([find(), find()]);
    assert.equal(one.status, 'rejected');
    assert.equal(other.status, 'rejected');
    assert.equal(await find(), 2);
  });
});
