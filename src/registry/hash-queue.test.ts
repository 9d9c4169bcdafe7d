import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HashQueue } from './hash-queue.ts';

/** A queue whose jobs end when the test says so, and the names of those that have begun. */
function createStage() {
  const queue = new HashQueue();
  const begun: string[] = [];
  const push = (address: string, name: string) => {
    const end = Promise.withResolvers<boolean>();
    const outcome = queue.push(address, () => {
      begun.push(name);
      return end.promise;
    });
    return { end, outcome };
  };
  return { queue, begun, push };
}

describe('the queue of hashes', () => {
  it('answers what its jobs answer, one at a time', async () => {
    const { begun, push } = createStage();
    const one = push('a', 'one');
    const other = push('a', 'other');
    assert.deepEqual(begun, ['one']);
    one.end.resolve(true);
    assert.equal(await one.outcome, true);
    other.end.resolve(false);
    assert.equal(await other.outcome, false);
    assert.deepEqual(begun, ['one', 'other']);
  });

  it('lets addresses take turns, and keeps the order of each', async () => {
    const { begun, push } = createStage();
    const jobs = [
      push('flood', 'f1'),
      push('flood', 'f2'),
      push('flood', 'f3'),
      push('flood', 'f4'),
      push('quiet', 'q1'),
      push('other', 'o1'),
      push('quiet', 'q2'),
    ];
    for (const { end } of jobs) end.resolve(true);
    await Promise.all(jobs.map(({ outcome }) => outcome));
    assert.deepEqual(begun, ['f1', 'f2', 'q1', 'o1', 'f3', 'q2', 'f4']);
  });

  it('goes on behind a job that fails', async () => {
    const { push } = createStage();
    const one = push('a', 'one');
    const other = push('a', 'other');
    one.end.reject(new Error('broken'));
    await assert.rejects(one.outcome, /broken/);
    other.end.resolve(true);
    assert.equal(await other.outcome, true);
  });

  it('refuses more than 256 that wait, and takes more when they have gone', async () => {
    const { queue, push } = createStage();
    const first = push('a', 'first');
    const waiting = Array.from({ length: 256 }, (_, number) => push(`${number}`, `${number}`));
    await assert.rejects(
      queue.push('late', async () => true),
      { code: 'overloaded', retryAfter: 5 },
    );
    for (const { end } of [first, ...waiting]) end.resolve(true);
    await Promise.all(waiting.map(({ outcome }) => outcome));
    assert.equal(await queue.push('late', async () => true), true);
  });
});
