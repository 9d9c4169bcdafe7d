import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSystemLookup } from './system-lookup.ts';

/** A resolver whose answers come when the test says so. */
function openResolver() {
  const asked: { hostname: string; answer: () => void; fail: () => void }[] = [];
  const lookup = createSystemLookup((hostname) => {
    const { promise, resolve, reject } = Promise.withResolvers<{ address: string }[]>();
    asked.push({
      hostname,
      answer: () => resolve([{ address: hostname }]),
      fail: () => reject(new Error(hostname)),
    });
    return promise;
  });
  return { lookup, asked, names: () => asked.map(({ hostname }) => hostname) };
}

describe('looking up names', () => {
  it('asks for two at a time, the others in turn, also after one that fails', async () => {
    const { lookup, asked, names } = openResolver();
    const found = ['a', 'b', 'c', 'd'].map((name) => lookup(name));
    const settled = Promise.allSettled(found);
    assert.deepEqual(names(), ['a', 'b']);
    asked[1]?.fail();
    await assert.rejects(found[1] ?? assert.fail());
    assert.deepEqual(names(), ['a', 'b', 'c']);
    asked[2]?.answer();
    await found[2];
    assert.deepEqual(names(), ['a', 'b', 'c', 'd']);
    asked[0]?.answer();
    asked[3]?.answer();
    assert.deepEqual(
      (await settled).map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    );
  });

  it('asks once for those who want the same name meanwhile, and anew for those who come later', async () => {
    const { lookup, asked, names } = openResolver();
    const both = [lookup('a'), lookup('a')];
    assert.deepEqual(names(), ['a']);
    asked[0]?.answer();
    assert.deepEqual(await Promise.all(both), [[{ address: 'a' }], [{ address: 'a' }]]);
    const later = lookup('a');
    assert.deepEqual(names(), ['a', 'a']);
    asked[1]?.answer();
    await later;
  });

  it('refuses what comes when a thousand names wait', async () => {
    const { lookup, asked } = openResolver();
    const found = Array.from({ length: 1002 }, (_, at) => lookup(`${at}`));
    await assert.rejects(lookup('one more'), { code: 'EAI_AGAIN' });
    const shared = lookup('7');
    for (let at = 0; at < found.length; at++) {
      asked[at]?.answer();
      await found[at];
    }
    assert.deepEqual(await shared, [{ address: '7' }]);
    assert.equal(asked.length, 1002);
  });

  it('knows the addresses of this machine', async () => {
    const found = await createSystemLookup()('localhost');
    assert.ok(found.some(({ address }) => address === '127.0.0.1' || address === '::1'));
  });
});
