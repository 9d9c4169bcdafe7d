import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeAnswer, parseRetryAfter } from './answer.ts';

describe('the status of an answer', () => {
  it('D03 is success from 200 to 205, a redirect in the 300s, and an error everywhere else', () => {
    for (let status = 100; status <= 999; status++) {
      const redirect = status >= 300 && status <= 399 ? 'redirect' : 'http_error';
      assert.equal(judgeAnswer(status), status >= 200 && status <= 205 ? 'delivered' : redirect, `${status}`);
    }
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2030, 0, 2, 3, 4, 5);

  it('is a number of seconds', () => {
    assert.equal(parseRetryAfter('0', now), 0);
    assert.equal(parseRetryAfter(' 120 ', now), 120);
    assert.equal(parseRetryAfter('9'.repeat(400), now), Number.MAX_SAFE_INTEGER);
  });

  it('is a date in any of the three forms of HTTP, rounded up to whole seconds', () => {
    assert.equal(parseRetryAfter('Wed, 02 Jan 2030 03:04:15 GMT', now), 10);
    assert.equal(parseRetryAfter('Wed, 02 Jan 2030 03:04:15 GMT', now - 1), 11);
    assert.equal(parseRetryAfter('Wednesday, 02-Jan-30 03:04:15 GMT', now), 10);
    assert.equal(parseRetryAfter('Wed Jan  2 03:04:15 2030', now), 10);
    assert.equal(parseRetryAfter('Wed, 02 Jan 2030 03:04:04 GMT', now), 0);
  });

  it('is nothing when it is neither', () => {
    const texts = [
      undefined,
      '',
      '-1',
      '1.5',
      '1e3',
      '0x10',
      'soon',
      '2030-01-02',
      '10 s',
      'Wed, 99 Jan 2030 03:04:15 GMT',
    ];
    for (const text of texts) assert.equal(parseRetryAfter(text, now), undefined, text);
  });
});
