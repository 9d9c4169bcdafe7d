/** A payload that was stored is the one that was written, and is parsed for nobody who does not ask. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recallPayload, writePayload } from './payload.ts';

describe('a payload that was stored', () => {
  it('is the one that was written', () => {
    const written = writePayload({ b: 'é', a: [1, { c: null }] });
    const { members, json, sha256 } = recallPayload(written.json, written.sha256);
    assert.deepEqual({ members, json, sha256 }, written);
  });

  it('is parsed only when its members are asked for', () => {
    const recalled = recallPayload(Buffer.from('no JSON'), 'its hash');
    assert.deepEqual([recalled.json.toString(), recalled.sha256], ['no JSON', 'its hash']);
    assert.throws(() => recalled.members, SyntaxError);
  });

  it('is parsed once', () => {
    const { json, sha256 } = writePayload({ a: {} });
    const recalled = recallPayload(json, sha256);
    assert.equal(recalled.members, recalled.members);
  });
});
