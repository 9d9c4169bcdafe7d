/** Events on their way from `jackfield trigger` through a server to `jackfield listen`, also as the README has it. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type RunningCommand, run, start } from './cli/command.ts';
import { openFolder } from './folder.ts';
import { createClient } from './wire/client.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** The blocks of code of one section of the README. */
function findBlocks(heading: string): string[] {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, section = ''] = readme.split(`\n## ${heading}\n`);
  const own = section.slice(0, section.indexOf('\n## '));
  return Array.from(own.matchAll(/^```sh\n(.*?)^```$/gms), ([, block = '']) => block);
}

describe('the README', () => {
  it('has lines to try a webhook that work when pasted', { skip: process.platform === 'win32' }, async () => {
    const [receiver, lines = ''] = findBlocks('Try a webhook in two terminals');
    assert.equal(receiver, 'npm exec -- jackfield listen\n');
    await using folder = await openFolder();
    const options = { cwd: folder.path };
    await using dev = start(['dev', '--json', '--port', '0', '--ephemeral'], options);
    const url = await findUrl(dev);
    await using listener = start(['listen', '--json', '--port', '0'], options);
    const listening = await findUrl(listener);
    const pasted = lines
      .replaceAll('http://127.0.0.1:4020', url)
      .replaceAll('http://127.0.0.1:4021', listening);
    assert.notEqual(pasted, lines);
    const env = { ...process.env, JACKFIELD_URL: url };
    const { stdout } = await promisify(execFile)('sh', ['-e', '-c', pasted], {
      cwd: ROOT,
      env,
      timeout: 60_000,
    });
    assert.equal(stdout.match(/delivered after 1 attempt\./g)?.length, 2, stdout);
    const inbound = await listener.line((line) => line.includes('"path":"/inbound"'));
    const event = await listener.line((line) => line.includes('"path":"/event"'));
    for (const [line, member, value] of [
      [inbound, 'text', 'Hello, Jackfield'],
      [event, 'duration', '30'],
    ] as const) {
      const told = JSON.parse(line) as {
        body: Record<string, unknown>;
        signature: unknown;
        payload_hash: unknown;
        delivery: unknown;
      };
      assert.equal(told.body[member], value);
      assert.deepEqual([told.signature, told.payload_hash], [{ holds: true }, { holds: true }]);
      assert.equal(typeof told.delivery, 'string');
    }
  });
});

describe('an event', () => {
  it('D20 D22 goes to the fallback when its webhook does not answer, and the NCCO from there is shown', async () => {
    await using folder = await openFolder();
    const options = { cwd: folder.path };
    await writeFile(folder.file('ncco.json'), '[{"action":"talk","text":"Hello"}]');
    await using dev = start(['dev', '--json', '--port', '0', '--ephemeral'], options);
    await using broken = start(['listen', '--json', '--port', '0', '--status', '500'], options);
    await using sound = start(['listen', '--json', '--port', '0', '--answer', 'ncco.json'], options);
    const [url, answer, fallback] = await Promise.all([dev, broken, sound].map(findUrl));
    const client = createClient(url ?? '', { apiKey: 'abcd1234', apiSecret: 'DevSecret01' });
    const webhooks = {
      answer_url: { address: `${answer}/answer` },
      fallback_answer_url: { address: `${fallback}/fallback` },
      event_url: { address: `${answer}/event` },
    };
    const { id } = await client.given({ name: 'Calls', capabilities: { voice: { webhooks } } });
    const asked = await run(['trigger', id, 'voice.answer_url:answer', '--url', url ?? ''], options);
    assert.equal(asked.code, 0, asked.stderr);
    assert.match(asked.stdout, /\/answer\S* {2}http_error 500/);
    assert.match(asked.stdout, /\/fallback\S* {2}delivered 200/);
    assert.match(asked.stdout, /"action": "talk"/);
    const line = await sound.line((one) => one.includes('"path":"/fallback"'));
    const told = JSON.parse(line) as {
      query: Record<string, string>;
      signature: unknown;
      payload_hash: unknown;
    };
    assert.deepEqual([told.signature, told.payload_hash], [{ holds: true }, { holds: true }]);
    assert.ok(told.query['reason'] && told.query['original_request']);
    const failed = await run(['trigger', id, 'voice.event_url:ringing', '--url', url ?? ''], options);
    assert.equal(failed.code, 10);
    assert.match(failed.stdout, /failed after 1 attempt\./);
    const unset = await run(['trigger', id, 'messages.inbound_url:text', '--url', url ?? ''], options);
    assert.equal(unset.code, 5);
    assert.match(unset.stderr, /409/);
  });
});

async function findUrl(command: RunningCommand): Promise<string> {
  const { url } = JSON.parse(await command.line((line) => line.startsWith('{"url"'))) as { url: string };
  return url;
}
