import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFraming } from './framing.ts';

function frame(chunks: readonly string[]): Array<[number, number]> {
  const answers: Array<[number, number]> = [];
  const take = createFraming((status, bodyBytes) => answers.push([status, bodyBytes]));
  for (const chunk of chunks) take(Buffer.from(chunk));
  return answers;
}

describe('framing of answers', () => {
  it('takes an answer that comes in one chunk', () => {
    assert.deepEqual(frame(['HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok']), [[200, 2]]);
  });

  it('takes the same answers wherever the bytes are cut', () => {
    const bytes = 'HTTP/1.1 429 Too Many Requests\r\nContent-Length: 5\r\n\r\n{"a"}';
    for (let cut = 1; cut < bytes.length; cut++) {
      assert.deepEqual(frame([bytes.slice(0, cut), bytes.slice(cut), bytes]), [
        [429, 5],
        [429, 5],
      ]);
    }
  });

  it('takes a 204 without a length', () => {
    assert.deepEqual(frame(['HTTP/1.1 204 No Content\r\n\r\n']), [[204, 0]]);
  });

  it('refuses what it cannot count exactly', () => {
    assert.throws(() => frame(['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n']), /Content-Length/);
    assert.throws(() => frame(['HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab']), /bytes after/);
    assert.throws(() => frame(['SSH-2.0-x\r\n\r\n']), /not an HTTP/);
  });
});
