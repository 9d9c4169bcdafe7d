import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { openFolder } from '../test/folder.ts';
import { LogSink } from './log-sink.ts';

/** A sink on a file, and what is in the file. */
async function openSink() {
  const folder = await openFolder();
  const path = folder.file('log');
  const fd = openSync(path, 'a');
  const sink = new LogSink(fd);
  const close = async () => {
    await sink.flush();
    closeSync(fd);
    await folder[Symbol.asyncDispose]();
  };
  return { sink, read: () => readFileSync(path, 'utf8'), [Symbol.asyncDispose]: close };
}

const line = (number: number) => `${number} ${'ü'.repeat(number % 300)}\n`;

describe('the sink of the log', () => {
  it('writes every line once, in order, also beyond one chunk', async () => {
    await using opened = await openSink();
    const { sink, read } = opened;
    const lines = Array.from({ length: 5000 }, (_, number) => line(number));
    for (const [number, text] of lines.entries()) {
      sink.write(text);
      if (number % 700 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await sink.flush();
    assert.equal(read(), lines.join(''));
  });

  it('flushes what came while it was writing', async () => {
    await using opened = await openSink();
    const { sink, read } = opened;
    sink.write('one\n');
    const flushed = sink.flush();
    sink.write('two\n');
    await flushed;
    assert.equal(read(), 'one\ntwo\n');
    await sink.flush();
    assert.equal(read(), 'one\ntwo\n');
  });

  it('has nothing to flush when nothing came', async () => {
    await using opened = await openSink();
    await opened.sink.flush();
    assert.equal(opened.read(), '');
  });

  it('keeps 16 Mi characters for who does not read, and tells how many lines were lost', async () => {
    await using opened = await openSink();
    const { sink, read } = opened;
    const long = `${'x'.repeat(1024 * 1024 - 1)}\n`;
    // The first goes out at once; all others wait for it.
    for (let count = 0; count < 21; count += 1) sink.write(long);
    await sink.flush();
    const lines = read().split('\n');
    assert.equal(lines.filter((text) => text.startsWith('xxx')).length, 18);
    const told = lines.filter((text) => text.startsWith('{')).map((text) => JSON.parse(text));
    assert.deepEqual(
      told.map(({ level, lost }) => [level, lost]),
      [[50, 3]],
    );
    sink.write('after\n');
    await sink.flush();
    assert.ok(read().endsWith('after\n'));
  });

  it('goes on without a log when nobody can take it', async () => {
    const folder = await openFolder();
    const fd = openSync(folder.file('log'), 'w');
    closeSync(fd);
    const readOnly = openSync(folder.file('log'), 'r');
    const sink = new LogSink(readOnly);
    sink.write('lost\n');
    await sink.flush();
    closeSync(readOnly);
    await folder[Symbol.asyncDispose]();
  });
});
