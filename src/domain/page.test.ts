import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JackfieldError } from '../errors.ts';
import { parsePageQuery } from './page.ts';

function faultsOf(query: Record<string, unknown>, maxPageSize = 100) {
  try {
    return parsePageQuery(query, maxPageSize);
  } catch (error) {
    assert.ok(error instanceof JackfieldError);
    assert.equal(error.code, 'list_invalid');
    return error.faults.map(({ name, reason }) => `${name} ${reason}`);
  }
}

describe('a page query', () => {
  it('W33 asks for the first page of 10 unless it says otherwise', () => {
    assert.deepEqual(parsePageQuery({}, 100), { page: 1, pageSize: 10 });
    assert.deepEqual(parsePageQuery({ size: '1', page_index: '7' }, 100), { page: 1, pageSize: 10 });
  });

  it('W33 takes ASCII digits within bounds, with leading zeros', () => {
    assert.deepEqual(parsePageQuery({ page_size: '1', page: '1' }, 100), { page: 1, pageSize: 1 });
    assert.deepEqual(parsePageQuery({ page_size: '100', page: '2147483647' }, 100), {
      page: 2_147_483_647,
      pageSize: 100,
    });
    assert.deepEqual(parsePageQuery({ page_size: '000020', page: '0'.repeat(400).concat('3') }, 100), {
      page: 3,
      pageSize: 20,
    });
  });

  it('W33 refuses anything else', () => {
    const refused = [
      '',
      '0',
      '-1',
      '+1',
      '1.0',
      '1e1',
      ' 1',
      '1 ',
      '١',
      '１',
      '0x1',
      'ten',
      '9'.repeat(400),
      'Infinity',
    ];
    for (const value of refused) {
      assert.deepEqual(faultsOf({ page_size: value }), ['page_size must be between 1 and 100'], value);
      assert.deepEqual(faultsOf({ page: value }), ['page must be between 1 and 2147483647'], value);
    }
    assert.deepEqual(faultsOf({ page_size: '101' }), ['page_size must be between 1 and 100']);
    assert.deepEqual(faultsOf({ page: '2147483648' }), ['page must be between 1 and 2147483647']);
  });

  it('W33 refuses repeated parameters, and tells all faults at once', () => {
    assert.deepEqual(faultsOf({ page_size: ['1', '1'], page: '0' }), [
      'page_size must be given once',
      'page must be between 1 and 2147483647',
    ]);
  });

  it('W60 can have a larger page', () => {
    assert.deepEqual(parsePageQuery({ page_size: '1000' }, 1000), { page: 1, pageSize: 1000 });
    assert.deepEqual(faultsOf({ page_size: '1001' }, 1000), ['page_size must be between 1 and 1000']);
  });

  it('W33 looks at own members only', () => {
    assert.deepEqual(parsePageQuery(Object.create({ page: '7' }), 100), { page: 1, pageSize: 10 });
  });
});
