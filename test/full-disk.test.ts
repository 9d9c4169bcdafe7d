/** A server whose disk is full: it says so, keeps answering reads, and goes on when there is room again. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { openChild } from './child.ts';
import { openFolder } from './folder.ts';
import type { TestAccount } from './jackfield.ts';
import { application, createClient } from './wire/client.ts';
import { problem, problems } from './wire/problem.ts';
import { body } from './wire/sample.ts';

/** A disk of so many bytes that only the command behind it sees; it is gone with its process. */
const smallDisk = (folder: string, bytes: number) => [
  'unshare',
  '--map-root-user',
  '--mount',
  'sh',
  '-c',
  `mount -t tmpfs -o size=${bytes} tmpfs "$0" && exec "$@"`,
  folder,
];

const isPossible = spawnSync('unshare', ['--map-root-user', '--mount', 'true']).status === 0;

describe('a server whose disk is full', () => {
  it('W49 answers writes 503 and reads as ever, and takes writes again when there is room', {
    skip: isPossible ? false : 'only a Linux that lets this user mount can give a disk of a few bytes',
  }, async () => {
    await using folder = await openFolder();
    await using child = await openChild('server', { prefix: smallDisk(folder.path, 3_000_000) });
    const url = await child.call<string>('open', {
      JACKFIELD_DATABASE_URL: `sqlite:${folder.file('test.db')}`,
    });
    const account = await child.call<TestAccount>('createAccount', 'aaaa1111');
    const client = createClient(url, account);
    const before = await client.given(body());
    await child.call('fillDisk');

    // Until the room that is there already is used up, they may succeed.
    const created = [before];
    const refusals = [];
    for (let attempt = 0; attempt < 3000 && refusals.length < 5; attempt += 1) {
      const answer = await client.create(body({ name: `attempt ${attempt}` }));
      if (answer.status === 201) created.push(application(answer, 201));
      else refusals.push(answer);
    }
    assert.equal(refusals.length, 5);
    for (const refusal of refusals) problem(refusal, problems.unavailable);
    assert.equal((await client.update(before.id, body({ name: 'changed' }))).status, 503);
    assert.equal((await client.remove(before.id)).status, 503);
    assert.deepEqual(await client.found(before.id), before);
    assert.equal(await client.total(), created.length);
    assert.equal((await client.send({ path: '/readyz' })).status, 200);

    await child.call('emptyDisk');
    created.push(await client.given(body({ name: 'after' })));
    assert.equal(await client.total(), created.length);
    for (const { id } of created) await client.found(id);
    await child.call('close');
  });
});
