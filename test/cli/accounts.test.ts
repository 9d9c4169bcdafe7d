/** The commands of accounts and secrets: what they print, what they do, and what they refuse. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { type Folder, openFolder } from '../folder.ts';
import { type CommandOptions, run, runFailing, runJson } from './command.ts';

const MASTER_KEY = '0f'.repeat(32);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

interface Made {
  readonly api_key: string;
  readonly api_secret: string;
  readonly signature_secret: string;
}

interface Listed {
  readonly id: string;
  readonly created_at: string;
  readonly signature_secret?: string;
}

interface Shown {
  readonly api_key: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly applications: number;
  readonly created_at: string;
}

interface Place extends AsyncDisposable {
  readonly folder: Folder;
  readonly options: CommandOptions;
}

/** A folder in which commands know a master key. */
async function openPlace(): Promise<Place> {
  const folder = await openFolder();
  const options = { cwd: folder.path, env: { JACKFIELD_MASTER_KEY: MASTER_KEY } };
  return { folder, options, [Symbol.asyncDispose]: folder[Symbol.asyncDispose] };
}

describe('jackfield account', () => {
  it('creates an account whose credentials a script can go on with', async () => {
    await using place = await openPlace();
    const { stdout, stderr, code } = await run(['account', 'create', '--json'], place.options);
    assert.deepEqual([code, stderr, stdout.trimEnd().includes('\n')], [0, '', false]);
    const made = JSON.parse(stdout) as Made;
    assert.deepEqual(Object.keys(made), ['api_key', 'api_secret', 'signature_secret']);
    assert.match(made.api_key, /^[0-9a-f]{8}$/);
    assert.ok(Buffer.byteLength(made.signature_secret) >= 32);
  });

  it('tells people to keep the secrets', async () => {
    await using place = await openPlace();
    const { stdout } = await run(['account', 'create', '--key', 'abc12345'], place.options);
    assert.match(stdout, /Keep its secrets now/);
    assert.match(stdout, /^ {2}API key +abc12345$/m);
  });

  it('takes secrets from a file and from stdin, and never from the command line', async () => {
    await using place = await openPlace();
    writeFileSync(place.folder.file('secret'), 'FromAFile123\n');
    const words = [
      'account',
      'create',
      '--key',
      'abc12345',
      '--secret-file',
      'secret',
      '--signature-secret-file',
      '-',
    ];
    const stdin = `${'s'.repeat(32)}\n`;
    const made = await runJson<Made>(words, { ...place.options, stdin });
    assert.deepEqual(made, {
      api_key: 'abc12345',
      api_secret: 'FromAFile123',
      signature_secret: 's'.repeat(32),
    });
    const twice = await runFailing(
      ['account', 'create', '--secret-file', '-', '--signature-secret-file', '-'],
      place.options,
    );
    assert.equal(twice.exit, 2);
  });

  it('lists, shows, disables and enables', async () => {
    await using place = await openPlace();
    const { options } = place;
    await runJson(['account', 'create', '--key', 'aaaaaaa1', '--name', 'One'], options);
    await runJson(['account', 'create', '--key', 'aaaaaaa2'], options);
    const listed = await runJson<Shown[]>(['account', 'list'], options);
    assert.deepEqual(
      listed.map(({ api_key, name, enabled, applications }) => [api_key, name, enabled, applications]),
      [
        ['aaaaaaa1', 'One', true, 0],
        ['aaaaaaa2', '', true, 0],
      ],
    );
    const disabled = await runJson(['account', 'disable', 'aaaaaaa1'], options);
    assert.deepEqual(disabled, { api_key: 'aaaaaaa1', enabled: false });
    assert.equal((await runJson<Shown>(['account', 'show', 'aaaaaaa1'], options)).enabled, false);
    await runJson(['account', 'enable', 'aaaaaaa1'], options);
    const shown = await run(['account', 'show', 'aaaaaaa1'], options);
    assert.match(shown.stdout, /^ {2}State +enabled$/m);
    const table = (await run(['account', 'list'], options)).stdout.split('\n');
    assert.match(table[0] ?? '', /^API KEY +STATE +APPLICATIONS +CREATED +NAME$/);
    assert.match(table[1] ?? '', /^aaaaaaa1 +enabled +0 +\S+Z +One$/);
  });

  it('deletes only when it is told that this is meant', async () => {
    await using place = await openPlace();
    const { options } = place;
    await runJson(['account', 'create', '--key', 'aaaaaaa1'], options);
    const asked = await runFailing(['account', 'delete', 'aaaaaaa1'], options);
    assert.deepEqual([asked.exit, asked.code], [2, 'confirmation_needed']);
    assert.match(asked.fix, /--yes/);
    assert.equal((await runJson<Shown[]>(['account', 'list'], options)).length, 1);
    await runJson(['account', 'delete', 'aaaaaaa1', '--yes'], options);
    assert.deepEqual(await runJson(['account', 'list'], options), []);
    const gone = await runFailing(['account', 'show', 'aaaaaaa1'], options);
    assert.deepEqual([gone.exit, gone.code], [4, 'account_not_found']);
  });

  it('says what is wrong with what it is given, and what to do', async () => {
    await using place = await openPlace();
    const { options, folder } = place;
    await runJson(['account', 'create', '--key', 'aaaaaaa1'], options);
    writeFileSync(folder.file('weak'), 'canaryweak');
    writeFileSync(folder.file('long'), 'canary'.repeat(100));
    const cases: [string[], number, string, RegExp][] = [
      [['account', 'create', '--key', 'aaaaaaa1'], 5, 'account_exists', /Choose another/],
      [['account', 'create', '--key', 'ABCD1234'], 2, 'account_invalid', /8 characters/],
      [['account', 'create', '--secret-file', 'weak'], 2, 'secret_invalid', /upper-case/],
      [
        ['account', 'create', '--signature-secret-file', 'long'],
        2,
        'secret_invalid',
        /at most 512 characters/,
      ],
      [['account', 'create', '--database', 'sqlite:weak/y.db'], 6, 'storage_unusable', /stands in its place/],
      [['account', 'create', '--secret-file', 'none'], 3, 'file_unusable', /rights/],
      [['account', 'show', 'ffffffff'], 4, 'account_not_found', /account list/],
      [['account', 'list', '--database', 'sqlite:./none.db'], 6, 'database_missing', /--database/],
      [['account', 'list', '--database', 'mysql://x'], 3, 'setting_unusable', /SQLite/],
    ];
    for (const [words, exit, code, fix] of cases) {
      const error = await runFailing(words, options);
      assert.deepEqual([error.exit, error.code], [exit, code], words.join(' '));
      assert.match(error.fix, fix);
      assert.ok(!JSON.stringify(error).includes('canary'));
    }
    assert.ok(!existsSync(folder.file('none.db')), 'nothing is made by looking');
    const keyless = await runFailing(['account', 'create'], { cwd: folder.path });
    assert.deepEqual([keyless.exit, keyless.code], [3, 'setting_unusable']);
  });
});

describe('jackfield secret', () => {
  it('lets two secrets stand side by side, and no third', async () => {
    await using place = await openPlace();
    const { options } = place;
    await runJson(['account', 'create', '--key', 'aaaaaaa1'], options);
    const added = await runJson<{ id: string; api_secret: string }>(
      ['secret', 'create', 'aaaaaaa1'],
      options,
    );
    assert.match(added.id, UUID);
    const third = await runFailing(['secret', 'create', 'aaaaaaa1'], options);
    assert.deepEqual([third.exit, third.code], [5, 'too_many_secrets']);
    const listed = await runJson<Listed[]>(['secret', 'list', 'aaaaaaa1'], options);
    assert.deepEqual([listed.length, listed[1]?.id], [2, added.id]);
    assert.ok(!JSON.stringify(listed).includes(added.api_secret));
    const revoked = await runJson(['secret', 'revoke', 'aaaaaaa1', listed[0]?.id ?? ''], options);
    assert.deepEqual(revoked, { id: listed[0]?.id, revoked: true });
    const again = await runFailing(['secret', 'revoke', 'aaaaaaa1', listed[0]?.id ?? ''], options);
    assert.deepEqual([again.exit, again.code], [4, 'secret_not_found']);
    assert.deepEqual(
      (await runJson<Listed[]>(['secret', 'list', 'aaaaaaa1'], options)).map(({ id }) => id),
      [added.id],
    );
  });
});

describe('jackfield signature-secret', () => {
  it('rotates with an overlap and never takes the last one', async () => {
    await using place = await openPlace();
    const { options } = place;
    const { signature_secret: first } = await runJson<Made>(
      ['account', 'create', '--key', 'aaaaaaa1'],
      options,
    );
    const { id, signature_secret: second } = await runJson<Required<Listed>>(
      ['signature-secret', 'rotate', 'aaaaaaa1'],
      options,
    );
    const revealed = await runJson<Listed[]>(['signature-secret', 'list', 'aaaaaaa1', '--reveal'], options);
    assert.deepEqual(
      revealed.map(({ signature_secret }) => signature_secret),
      [first, second],
    );
    const listed = await run(['signature-secret', 'list', 'aaaaaaa1'], options);
    assert.ok(!listed.stdout.includes(first) && !listed.stdout.includes(second));
    assert.equal((await runFailing(['signature-secret', 'rotate', 'aaaaaaa1'], options)).exit, 5);
    await runJson(['signature-secret', 'revoke', 'aaaaaaa1', revealed[0]?.id ?? ''], options);
    const last = await runFailing(['signature-secret', 'revoke', 'aaaaaaa1', id], options);
    assert.deepEqual([last.exit, last.code], [5, 'secret_last']);
  });

  it('keeps them encrypted, under this master key and no other', async () => {
    await using place = await openPlace();
    const { options, folder } = place;
    const { signature_secret } = await runJson<Made>(['account', 'create', '--key', 'aaaaaaa1'], options);
    assert.ok(!readFileSync(folder.file('jackfield.db')).includes(signature_secret));
    const other = { ...options, env: { JACKFIELD_MASTER_KEY: 'ab'.repeat(32) } };
    const error = await runFailing(['signature-secret', 'list', 'aaaaaaa1', '--reveal'], other);
    assert.deepEqual([error.exit, error.code], [7, 'master_key_wrong']);
  });
});
