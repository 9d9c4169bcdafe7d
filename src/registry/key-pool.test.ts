import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, it } from 'node:test';
import { until } from '../../test/condition.ts';
import { countAtOnce, KeyPool } from './key-pool.ts';

const OVERLOADED = { code: 'overloaded', retryAfter: 1 };

function openPool(options: { poolSize?: number; maxWaiting?: number }) {
  const pool = new KeyPool({ bits: 2048, poolSize: 0, maxWaiting: 8, ...options });
  return Object.assign(pool, { [Symbol.dispose]: () => pool.close() });
}

describe('the pool of keys', () => {
  it('gives a pair of the size asked for, and no pair twice', async () => {
    using pool = openPool({});
    const pairs = await Promise.all([pool.take(), pool.take(), pool.take()]);
    assert.equal(new Set(pairs.map(({ privateKey }) => privateKey)).size, 3);
    for (const { privateKey, publicKey } of pairs) {
      assert.match(privateKey, /^-----BEGIN PRIVATE KEY-----\n/);
      assert.match(publicKey, /^-----BEGIN PUBLIC KEY-----\n/);
      const key = createPrivateKey(privateKey);
      assert.equal(key.asymmetricKeyDetails?.modulusLength, 2048);
      assert.ok(createPublicKey(key).equals(createPublicKey(publicKey)));
    }
  });

  it('fills itself once started, no further than its size, and again after a take', async () => {
    using pool = openPool({ poolSize: 2 });
    assert.equal(pool.level, 0);
    pool.start();
    await until('it is full', () => pool.level === 2);
    await pool.take();
    assert.equal(pool.level, 1);
    await until('it is full again', () => pool.level === 2);
  });

  it('leaves two of the four threads of Node to others', () => {
    assert.deepEqual([1, 2, 4, 64].map(countAtOnce), [1, 2, 2, 2]);
  });

  it('turns away whoever would be one too many to wait', async () => {
    using pool = openPool({ maxWaiting: 2 });
    const waiting = [pool.take(), pool.take()];
    assert.equal(pool.waiting, 2);
    await assert.rejects(pool.take(), OVERLOADED);
    assert.equal((await Promise.all(waiting)).length, 2);
    assert.equal(pool.waiting, 0);
    assert.ok(await pool.take());
  });

  it('turns away all who wait when it is closed, and forgets its pairs', async () => {
    const pool = openPool({ poolSize: 1 });
    pool.start();
    await until('it is full', () => pool.level === 1);
    await pool.take();
    const waiting = pool.take();
    pool.close();
    await assert.rejects(waiting, OVERLOADED);
    await assert.rejects(pool.take(), OVERLOADED);
    assert.equal(pool.level, 0);
  });
});
