import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acceptsJson, isJsonBody, mayHaveBody } from './negotiate.ts';

const ACCEPTED: readonly (readonly [accept: string | undefined, accepted: boolean])[] = [
  [undefined, true],
  ['', true],
  ['*/*', true],
  ['application/json', true],
  ['Application/JSON; charset=utf-8', true],
  ['application/*;q=0.1', true],
  ['text/html, application/json;q=0.001', true],
  ['text/html;level="1,2", */*;q=0.5', true],
  ['application/json; q=nonsense', true],
  ['application/json;q=0, application/json', true],
  [',', true],
  [' , ,', true],
  ['application/json;x="a;q=0;b"', true],
  ['application/json;x="a,b;q=0;\\",c"', true],
  ['application/json;version=1;q=0, */*', true],
  ['application/json;version=1;q=0, application/json', true],
  ['application/json;version=1;q=0', false],
  ['application/json;charset=utf-8;q=0, */*', false],
  ['application/json;x="a;b";q=0', false],
  ['text/html;x="a,application/json', true],
  ['text/html', false],
  ['text/html;x="application/json"', false],
  ['application/problem+json', false],
  ['application/json;q=0', false],
  ['application/json; Q=0.000', false],
  ['*/*, application/json;q=0', false],
  ['application/json;q=0, */*', false],
  ['application/*;q=0, */*', false],
];

const JSON_BODIES: readonly (readonly [
  type: string | undefined,
  coding: string | undefined,
  json: boolean,
])[] = [
  ['application/json', undefined, true],
  ['APPLICATION/JSON ;charset=UTF-8', undefined, true],
  ['application/json; charset="utf8"; x=1', undefined, true],
  ['application/json', 'identity', true],
  ['application/json', 'Identity, identity', true],
  [undefined, undefined, false],
  ['', undefined, false],
  ['text/plain', undefined, false],
  ['application/merge-patch+json', undefined, false],
  ['application/json; charset=latin1', undefined, false],
  ['application/json; charset="utf-8', undefined, false],
  ['application/json', 'gzip', false],
  ['application/json', 'identity, gzip', false],
];

describe('what a client accepts', () => {
  for (const [accept, accepted] of ACCEPTED) {
    it(`W53 ${accepted ? 'may' : 'may not'} be JSON: ${accept ?? 'nothing said'}`, () => {
      assert.equal(acceptsJson(accept), accepted);
    });
  }
});

describe('a header made to be slow', () => {
  /** Whoever reads it again from each of its quotes reads for hours. */
  const quotes = `"${'\\"'.repeat(2_000_000)}`;

  it('W53 is read in one go', () => {
    assert.equal(acceptsJson(quotes), false);
    assert.equal(acceptsJson(`application/json;x=${quotes}`), true);
  });

  it('W54 is read in one go', () => {
    assert.equal(isJsonBody({ 'content-type': `application/json;x=${quotes}` }), true);
    assert.equal(isJsonBody({ 'content-type': 'application/json', 'content-encoding': quotes }), false);
  });
});

describe('what a client sends', () => {
  for (const [type, coding, json] of JSON_BODIES) {
    it(`W54 ${json ? 'is' : 'is not'} JSON: ${type ?? 'no type'}, ${coding ?? 'no coding'}`, () => {
      const headers = {
        ...(type === undefined ? {} : { 'content-type': type }),
        ...(coding === undefined ? {} : { 'content-encoding': coding }),
      };
      assert.equal(isJsonBody(headers), json);
    });
  }

  it('W54 is a body only where there may be bytes', () => {
    assert.equal(mayHaveBody({}), false);
    assert.equal(mayHaveBody({ 'content-length': '0' }), false);
    assert.equal(mayHaveBody({ 'content-length': '000' }), false);
    assert.equal(mayHaveBody({ 'content-length': '10' }), true);
    assert.equal(mayHaveBody({ 'transfer-encoding': 'chunked' }), true);
  });
});
