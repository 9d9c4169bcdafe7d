import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { normalizeTarget } from './request-target.ts';

const CASES: readonly (readonly [sent: string, routed: string])[] = [
  ['/v2/applications?page=1', '/v2/applications?page=1'],
  ['/a b/"\u00ff', '/a b/"\u00ff'],
  ['/v2/%61pplications/', '/v2/applications/'],
  ['/v2/applications/a%2fb', '/v2/applications/a%2Fb'],
  ['/v2/applications/%zz', '/v2/applications/%25zz'],
  ['/v2/applications/a%20b%', '/v2/applications/a%2520b%25'],
  ['/%61?b=%zz%41', '/a?b=%zz%41'],
  ['/a?b=%zz', '/a?b=%zz'],
  ['/a?b/%61', '/a?b/%61'],
  ['/%61#%zz', '/a#%zz'],
  ['/%3f%23', '/%3F%23'],
  ['http://localhost/v2/%61', '/v2/a'],
  ['HTTP://u@[::1]:80/a?b', '/a?b'],
  ['http://x', '/'],
  ['http://x?a=b', '/?a=b'],
  ['*', '/*'],
  ['example.com:443', '/*'],
  ['', '/*'],
];

describe('the target of a request', () => {
  for (const [sent, routed] of CASES) {
    it(`W44 is routed as ${routed} when it was sent as ${sent}`, () => {
      assert.equal(normalizeTarget(sent), routed);
    });
  }

  it('W44 has segments that can all be decoded, to what was meant or else to what was sent', () => {
    const part = fc.oneof(
      fc.string({ unit: 'grapheme' }).map(encodeURIComponent),
      fc.stringMatching(/^[%a-f0-9.~-]{0,8}$/),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        const [, ...routed] = normalizeTarget(`/${parts.join('/')}`).split('/');
        assert.deepEqual(routed.map(decodeURIComponent), parts.map(decodeIfPossible));
      }),
    );
  });
});

function decodeIfPossible(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
