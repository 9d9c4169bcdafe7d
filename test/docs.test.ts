/** Holds the documents to what is there: links, scripts, settings, commands, the snippets of the README. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { createProgram } from '../src/cli/cli.ts';
import { DEV_ACCOUNT } from '../src/cli/dev-account.ts';
import { createAccount } from '../src/registry/accounts.ts';
import { SETTINGS, type Setting } from '../src/settings.ts';
import { startJackfield, TEST_MASTER_KEY } from './jackfield.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

const find = (...patterns: string[]): string[] =>
  globSync(patterns, {
    cwd: ROOT,
    exclude: ['**/node_modules', 'node_modules', 'dist', '.jackfield'],
  }).sort();
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const DOCUMENTS = find('*.md', 'docs/**/*.md', '{src,test,bench}/**/*.md');

/** Variables that are read elsewhere than by the table of settings, and where. */
const OTHER_VARIABLES: ReadonlyMap<string, string> = new Map([
  ['JACKFIELD_NEW_MASTER_KEY', 'src/config.ts'],
  ['JACKFIELD_URL', 'src/cli/client-environment.ts'],
  ['JACKFIELD_API_KEY', 'src/cli/client-environment.ts'],
  ['JACKFIELD_API_SECRET', 'src/cli/client-environment.ts'],
  ['JACKFIELD_SIGNATURE_SECRET', 'src/cli/client-environment.ts'],
  ['JACKFIELD_IMPORT_API_SECRET', 'src/config.ts'],
  ['JACKFIELD_TARGET_URL', 'test/wire/target.ts'],
  ['JACKFIELD_TARGET_KEY', 'test/wire/target.ts'],
  ['JACKFIELD_TARGET_SECRET', 'test/wire/target.ts'],
  ['JACKFIELD_REQUIRE_BROWSER', 'test/browser/chromium.ts'],
  ['JACKFIELD_REQUIRE_PGBOUNCER', 'test/pgbouncer.test.ts'],
  ['JACKFIELD_TEST_DATABASE', 'test/jackfield.ts'],
]);

/** Words that belong to the machine or the papers of whoever wrote something, not to the project. */
const FORBIDDEN = [/\/work\//, /\bshared\//, /\bdecisions\.md\b/, /\/tmp\/(?!['"`\s]|$)/, /\/root\//];

/** A document without its blocks of code, whose brackets are no links. */
function withoutCode(document: string): string {
  return document.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '');
}

/** Where the links of a document lead, but for those that leave the project. */
function findLinks(document: string): string[] {
  const targets = withoutCode(document).matchAll(/\]\(([^()\s]+)\)|^\[[^\]]+\]:\s+(\S+)/gm);
  return Array.from(targets, ([, inline, named]) => inline ?? named ?? '').filter(
    (target) => !/^[a-z][a-z+.-]*:/i.test(target),
  );
}

/** The anchors that the headings of a document make, as GitHub makes them. */
function findAnchors(document: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of document.replace(/^```.*?^```$/gms, '').matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = text.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
    let unique = anchor;
    for (let again = 1; anchors.has(unique); again += 1) unique = `${anchor}-${again}`;
    anchors.add(unique);
  }
  return anchors;
}

/** The links of a document that lead nowhere; `has` and `textOf` look at other documents. */
function findBrokenLinks(
  path: string,
  document: string,
  has: (path: string) => boolean,
  textOf: (path: string) => string,
): string[] {
  return findLinks(document).filter((link) => {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : join(dirname(path), file);
    if (file !== '' && !has(target)) return true;
    return anchor !== undefined && !findAnchors(file === '' ? document : textOf(target)).has(anchor);
  });
}

/** The lines of a document that are commands: those in blocks of code, and code within the text. */
function findCode(document: string): string[] {
  const blocks = Array.from(document.matchAll(/^```\w*\n(.*?)^```$/gms), ([, code = '']) => code);
  const spans = Array.from(
    document.replace(/^```.*?^```$/gms, '').matchAll(/`([^`\n]+)`/g),
    ([, code = '']) => code,
  );
  return [...blocks.flatMap((block) => block.replaceAll('\\\n', ' ').split('\n')), ...spans];
}

/** What is wrong with the words behind `jackfield` in a line of code. */
function findCommandFaults(line: string, program: Command): string[] {
  const [, given] = /(?:^|[\s(])(?:npm exec -- )?jackfield ((?:[^#|&;>]|\|(?=\w))*)/.exec(line) ?? [];
  if (given === undefined) return [];
  const faults: string[] = [];
  const flags = [...program.options.map(({ long }) => long), '--help'];
  let command = program;
  for (const word of given.trim().split(/\s+/)) {
    if (word.startsWith('--')) {
      const known = [...flags, ...command.options.map(({ long }) => long)];
      if (!known.includes(word.replace(/[=,.].*$/, ''))) faults.push(`${word} is no flag: ${line}`);
    } else if (command.commands.length > 0 && /^[a-z]/.test(word)) {
      const names = word.split('|');
      const next = names.map((name) => command.commands.find((one) => one.name() === name));
      if (next.includes(undefined)) return [...faults, `${word} is no command: ${line}`];
      command = next[0] ?? command;
    }
  }
  return faults;
}

describe('the documents', () => {
  for (const path of DOCUMENTS) {
    it(`${path} has no link that leads nowhere`, () => {
      const has = (target: string) => existsSync(join(ROOT, target));
      assert.deepEqual(findBrokenLinks(path, read(path), has, read), []);
    });
  }

  it('name scripts that are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...DOCUMENTS, '.ci/run'].flatMap((path) =>
      Array.from(
        read(path).matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g),
        ([, run, short]) => run ?? short,
      ),
    );
    assert.ok(named.includes('check') && named.includes('start'));
    assert.deepEqual(
      named.filter((name) => name !== undefined && !Object.hasOwn(scripts, name)),
      [],
    );
  });

  it('name settings that are there', () => {
    const known = new Set(
      Object.values<Setting>(SETTINGS).flatMap(({ name, secret, sensitive }) =>
        secret || sensitive ? [name, `${name}_FILE`] : [name],
      ),
    );
    for (const [name, file] of OTHER_VARIABLES) {
      assert.ok(read(file).includes(`'${name}`) || read(file).includes(`\`${name}`), `${name} in ${file}`);
      known.add(name);
      if (file.startsWith('src/')) known.add(`${name}_FILE`);
    }
    const unknown = [...DOCUMENTS, ...find('.env.example')].flatMap((path) =>
      Array.from(read(path).matchAll(/\bJACKFIELD_[A-Z0-9_]*[A-Z0-9]\b(?!…)/g), ([name]) => name)
        .filter((name) => !known.has(name))
        .map((name) => `${name} in ${path}`),
    );
    assert.deepEqual(unknown, []);
  });

  it('name commands and flags that are there', async () => {
    const program = await createProgram(() => true);
    const faults = DOCUMENTS.flatMap((path) =>
      findCode(read(path)).flatMap((line) => findCommandFaults(line, program)),
    );
    assert.deepEqual(faults, []);
  });

  it('name nothing of the machine they were written on, and neither do the sources', () => {
    const files = [
      ...DOCUMENTS,
      ...find('{src,test,bench,bin,scripts}/**/*.{ts,js}', '*.json', '.env.example', '.ci/run'),
    ];
    const found = files.flatMap((path) =>
      FORBIDDEN.filter((word) => word.test(read(path))).map((word) => `${word} in ${path}`),
    );
    assert.deepEqual(found, []);
  });
});

describe('the check of documents', () => {
  const other = '# Title\n\n## One `code` and, *two*\n\n## Same\n\n## Same\n';
  const broken = (document: string) =>
    findBrokenLinks(
      'docs/here.md',
      document,
      (path) => path === 'docs/other.md',
      () => other,
    );

  it('takes links to files and to headings', () => {
    const links = 'see [a](other.md), [b](other.md#same-1), [c](#here), [d](https://example.com/x)';
    assert.deepEqual(broken(`# Here\n${links}\n[e](other.md#one-code-and-two)\n`), []);
    assert.deepEqual(broken('```\n[a](gone.md)\n```\nand `[a](gone.md)`'), []);
  });

  it('finds links to files and headings that are not there', () => {
    assert.deepEqual(broken('[a](gone.md) [b](other.md#gone) [c](#gone)\n\n[d]: ../gone.md'), [
      'gone.md',
      'other.md#gone',
      '#gone',
      '../gone.md',
    ]);
  });

  it('finds commands and flags that are not there', async () => {
    const program = await createProgram(() => true);
    const faults = (line: string) => findCommandFaults(line, program).length;
    assert.equal(faults('npm exec -- jackfield account create --name "Our team" # text'), 0);
    assert.equal(faults('jackfield secret create|list|revoke KEY'), 0);
    assert.equal(faults('jackfield acount create'), 1);
    assert.equal(faults('jackfield account make'), 1);
    assert.equal(faults('jackfield serve --prot 1 --host x --loud'), 2);
  });
});

describe('the README', () => {
  const readme = read('README.md');

  it('tells the credentials and the address of jackfield dev', () => {
    const { apiKey, apiSecret, signatureSecret } = DEV_ACCOUNT;
    const url = `http://${SETTINGS.host.fallback}:${SETTINGS.port.fallback}`;
    const curl = `curl -u ${apiKey}:${apiSecret} ${url}/v2/applications`;
    for (const text of [
      curl,
      `apiKey: '${apiKey}', apiSecret: '${apiSecret}'`,
      `apiHost: '${url}'`,
      signatureSecret,
    ])
      assert.ok(readme.includes(text), text);
  });

  it('has its two commands before anything else of length', () => {
    const first = readme.slice(0, readme.indexOf('\n## '));
    for (const command of ['npm ci && npm start', 'npm ci && npm test'])
      assert.ok(first.includes(command), command);
  });

  it('has a snippet that works as it stands, as has the document of clients', async () => {
    await using server = await startJackfield();
    const { apiKey, apiSecret } = DEV_ACCOUNT;
    await createAccount(server.context, Buffer.from(TEST_MASTER_KEY, 'hex'), { apiKey, apiSecret });
    for (const path of ['README.md', 'docs/clients.md']) {
      const [, snippet = ''] = /^```js\n(import \{ Vonage \}.*?)^```$/ms.exec(read(path)) ?? [];
      const program = snippet.replace('http://127.0.0.1:4020', server.url);
      assert.notEqual(program, snippet, path);
      const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
        cwd: ROOT,
      });
      assert.match((await run).stdout, /^[0-9a-f-]{36} -----BEGIN PRIVATE KEY-----\n/, path);
    }
  });
});
