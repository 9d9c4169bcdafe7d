import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { openFolder } from '../test/folder.ts';
import { openLog } from './logger.ts';

const REQUEST = {
  id: 'an-id',
  method: 'GET',
  route: '/v2/applications',
  status: 200,
  ms: 1.25,
  apiKey: 'aaaa1111',
};

/** What a log writes of what `use` does with it. */
async function written(
  format: 'json' | 'pretty' | 'auto',
  use: (log: Awaited<ReturnType<typeof openLog>>) => void,
): Promise<string> {
  await using folder = await openFolder();
  const fd = openSync(folder.file('log'), 'a');
  const log = await openLog({ level: 'info', format }, fd);
  use(log);
  await log.flush();
  closeSync(fd);
  return readFileSync(folder.file('log'), 'utf8');
}

describe('a pretty log', () => {
  it('has readable lines, in order with what is printed, and no colours in a file', async () => {
    const text = await written('pretty', (log) => {
      log.print('printed\n');
      log.logger.info({ url: 'http://127.0.0.1:1' }, 'ready');
      log.logRequest(REQUEST);
      log.logger.debug('below the level');
    });
    assert.match(
      text,
      /^printed\n\[\d\d:\d\d:\d\d\.\d\d\d\] INFO: ready\n {4}url: "http:\/\/127\.0\.0\.1:1"\n/,
    );
    assert.match(text, /INFO: request\n {4}request_id: "an-id"\n {4}method: "GET"\n/);
    assert.match(text, /^ {4}status: 200\n {4}ms: 1\.25\n {4}api_key: "aaaa1111"\n$/m);
    assert.ok(!text.includes('\u001b') && !text.includes('{') && !text.includes('below'), text);
  });

  it('shows the stack of an error', async () => {
    const text = await written('pretty', ({ logger }) =>
      logger.error({ err: new Error('broken') }, 'failed'),
    );
    assert.match(text, /ERROR: failed\n/);
    assert.match(text, /Error: broken\n +at /);
  });
});

describe('a log in JSON', () => {
  it('is what a file gets where nobody says', async () => {
    const text = await written('auto', (log) => log.logRequest(REQUEST));
    const { time, ...line } = JSON.parse(text) as Record<string, unknown>;
    assert.equal(typeof time, 'number');
    const { id, apiKey, ...rest } = REQUEST;
    assert.deepEqual(line, { level: 30, request_id: id, ...rest, api_key: apiKey, msg: 'request' });
  });
});
