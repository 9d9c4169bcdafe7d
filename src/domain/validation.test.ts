import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JackfieldError } from '../errors.ts';
import { assertCleanJson } from './validation.ts';

function faultsOf(json: string) {
  try {
    assertCleanJson(JSON.parse(json));
    return [];
  } catch (error) {
    assert.ok(error instanceof JackfieldError);
    assert.equal(error.code, 'payload_invalid');
    return error.faults.map(({ name, reason }) => [name, reason]);
  }
}

/** `depth` arrays within one another. */
function nested(depth: number) {
  return `${'['.repeat(depth)}${']'.repeat(depth)}`;
}

describe('clean JSON', () => {
  it('W21 may be nested 32 deep and no deeper', () => {
    assert.deepEqual(faultsOf(nested(32)), []);
    assert.deepEqual(faultsOf(nested(33)), [
      [Array(32).fill('0').join('.'), 'must not be nested deeper than 32'],
    ]);
    assert.deepEqual(faultsOf(`{"a":{"b":${nested(30)}}}`), []);
    assert.equal(faultsOf(`{"a":{"b":${nested(31)}}}`).length, 1);
  });

  it('W21 is refused however deep it is', () => {
    assert.equal(faultsOf(nested(130_000)).length, 1);
    assert.equal(faultsOf(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`).length, 1);
  });

  it('W21 holds no lone surrogates and no NUL, in values and in keys', () => {
    assert.deepEqual(
      faultsOf('{"a":"\\ud83d\\ude00","b":"\\ud83d","c":["x\\u0000"],"\\udc00":1,"k\\u0000":2}'),
      [
        ['b', 'must be well-formed Unicode text'],
        ['c.0', 'must not contain NUL'],
        ['\ufffd', 'must be well-formed Unicode text'],
        ['k\0', 'must not contain NUL'],
      ],
    );
  });

  it('W21 has no member __proto__, at any depth', () => {
    assert.deepEqual(faultsOf('{"__proto__":{"x":1},"a":[{"__proto__":null}]}'), [
      ['__proto__', 'is not a known property'],
      ['a.0.__proto__', 'is not a known property'],
    ]);
  });

  it('W21 has no number that JSON could not answer', () => {
    assert.deepEqual(faultsOf('{"a":1e999,"b":1e300,"c":-1e999}'), [
      ['a', 'must be a number within range'],
      ['c', 'must be a number within range'],
    ]);
  });

  it('W21 is refused with an answer of bounded length', () => {
    const member = 'k'.repeat(10_000);
    const faults = faultsOf(`{"${member}":[${Array(10_000).fill('"\\u0000"').join(',')}]}`);
    assert.equal(faults.length, 50);
  });

  it('may be anything else', () => {
    assert.deepEqual(faultsOf('{"constructor":{"toString":[null,true,1.5,"é\\n"]},"":""}'), []);
    for (const json of ['null', 'true', '"x"', '0', '[]']) assert.deepEqual(faultsOf(json), []);
  });
});
