/** The line of progress: on a terminal, no more often than needed, and gone at the end. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openProgressLine } from './progress-line.ts';

describe('a line of progress', () => {
  it('shows how far it is, at most ten times a second, and goes', () => {
    const written: string[] = [];
    const output = { isTTY: true, write: (text: string) => written.push(text) > 0 };
    let now = 0;
    const line = openProgressLine(output, () => now);
    line.show('applications', 50, 100);
    now = 50;
    line.show('applications', 60, 100);
    now = 100;
    line.show('applications', 70);
    line.clear();
    line.clear();
    assert.deepEqual(written, [
      `\r\u001b[2K[${'#'.repeat(12)}${'.'.repeat(12)}] applications 50 of 100`,
      '\r\u001b[2K70 applications',
      '\r\u001b[2K',
    ]);
  });

  it('writes nothing where nobody looks', () => {
    const output = { isTTY: false, write: () => assert.fail('it wrote') };
    for (const to of [output, undefined]) {
      using line = openProgressLine(to);
      line.show('rows', 1, 2);
    }
  });
});
