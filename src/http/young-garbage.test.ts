import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { YoungGarbage } from './young-garbage.ts';

const LIST_BYTES = 128 * 1024;

/** Bytes outside of the heap once that many lists have been made and forgotten. */
function leave(lists: number, add: (bytes: number) => void): number {
  for (let made = 0; made < lists; made += 1) {
    new Uint8Array(LIST_BYTES).fill(1);
    add(LIST_BYTES);
  }
  return process.memoryUsage().arrayBuffers;
}

describe('young garbage', () => {
  it('of lists is collected before it is much', () => {
    const garbage = new YoungGarbage();
    const before = process.memoryUsage().arrayBuffers;
    const kept = leave(64, () => undefined) - before;
    const collected = leave(64, (bytes) => garbage.add(bytes)) - before;
    assert.ok(kept >= 60 * LIST_BYTES, `${kept} bytes are kept without it`);
    assert.ok(collected < 33 * LIST_BYTES, `${collected} bytes are kept with it`);
  });

  it('is not collected by others', () => {
    assert.equal('gc' in globalThis, false);
  });
});
