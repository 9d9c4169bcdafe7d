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

  it('lets no address wait more than 32 times', async () => {
    const { queue, push } = createStage();
    const jobs = Array.from({ length: 33 }, (_, number) => push('flood', `${number}`));
    await assert.rejects(
      queue.push('flood', async () => true),
      { code: 'overloaded', retryAfter: 5 },
    );
    const quiet = queue.push('quiet', async () => true);
    for (const { end } of jobs) end.resolve(true);
    assert.equal(await quiet, true);
    await Promise.all(jobs.map(({ outcome }) => outcome));
  });

  it('turns away the newest of the longest line for an address that has none', async () => {
    const { begun, push } = createStage();
    const first = push('a', 'first');
    const floods = Array.from({ length: 8 }, (_, flood) =>
      Array.from({ length: 32 }, (_, number) => push(`flood ${flood}`, `${flood}-${number}`)),
    );
    const quiet = push('quiet', 'quiet');
    const [newest] = floods[0]?.slice(-1) ?? [];
    await assert.rejects(newest?.outcome ?? Promise.resolve(), { code: 'overloaded' });
    for (const { end } of [first, quiet, ...floods.flat()]) end.resolve(true);
    assert.equal(await quiet.outcome, true);
    const outcomes = await Promise.allSettled(floods.flat().map(({ outcome }) => outcome));
    assert.equal(outcomes.filter(({ status }) => status === 'rejected').length, 1);
    assert.ok(begun.indexOf('quiet') <= 9, 'in its turn');
  });

  it('rests after a wrong one also when nobody waits yet', async () => {
    const { queue, push } = createStage();
    const wrong = push('a', 'wrong');
    const begun = performance.now();
    setTimeout(() => wrong.end.resolve(false), 60);
    await wrong.outcome;
    const rest = performance.now() - begun;
    const waited = performance.now();
    await queue.push('a', async () => true);
    assert.ok(performance.now() - waited > rest * 0.8);
    const next = performance.now();
    await queue.push('a', async () => true);
    assert.ok(performance.now() - next < rest / 2, 'and not after a right one');
  });
});
