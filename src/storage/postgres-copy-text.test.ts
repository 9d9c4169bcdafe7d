/** The text of COPY: whatever a row holds comes back as it was. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readCopyLine, writeCopyText } from './postgres-copy-text.ts';
import type { Column } from './transfer.ts';

const COLUMNS: readonly Column[] = [
  { name: 'a', kind: 'text' },
  { name: 'b', kind: 'integer' },
  { name: 'c', kind: 'bytes' },
  { name: 'd', kind: 'text' },
];

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('\\', 'N', '\t', '\n', '\r', '\b', '\f', '\v', '.', 'n', '\u2028'))
    .map((all) => all.join('')),
);

const rows = fc.tuple(
  fc.option(texts),
  fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
  fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64'))),
  fc.option(texts),
);

describe('the text of COPY', () => {
  it('brings every row back, each from a line of its own', () => {
    fc.assert(
      fc.property(fc.array(rows, { minLength: 1 }), (all) => {
        const lines = writeCopyText(COLUMNS, all).split('\n');
        assert.equal(lines.pop(), '');
        assert.deepEqual(
          lines.map((line) => readCopyLine(COLUMNS, line)),
          all,
        );
      }),
    );
  });
});
