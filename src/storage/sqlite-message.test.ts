import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type BatchResult, type BoundWrite, HELD } from './sqlite-batch.ts';
import { BatchDecoder, BatchEncoder, decodeResults, encodeResults } from './sqlite-message.ts';

const scalar = fc.oneof(
  fc.string(),
  fc.double({ noNaN: true }),
  fc.bigInt(),
  fc.uint8Array(),
  fc.constant(null),
);

const boundWrite: fc.Arbitrary<BoundWrite> = fc.record(
  {
    sql: fc.constantFrom('insert', 'update', 'delete'),
    values: fc.array(scalar, { maxLength: 5 }),
    changes: fc.option(fc.nat(3), { nil: undefined }),
    returns: fc.boolean(),
  },
  { noNullPrototype: true },
);

const batch = fc.array(fc.array(boundWrite, { maxLength: 4 }), { maxLength: 5 });

function writeOf(sql: string): BoundWrite {
  return { sql, values: [], changes: 1, returns: false };
}

describe('a batch on its way to the thread of the writer', () => {
  it('arrives as it was, one behind another', () => {
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 4 }), (batches) => {
        const encoder = new BatchEncoder();
        const decoder = new BatchDecoder();
        for (const units of batches) {
          assert.deepEqual(decoder.decode(structuredClone(encoder.encode(units))), units);
        }
      }),
    );
  });

  it('brings the text of a statement once', () => {
    const encoder = new BatchEncoder();
    const insert = writeOf('insert');
    const update = writeOf('update');
    assert.deepEqual(encoder.encode([[insert, update], [insert]]).texts, ['insert', 'update']);
    assert.deepEqual(encoder.encode([[update], [insert]]).texts, []);
  });

  it('brings bytes without the buffer they stand in', () => {
    const pool = Buffer.from('before, these, behind');
    const bytes = pool.subarray(8, 13);
    const [crossing] = new BatchEncoder().encode([[{ ...writeOf('insert'), values: [bytes] }]]).values;
    assert.ok(crossing instanceof Uint8Array);
    assert.equal(Buffer.from(crossing).toString(), 'these');
    assert.equal(crossing.buffer.byteLength, 5);
  });

  it('is refused where a text of it never came', () => {
    const encoder = new BatchEncoder();
    const units = [[writeOf('insert')]];
    encoder.encode(units);
    assert.throws(() => new BatchDecoder().decode(encoder.encode(units)), /never sent/);
  });
});

describe('what became of a batch', () => {
  it('is a number when all of it held', () => {
    assert.equal(encodeResults([HELD, HELD]), 2);
    assert.deepEqual(decodeResults(2), [HELD, HELD]);
  });

  it('stands where its unit stood', () => {
    const results: BatchResult[] = [
      HELD,
      { ok: true, returned: [{ columns: ['id'], rows: [['a'], ['b']] }] },
      { ok: false, failed: 2 },
      HELD,
      { ok: false, error: 'constraint failed', conflict: true },
      HELD,
    ];
    const message = structuredClone(encodeResults(results));
    assert.ok(typeof message !== 'number' && message.told.length === 3);
    assert.deepEqual(decodeResults(message), results);
  });
});
