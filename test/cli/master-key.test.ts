/** `jackfield master-key rotate`: everything under the new key, and wherever it is cut short a key is left that fits. */

import assert from 'node:assert/strict';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { openFolder } from '../folder.ts';
import { type CommandOptions, run, runFailing, runJson } from './command.ts';

const OLD = '0f'.repeat(32);
const NEW = 'ab'.repeat(32);

const reveal = (options: CommandOptions, ...flags: string[]) =>
  runJson<{ signature_secret: string }[]>(
    ['signature-secret', 'list', 'aaaaaaa1', '--reveal', ...flags],
    options,
  ).then((secrets) => secrets.map(({ signature_secret }) => signature_secret));

describe('jackfield master-key rotate', () => {
  it('encrypts under the key that is given, and the old one opens nothing any more', async () => {
    await using folder = await openFolder();
    const old = { cwd: folder.path, env: { JACKFIELD_MASTER_KEY: OLD } };
    await runJson(['account', 'create', '--key', 'aaaaaaa1'], old);
    const secrets = await reveal(old);
    writeFileSync(folder.file('new.key'), `${NEW}\n`);
    const outcome = await runJson(['master-key', 'rotate', '--new-key-file', 'new.key'], old);
    assert.deepEqual(outcome, { secrets: 1 });
    assert.deepEqual(await reveal({ ...old, env: { JACKFIELD_MASTER_KEY: NEW } }), secrets);
    const error = await runFailing(['signature-secret', 'list', 'aaaaaaa1', '--reveal'], old);
    assert.equal(error.exit, 7);
    assert.equal((await runFailing(['master-key', 'rotate', '--new-key-file', 'new.key'], old)).exit, 7);
  });

  it('makes a key when none is given, and shows it', async () => {
    await using folder = await openFolder();
    const old = { cwd: folder.path, env: { JACKFIELD_MASTER_KEY: OLD } };
    await runJson(['account', 'create', '--key', 'aaaaaaa1'], old);
    const secrets = await reveal(old);
    const { master_key } = await runJson<{ master_key: string }>(['master-key', 'rotate'], old);
    assert.match(master_key, /^[0-9a-f]{64}$/);
    assert.deepEqual(await reveal({ ...old, env: { JACKFIELD_MASTER_KEY: master_key } }), secrets);
  });

  it('refuses a key that is none, and shows nothing of it', async () => {
    await using folder = await openFolder();
    const env = { JACKFIELD_MASTER_KEY: OLD };
    await runJson(['account', 'create', '--key', 'aaaaaaa1'], { cwd: folder.path, env });
    const given = { ...env, JACKFIELD_NEW_MASTER_KEY: 'canary-of-a-key' };
    const { code, stderr } = await run(['master-key', 'rotate'], { cwd: folder.path, env: given });
    assert.equal(code, 3);
    assert.match(stderr, /JACKFIELD_NEW_MASTER_KEY/);
    assert.ok(!stderr.includes('canary'));
  });

  it('replaces the file of jackfield dev', async () => {
    await using folder = await openFolder();
    const options = { cwd: folder.path };
    const keyFile = folder.file('.jackfield/master.key');
    await runJson(['account', 'create', '--key', 'aaaaaaa1', '--dev'], options);
    const secrets = await reveal(options, '--dev');
    const before = readFileSync(keyFile, 'utf8');
    const outcome = await runJson<{ secrets: number }>(['master-key', 'rotate', '--dev'], options);
    assert.equal(outcome.secrets, 1);
    assert.notEqual(readFileSync(keyFile, 'utf8'), before);
    if (process.platform !== 'win32') assert.equal(statSync(keyFile).mode & 0o777, 0o600);
    assert.deepEqual(await reveal(options, '--dev'), secrets);
  });

  it('goes on with the new key when it was cut short between database and file', async () => {
    await using folder = await openFolder();
    const options = { cwd: folder.path };
    const keyFile = folder.file('.jackfield/master.key');
    await runJson(['account', 'create', '--key', 'aaaaaaa1', '--dev'], options);
    const secrets = await reveal(options, '--dev');
    const before = readFileSync(keyFile);
    await runJson(['master-key', 'rotate', '--dev'], options);
    // As it stands on the disk when the process ends right after the commit.
    renameSync(keyFile, `${keyFile}.next`);
    writeFileSync(keyFile, before, { mode: 0o600 });
    assert.deepEqual(await reveal(options, '--dev'), secrets);
    assert.notDeepEqual(readFileSync(keyFile), before);
  });

  it('does not run twice at a time', async () => {
    await using folder = await openFolder();
    const options = { cwd: folder.path };
    await runJson(['account', 'create', '--key', 'aaaaaaa1', '--dev'], options);
    writeFileSync(folder.file('.jackfield/master.key.next'), `${NEW}\n`);
    const error = await runFailing(['master-key', 'rotate', '--dev'], options);
    assert.deepEqual([error.exit, error.code], [5, 'rotation_under_way']);
    assert.match(error.fix, /master\.key\.next/);
  });
});
