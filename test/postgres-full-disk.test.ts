/** PostgreSQL whose disk is full: writes are refused, reads go on, and so do writes when there is room again. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openChild } from './child.ts';
import { until } from './condition.ts';
import { openFolder } from './folder.ts';
import { addAccounts, serveOn } from './serving.ts';
import { application, createClient } from './wire/client.ts';
import { problem, problems } from './wire/problem.ts';
import { body } from './wire/sample.ts';

/** Room for an empty database of PostgreSQL and a little more. */
const DISK_BYTES = 90_000_000;

/** A disk that only the command behind it sees. PostgreSQL runs as a user of its own, so only root can give it one. */
const smallDisk = (folder: string) => [
  'unshare',
  '--mount',
  'sh',
  '-c',
  `mount -t tmpfs -o size=${DISK_BYTES},mode=755 tmpfs "$0" && exec "$@"`,
  folder,
];

const isPossible =
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['--mount', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt']).status === 0;

describe('a PostgreSQL whose disk is full', () => {
  it('is a 503 for writes and none for reads, and takes writes again when there is room', {
    skip: isPossible
      ? false
      : 'only root, on a Linux that lets him mount, can give PostgreSQL a disk of a few bytes',
  }, async () => {
    await using disk = await openFolder();
    // What is written ahead is elsewhere, as it is advised to be: without room for that PostgreSQL ends itself.
    await using ahead = await openFolder();
    for (const { path } of [disk, ahead]) chmodSync(path, 0o777);
    await using postgres = await openChild('postgres', { prefix: smallDisk(disk.path) });
    const url = await postgres.call<string>('open', {
      within: disk.path,
      walFolder: join(ahead.path, 'wal'),
    });
    const [account] = await addAccounts(url, ['aaaa1111']);
    await using server = await serveOn(url);
    const client = createClient(server.url, account);
    const created = [await client.given(body())];
    await postgres.call('fillDisk');

    // Until the room that is there already is used up, they may succeed.
    const refusals = [];
    for (let attempt = 0; attempt < 3000 && refusals.length < 3; attempt += 1) {
      const answer = await client.create(body({ name: `attempt ${attempt}` }));
      if (answer.status === 201) created.push(application(answer, 201));
      else refusals.push(answer);
    }
    assert.equal(refusals.length, 3);
    for (const refusal of refusals) problem(refusal, problems.unavailable);
    for (const each of created.slice(0, 3)) assert.deepEqual(await client.found(each.id), each);
    assert.equal(await client.total(), created.length);
    assert.equal((await client.send({ path: '/readyz' })).status, 200);

    await postgres.call('emptyDisk');
    await until('writes to be taken', async () => {
      const answer = await client.create(body({ name: 'after' }));
      if (answer.status === 201) created.push(application(answer, 201));
      return answer.status === 201;
    });
    assert.equal(await client.total(), created.length);
    await server.stop();
    await postgres.call('close');
  });
});
