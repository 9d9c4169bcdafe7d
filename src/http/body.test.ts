import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseJsonBody } from './body.ts';

/** Asserts that bytes are no JSON, and that the message says so in these words. */
function assertInvalid(bytes: string | Uint8Array, message: string): void {
  assert.throws(() => parseJsonBody(Buffer.from(bytes)), { code: 'json_invalid', message });
}

const at = (line: number, column: number) =>
  `The body is not valid JSON: parsing failed at line ${line}, column ${column}`;

describe('a body', () => {
  it('is nothing when there are no bytes', () => {
    assert.deepEqual(parseJsonBody(undefined), { value: undefined, text: '' });
    assert.deepEqual(parseJsonBody(Buffer.alloc(0)), { value: undefined, text: '' });
  });

  it('is a value beside the text it was parsed from', () => {
    for (const text of ['null', ' 5 ', '"ü🎈"', '{"b":1,"10":2}', '[]']) {
      assert.deepEqual(parseJsonBody(Buffer.from(text)), { value: JSON.parse(text), text });
    }
  });

  it('W42 is told where it stops being JSON', () => {
    assertInvalid('{"a":1,}', at(1, 8));
    assertInvalid('{\n  "a": tru\n}', at(2, 8));
    assertInvalid('{"a":1', at(1, 7));
    assertInvalid(' ', at(1, 2));
    assertInvalid('{} {}', at(1, 4));
    assertInvalid('[1] // why', at(1, 5));
  });

  it('W42 is refused when it is not UTF-8 or begins with a byte order mark', () => {
    assertInvalid(Buffer.from([0x22, 0xff, 0x22]), 'The body is not UTF-8');
    assertInvalid(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'The body is not UTF-8');
    assertInvalid('\ufeff{}', 'The body begins with a byte order mark');
  });

  it('W42 is told so however deep it is', () => {
    const message = /^The body is not valid JSON: parsing failed at /;
    const deep = Buffer.from('['.repeat(200_000));
    assert.throws(() => parseJsonBody(deep), { code: 'json_invalid', message });
  });

  it('W42 is not repeated in the error', () => {
    for (const text of ['{"secret-canary"', 'secret-canary', '"secret-canary']) {
      assert.throws(
        () => parseJsonBody(Buffer.from(text)),
        (error: Error) => !error.message.includes('canary') && error.cause === undefined,
      );
    }
  });
});
