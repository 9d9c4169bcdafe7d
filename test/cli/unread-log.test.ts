/** A server whose log goes into a pipe that is full and that nobody reads: it serves, and it ends when it is told to. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { until } from '../condition.ts';
import { openFolder } from '../folder.ts';
import { ENVIRONMENT, PROGRAM } from './command.ts';

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Makes a pipe with a name and fills it to the brim; it stays full while what is answered is open. */
function openFullPipe(path: string): number {
  spawnSync('mkfifo', [path]);
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  for (const size of [4096, 1]) {
    try {
      for (;;) writeSync(pipe, Buffer.alloc(size, '\n'));
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
    }
  }
  return pipe;
}

describe('a server whose log nobody reads', () => {
  it('ends with 0 when it is told to', { skip: process.platform === 'win32' }, async () => {
    await using folder = await openFolder();
    const pipe = openFullPipe(folder.file('log'));
    const output = openSync(folder.file('log'), 'r+');
    const port = await findFreePort();
    const server = spawn(process.execPath, [PROGRAM, 'dev', '--ephemeral', '--port', `${port}`], {
      cwd: folder.path,
      env: { ...ENVIRONMENT, JACKFIELD_SHUTDOWN_GRACE_MS: '500' },
      stdio: ['ignore', output, 'inherit'],
    });
    const ended = once(server, 'exit');
    try {
      const answers = () =>
        fetch(`http://127.0.0.1:${port}/healthz`)
          .then(({ ok }) => ok)
          .catch(() => false);
      await until('it answers', answers, 30_000);
      const told = performance.now();
      server.kill('SIGTERM');
      assert.deepEqual(await ended, [0, null]);
      const took = performance.now() - told;
      assert.ok(took < 9000, `${took} ms`);
    } finally {
      server.kill('SIGKILL');
      closeSync(output);
      closeSync(pipe);
    }
  });
});
