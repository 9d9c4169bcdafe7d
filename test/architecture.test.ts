/** Holds the source to the rules of the house, and each rule to a sample that breaks it. */

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  findCircles,
  findEnvironment,
  findExits,
  findHttpImports,
  findLongFiles,
  findLongFunctions,
  findNodeEnv,
  findUnnamedExports,
  findUnopened,
  findWrongFloors,
  findWrongNames,
  type Rule,
  type SourceFile,
} from './architecture-rules.ts';

const root = new URL('..', import.meta.url);

function readSource(): SourceFile[] {
  return globSync('src/**/*.ts', { cwd: fileURLToPath(root) }).map((name) => {
    const path = name.replaceAll('\\', '/');
    return { path, text: readFileSync(new URL(path, root), 'utf8') };
  });
}

const all = readSource();
const production = all.filter(({ path }) => !/\.test(-support)?\.ts$/.test(path));

/** One file of a sample. */
const file = (path: string, text: string): SourceFile => ({ path, text });

const lines = (count: number, line = '  look();\n') => line.repeat(count);

/** A rule, the files it is asked of, and samples with what each breaks. */
interface Case {
  readonly rule: Rule;
  readonly name: string;
  readonly files: readonly SourceFile[];
  readonly samples: readonly (readonly [readonly SourceFile[], readonly string[]])[];
}

const FLOORS_CASE: Case = {
  rule: findWrongFloors,
  name: 'imports only from floors beneath it and from its own room',
  files: production,
  samples: [
    [[file('src/config.ts', `import { SETTINGS } from './settings.ts';`)], []],
    [[file('src/logger.ts', `import { LogSink } from './log-sink.ts';`)], []],
    [[file('src/http/a.ts', `import { b } from './b.ts';\nimport { c } from '../domain/c.ts';`)], []],
    [
      [file('src/domain/a.ts', `import { b } from '../storage/b.ts';`)],
      ['src/domain/a.ts: imports src/storage/b.ts, which is not beneath it'],
    ],
    [
      [file('src/registry/a.ts', `import type { B } from '../context.ts';`)],
      ['src/registry/a.ts: imports src/context.ts, which is not beneath it'],
    ],
    [
      [file('src/registry/a.ts', `export const b = () => import('../delivery/b.ts');`)],
      ['src/registry/a.ts: imports src/delivery/b.ts, which is not beneath it'],
    ],
    [
      [file('src/config.ts', `import { x } from './errors.ts';`)],
      ['src/config.ts: imports src/errors.ts, which is not beneath it'],
    ],
    [
      [file('src/main.ts', `import '../test/a.ts';`)],
      ['src/main.ts: imports test/a.ts, which is not beneath it'],
    ],
    [[file('src/attic/a.ts', '')], ['src/attic/a.ts: is on no floor']],
  ],
};

const FUNCTIONS_CASE: Case = {
  rule: findLongFunctions,
  name: 'has no function of more than 40 lines that does not read as a table',
  // A test's `describe` is a list of tests.
  files: production,
  samples: [
    [[file('src/a.ts', `function a() {\n${lines(38)}}\n`)], []],
    [[file('src/a.ts', `function a(): void {\n${lines(39)}}\n`)], ['src/a.ts:1: a function of 41 lines']],
    [
      [file('src/a.ts', `interface B {}\nexport const a = () => {\n${lines(39)}};\n`)],
      ['src/a.ts:2: a function of 41 lines'],
    ],
    [
      [file('src/a.ts', `class A {\n  a(b: string) {\n${lines(50)}  }\n}\n`)],
      ['src/a.ts:2: a function of 52 lines'],
    ],
    [[file('src/a.ts', `const a = (b: number) => [\n${lines(50, '  b,\n')}];\n`)], []],
    [[file('src/a.ts', `function a(b) {\n  const c = b;\n  return {\n${lines(50, '  ...c,\n')}};\n}\n`)], []],
    [[file('src/a.ts', `function a(b) {\n  return f({\n${lines(50, '  ...b,\n')}});\n}\n`)], []],
    [
      [file('src/a.ts', `function a(b) {\n  look();\n  return {\n${lines(50, '  ...b,\n')}};\n}\n`)],
      ['src/a.ts:1: a function of 55 lines'],
    ],
  ],
};

const CIRCLES_CASE: Case = {
  rule: findCircles,
  name: 'leads back to itself by no import',
  files: production,
  samples: [
    [[file('src/a.ts', `import './b.ts';\nimport './c.ts';`), file('src/b.ts', `import './c.ts';`)], []],
    [
      [file('src/a.ts', `import type { B } from './b.ts';`), file('src/b.ts', `import { a } from './a.ts';`)],
      ['src/a.ts → src/b.ts → src/a.ts'],
    ],
    [
      [
        file('src/a.ts', `import './b.ts';`),
        file('src/b.ts', `import './c.ts';`),
        file('src/c.ts', `import './b.ts';`),
      ],
      ['src/b.ts → src/c.ts → src/b.ts'],
    ],
  ],
};

const PROCESS_CASES: readonly Case[] = [
  {
    rule: findEnvironment,
    name: 'reads the environment in src/config.ts alone',
    files: production,
    samples: [
      [[file('src/config.ts', 'export const a = process.env;')], []],
      [[file('src/a.ts', '// process.env\nexport const a = "process.env";')], []],
      [[file('src/http/a.ts', '\nexport const a = process.env.HOME;')], ['src/http/a.ts:2: process.env']],
      [[file('src/cli/a.ts', `const a = process['env'];`)], ['src/cli/a.ts:1: process.env']],
    ],
  },
  {
    rule: findExits,
    name: 'ends the process in src/cli/ alone',
    files: production,
    samples: [
      [[file('src/cli/a.ts', 'process.exit(1);'), file('src/main.ts', 'process.exitCode = 1;')], []],
      [[file('src/main.ts', 'process.exit(1);')], ['src/main.ts:1: process.exit']],
    ],
  },
  {
    rule: findNodeEnv,
    name: 'knows no NODE_ENV',
    files: production,
    samples: [
      [[file('src/config.ts', `env['NODE_ENV']`), file('src/a.ts', '')], ['src/config.ts: NODE_ENV']],
    ],
  },
];

const HTTP_CASE: Case = {
  rule: findHttpImports,
  name: 'takes node:http from src/http/node-http.ts',
  files: production,
  samples: [
    [[file('src/a.ts', `import type { Server } from 'node:http';\nimport { b } from './b.ts';`)], []],
    ...[
      `import { createServer } from 'node:http';`,
      `import http from 'http';`,
      `export { createServer } from 'node:http';`,
      `const { createServer } = await import('node:http');`,
    ].map((text): Case['samples'][number] => [[file('src/a.ts', text)], ['src/a.ts: imports node:http']]),
    [
      [file('src/a.ts', `import {\n  createServer,\n  type Server,\n} from 'node:http';`)],
      ['src/a.ts: imports node:http'],
    ],
  ],
};

const FILE_CASES: readonly Case[] = [
  {
    rule: findLongFiles,
    name: 'has 300 lines at the most',
    files: all,
    samples: [
      [[file('src/a.ts', lines(300))], []],
      [[file('src/a.ts', lines(301))], ['src/a.ts: has 301 lines']],
    ],
  },
  {
    rule: findWrongNames,
    name: 'is named by a noun of its own',
    files: all,
    samples: [
      [[file('src/a-b.test.ts', ''), file('src/storage/migrations/001-registry.ts', '')], []],
      [[file('src/http/utils.ts', '')], ['src/http/utils.ts: is no name for a file']],
      [[file('src/http/index.ts', '')], ['src/http/index.ts: is no name for a file']],
      [[file('src/types.test.ts', '')], ['src/types.test.ts: is no name for a file']],
      [[file('src/keyPool.ts', '')], ['src/keyPool.ts: is no name for a file']],
    ],
  },
  {
    rule: findUnopened,
    name: 'opens with a comment that says what it is',
    files: production,
    samples: [
      [[file('src/a.ts', '/** What it is. */\n'), file('src/b.ts', '/**\n * What it is.\n */\n')], []],
      [[file('src/a.ts', `import './b.ts';\n/** Late. */`)], ['src/a.ts: does not say what it is']],
      [[file('src/a.ts', '/** */\nconst a = 1;')], ['src/a.ts: does not say what it is']],
    ],
  },
  {
    rule: findUnnamedExports,
    name: 'exports by name',
    files: all,
    samples: [
      [[file('src/a.ts', `export const a = 1;\nexport type { B } from './b.ts';`)], []],
      [[file('src/a.ts', '\nexport default 1;')], ['src/a.ts:2: a default export']],
      [[file('src/a.ts', `export * from './b.ts';`)], ['src/a.ts:1: an export of everything']],
    ],
  },
];

const CASES = [FLOORS_CASE, CIRCLES_CASE, FUNCTIONS_CASE, HTTP_CASE, ...PROCESS_CASES, ...FILE_CASES];

describe('every file of src/', () => {
  it('is looked at', () => {
    assert.ok(production.length > 80);
    assert.ok(all.length > production.length);
  });

  for (const { rule, name, files } of CASES) it(name, () => assert.deepEqual(rule(files), []));
});

describe('the check that every file', () => {
  for (const { rule, name, samples } of CASES) {
    it(`${name} finds breaches, and only those`, () => {
      for (const [files, breaches] of samples) assert.deepEqual(rule(files), breaches, files[0]?.text);
    });
  }
});
