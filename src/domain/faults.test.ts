import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addFault, createFaults, isFaultless, listFaults, withoutFaulty } from './faults.ts';

describe('faults', () => {
  it('W40 come out missing members first, then in the order of the body', () => {
    const faults = createFaults();
    addFault(faults, ['b', 'd'], 'is wrong');
    addFault(faults, ['a', '1'], 'is odd');
    addFault(faults, ['b', 'missing'], 'is required');
    addFault(faults, ['b', 'c'], 'is bad');
    addFault(faults, ['name'], 'is required');
    const body = { b: { c: 1, d: 2 }, a: [0, 1] };
    assert.deepEqual(listFaults(faults, body), [
      { name: 'b.missing', reason: 'is required' },
      { name: 'name', reason: 'is required' },
      { name: 'b.c', reason: 'is bad' },
      { name: 'b.d', reason: 'is wrong' },
      { name: 'a.1', reason: 'is odd' },
    ]);
  });

  it('W40 name each path once, by what was noted first', () => {
    const faults = createFaults();
    addFault(faults, ['a'], 'is first');
    addFault(faults, ['a'], 'is second');
    assert.deepEqual(listFaults(faults, { a: 1 }), [{ name: 'a', reason: 'is first' }]);
  });

  it('W05 call the body itself body', () => {
    const faults = createFaults();
    addFault(faults, [], 'must be an object');
    assert.equal(isFaultless(faults), false);
    assert.deepEqual(listFaults(faults, []), [{ name: 'body', reason: 'must be an object' }]);
  });

  it('leave a value without the members they name, and the value itself untouched', () => {
    const faults = createFaults();
    const value = { a: { b: 1, c: 2 }, list: [{ x: 1, y: 2 }] };
    assert.equal(withoutFaulty(faults, value), value);
    addFault(faults, ['a', 'b'], 'is wrong');
    addFault(faults, ['list', '0', 'x'], 'is wrong');
    addFault(faults, ['absent', 'deeper'], 'is required');
    assert.deepEqual(withoutFaulty(faults, value), { a: { c: 2 }, list: [{ y: 2 }] });
    assert.deepEqual(value.a, { b: 1, c: 2 });
  });
});
