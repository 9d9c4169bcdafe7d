/** The command line itself: help, version, mistakes, and a Node that is too old. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { EXIT_CODES } from '../../src/cli/errors.ts';
import { createJackfieldDocument } from '../../src/contract/openapi-jackfield.ts';
import { openFolder } from '../folder.ts';
import { ENVIRONMENT, PROGRAM, run, runFailing, runJson } from './command.ts';

const options = { cwd: tmpdir() };

/** Only Windows has it. */
const SIGBREAK = 21;

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

describe('jackfield', () => {
  it('tells its version', async () => {
    assert.equal((await run(['--version'], options)).stdout, `${version}\n`);
  });

  it('helps, with every command and exit code', async () => {
    const { code, stdout, stderr } = await run(['--help'], options);
    assert.deepEqual([code, stderr], [0, '']);
    for (const name of ['dev', 'serve', 'account', 'secret', 'signature-secret', 'master-key', 'openapi']) {
      assert.match(stdout, new RegExp(`^  ${name} `, 'm'));
    }
    for (const [exit, meaning] of Object.entries(EXIT_CODES))
      assert.ok(stdout.includes(`${exit}  ${meaning}`));
  });

  it('has an exit code for a second signal of each kind', () => {
    const { SIGHUP, SIGINT, SIGTERM } = constants.signals;
    const ends = [SIGHUP, SIGINT, SIGTERM, SIGBREAK].map((signal) => `${128 + signal}`);
    assert.deepEqual(
      Object.keys(EXIT_CODES).filter((code) => Number(code) > 128),
      ends.sort(),
    );
  });

  it('helps with one command, and says how its settings are called in the environment', async () => {
    const { code, stdout } = await run(['serve', '--help'], options);
    assert.equal(code, 0);
    assert.match(stdout, /--rate-limit <n>/);
    assert.match(stdout.replace(/\s+/g, ' '), /\[JACKFIELD_MASTER_KEY, JACKFIELD_MASTER_KEY_FILE\]/);
    assert.doesNotMatch(stdout, /--ephemeral/);
  });

  it('exits with 2 for what it does not understand, and says where to look', async () => {
    const cases = [
      [['acount'], 'jackfield --help'],
      [['account', 'make'], 'jackfield account --help'],
      [['account', 'show'], 'jackfield account show --help'],
      [['dev', '--prot', '1'], 'jackfield dev --help'],
      [['account'], 'jackfield account --help'],
      [[], 'jackfield --help'],
    ] as const;
    for (const [words, help] of cases) {
      const error = await runFailing(words, options);
      assert.deepEqual([error.exit, error.code], [2, 'usage'], words.join(' '));
      assert.ok(error.fix.includes(help), error.fix);
    }
    const { code, stdout, stderr } = await run(['acount'], options);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(
      stderr,
      /^jackfield: The command line cannot be understood \[usage\]\n.*account.*\n.*--help/,
    );
  });

  it('shows its help on stderr when no command is given', async () => {
    const { code, stdout, stderr } = await run([], options);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^Usage: jackfield/);
  });

  it('does not mind a reader that has seen enough', async () => {
    const child = spawn(process.execPath, [PROGRAM, 'openapi'], {
      env: ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    const [[code], stderr] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
    assert.deepEqual([code, stderr], [0, '']);
  });

  it('keeps compiled code in a folder of its user, and none where it can make no folder', async () => {
    await using home = await openFolder();
    await using scratch = await openFolder();
    const places = { TMPDIR: scratch.path, TEMP: scratch.path, NODE_COMPILE_CACHE: '' };
    const homes = (path: string) => ({ HOME: path, XDG_CACHE_HOME: path, LOCALAPPDATA: path });
    const runIn = (path: string) => run(['--version'], { ...options, env: { ...places, ...homes(path) } });
    const missing = home.file('a file');
    writeFileSync(missing, '');
    assert.equal((await runIn(missing)).code, 0);
    assert.equal((await runIn(home.path)).code, 0);
    const made = readdirSync(home.path).find((name) => name !== 'a file') ?? '';
    assert.notEqual(readdirSync(home.file(made)).length, 0);
    if (process.platform !== 'win32') assert.equal(statSync(home.file(made)).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(scratch.path), []);
  });

  it('tells an older Node which one is needed', async () => {
    const older = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { node: '24.15.9' } })`;
    const { code, stderr } = await run(['--version'], { ...options, node: ['--import', older] });
    assert.equal(code, 1);
    assert.match(stderr, /needs Node\.js 24\.16 or later, and this is 24\.15\.9/);
    assert.match(stderr, /npm exec -- jackfield/);
  });
});

describe('jackfield openapi', () => {
  it('prints the document as JSON and as YAML', async () => {
    const document = await runJson<{ openapi: string; info: { version: string } }>(['openapi'], options);
    assert.match(document.openapi, /^3\.1\./);
    assert.equal(document.info.version, version);
    const { stdout } = await run(['openapi', '--yaml'], options);
    assert.deepEqual(parse(stdout), document);
  });

  it('says where the server is when it is told', async () => {
    const words = ['openapi', '--server-url', 'https://api.example.com'];
    const { servers } = await runJson<{ servers: { url: string }[] }>(words, options);
    assert.deepEqual(
      servers.map(({ url }) => url),
      ['https://api.example.com'],
    );
  });

  it("prints the document of Jackfield's own API, as the server answers it", async () => {
    const document = await runJson<object>(['openapi', '--own'], options);
    assert.deepEqual(document, JSON.parse(JSON.stringify(createJackfieldDocument({ version }))));
    const words = ['openapi', '--own', '--yaml', '--server-url', 'https://api.example.com'];
    const { servers } = parse((await run(words, options)).stdout) as { servers: { url: string }[] };
    assert.deepEqual(
      servers.map(({ url }) => url),
      ['https://api.example.com'],
    );
  });
});
