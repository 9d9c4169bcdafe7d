/** Commands whose output goes nowhere: what is shown only once is not lost without a word. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { openFolder } from '../folder.ts';
import { type CommandOptions, runInto, runJson } from './command.ts';

const KEY = '0f'.repeat(32);

/** A folder with one account. */
async function openPlace() {
  const folder = await openFolder();
  const options: CommandOptions = { cwd: folder.path, env: { JACKFIELD_MASTER_KEY: KEY } };
  await runJson(['account', 'create', '--key', 'aaaaaaa1'], options);
  return { options, [Symbol.asyncDispose]: folder[Symbol.asyncDispose] };
}

const listed = (options: CommandOptions, ...words: string[]) => runJson<{ id: string }[]>(words, options);

describe('a command whose output nobody reads', () => {
  it('does not put a master key into use that nobody saw', async () => {
    await using place = await openPlace();
    const { code, error } = await runInto('closed', ['master-key', 'rotate'], place.options);
    assert.deepEqual([code, error.code], [9, 'output_unusable']);
    assert.match(error.message, /nothing was done \(EPIPE\)/);
    assert.match(error.fix, /--new-key-file/);
    const reveal = ['signature-secret', 'list', 'aaaaaaa1', '--reveal'];
    assert.equal((await listed(place.options, ...reveal)).length, 1, 'the old key opens it');
  });

  it('says what it made and how to undo it', async () => {
    await using place = await openPlace();
    const { options } = place;
    const account = await runInto('closed', ['account', 'create', '--key', 'aaaaaaa2'], options);
    assert.equal(account.code, 9);
    assert.match(account.error.message, /Account aaaaaaa2 is made/);
    assert.match(account.error.fix, /jackfield account delete aaaaaaa2/);
    for (const command of ['secret', 'signature-secret']) {
      const make = [command, command === 'secret' ? 'create' : 'rotate', 'aaaaaaa1'];
      const { code, error } = await runInto('closed', make, options);
      const [, made] = await listed(options, command, 'list', 'aaaaaaa1');
      assert.equal(code, 9);
      assert.ok(error.message.includes(`${made?.id} of account aaaaaaa1 is made`), error.message);
      assert.ok(error.fix.includes(`jackfield ${command} revoke aaaaaaa1 ${made?.id}`), error.fix);
    }
  });
});

describe('a command whose output is a full disk', () => {
  it('says so, without a stack', { skip: !existsSync('/dev/full') }, async () => {
    await using place = await openPlace();
    for (const words of [
      ['openapi'],
      ['openapi', '--yaml'],
      ['account', 'list'],
      ['--help'],
      ['--version'],
    ]) {
      const { code, error } = await runInto('/dev/full', words, place.options);
      assert.deepEqual([code, error.code], [9, 'output_unusable'], words.join(' '));
      assert.match(error.message, /ENOSPC/);
    }
    const { error } = await runInto('/dev/full', ['master-key', 'rotate'], place.options);
    assert.match(error.message, /nothing was done \(ENOSPC\)/);
  });
});
