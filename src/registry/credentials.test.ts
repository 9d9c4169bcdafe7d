import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nameFailures } from './credentials.ts';

describe('the name under which wrong credentials are counted', () => {
  it('W58 is short, however long the key is that a client names', () => {
    assert.equal(nameFailures('x'.repeat(11_000), '127.0.0.1').length, nameFailures('', '').length);
    assert.ok(nameFailures('x'.repeat(11_000), '127.0.0.1').length < 50);
  });

  it('W58 is one for each key and address', () => {
    const pairs = [
      ['aaaa1111', '127.0.0.1'],
      ['aaaa1112', '127.0.0.1'],
      ['aaaa1111', '127.0.0.2'],
      ['127.0.0.1', 'aaaa1111'],
      ['2001:db8', '::1'],
    ] as const;
    assert.equal(new Set(pairs.map(([key, address]) => nameFailures(key, address))).size, pairs.length);
    assert.equal(nameFailures('aaaa1111', '::1'), nameFailures('aaaa1111', '::1'));
  });
});
