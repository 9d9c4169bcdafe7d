/** Lines out of bytes, wherever those are cut. */

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { splitLines } from './lines.ts';

function piecesOf(text: string, size: number): Readable {
  const bytes = Buffer.from(text);
  const starts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => index * size);
  return Readable.from(starts.map((start) => bytes.subarray(start, start + size)));
}

async function collect(stream: Readable, maxCharacters?: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of splitLines(stream, maxCharacters)) lines.push(line);
  return lines;
}

describe('lines of a stream', () => {
  it('are the same in pieces of any size, and end with a line feed alone', async () => {
    const lines = ['one', '', 'zwölf 🎈', 'a\u2028b\rc', '\ufeffmark'];
    for (const size of [1, 2, 3, 5, 100]) {
      assert.deepEqual(await collect(piecesOf(`${lines.join('\n')}\n`, size)), lines);
    }
    assert.deepEqual(await collect(piecesOf('a\nrest', 4)), ['a', 'rest']);
    assert.deepEqual(await collect(piecesOf('', 4)), []);
  });

  it('are refused when one is longer than it may be', async () => {
    await assert.rejects(collect(piecesOf('x'.repeat(20), 4), 10), RangeError);
    assert.deepEqual(await collect(piecesOf('x\n'.repeat(20), 4), 10), Array(20).fill('x'));
  });
});
