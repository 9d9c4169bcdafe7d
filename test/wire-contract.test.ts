/** Holds the rows of `docs/wire-contract.md` and `docs/webhooks.md` together with the tests that prove them and the words the server answers. */

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { type ErrorCode, JackfieldError } from '../src/errors.ts';
import { PROBLEMS, type Problem, presentError, rateLimited, wrongVerb } from '../src/http/problem.ts';

const ROOT = new URL('../', import.meta.url);

/** The groups of rows, by their first and last number. */
const GROUPS = [
  [1, 24],
  [30, 37],
  [40, 49],
  [50, 63],
] as const;

const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

const readAll = (...patterns: string[]): string[] => globSync(patterns, { cwd: ROOT }).map(read);

/** The letter that the ids of a document begin with: `W` of the wire contract, `D` of deliveries. */
type Letter = 'W' | 'D';

const idOf = (number: number): string => `W${String(number).padStart(2, '0')}`;

/** The ids of the rows of a document's tables, in its order. */
function findRows(document: string, letter: Letter = 'W'): string[] {
  return Array.from(document.matchAll(new RegExp(`^\\| (${letter}\\d\\d) +\\|`, 'gm')), ([, id = '']) => id);
}

/** The ids that a text names anywhere. */
function findNamed(text: string, letter: Letter): string[] {
  return Array.from(text.matchAll(new RegExp(`\\b${letter}\\d\\d\\b`, 'g')), ([id]) => id);
}

/**
 * The ids that test names of a file begin with.
 *
 * Where a file makes names out of a table (`it(name, …)` or a template that begins with an expression), the first
 * text of a row is a name, too.
 */
function findTested(source: string, letter: Letter): string[] {
  const isTable = /(?<![.\w])(?:it|test)\(\s*(?:`\$\{|[a-z])/.test(source);
  const before = isTable ? '(?:\\b(?:it|test)\\(|\\[)' : '\\b(?:it|test)\\(';
  const name = new RegExp(`${before}\\s*['"\`](${letter}\\d\\d)\\b`, 'g');
  return Array.from(source.matchAll(name), ([, id = '']) => id);
}

/** What is wrong between a document, the files of tests, and other texts that name rows. */
function findFaults(
  document: string,
  tests: readonly string[],
  others: readonly string[],
  letter: Letter = 'W',
): string[] {
  const rows = findRows(document, letter);
  const known = new Set(rows);
  const tested = new Set(tests.flatMap((text) => findTested(text, letter)));
  const named = new Set([document, ...tests, ...others].flatMap((text) => findNamed(text, letter)));
  return [
    ...rows.filter((id, at) => rows.indexOf(id) !== at).map((id) => `${id} stands in the document twice`),
    ...rows.filter((id) => !tested.has(id)).map((id) => `no test name begins with ${id}`),
    ...[...named].filter((id) => !known.has(id)).map((id) => `${id} is named, but is no row`),
  ];
}

const contract = read('docs/wire-contract.md');
const tests = readAll('{src,test,bench}/**/*.test.ts', 'test/storage-contract/*.ts');

describe('the rows of the wire contract', () => {
  it('are all there, in their order', () => {
    const ids = GROUPS.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, at) => idOf(first + at)),
    );
    assert.deepEqual(findRows(contract), ids);
    assert.ok(read('README.md').includes(`${ids.length} numbered rows`));
  });

  it('are each proven by a test that is named after them, and no others are named anywhere', () => {
    const others = readAll('{src,test,bench}/**/*.ts', 'docs/**/*.md', '*.md');
    assert.deepEqual(findFaults(contract, tests, others), []);
  });
});

describe('the rows of the webhooks', () => {
  const webhooks = read('docs/webhooks.md');

  it('stand in their order', () => {
    const rows = findRows(webhooks, 'D');
    assert.ok(rows.length > 0);
    assert.deepEqual(rows, rows.toSorted());
  });

  it('are each proven by a test that is named after them, and no others are named anywhere', () => {
    const others = readAll('{src,test,bench}/**/*.ts', 'docs/**/*.md', '*.md');
    assert.deepEqual(findFaults(webhooks, tests, others, 'D'), []);
  });
});

describe('the check of the rows', () => {
  const [first, second, third] = [idOf(1), idOf(2), idOf(99)];
  const document = `| id | what |\n|---|---|\n| ${first} | one |\n| ${second} | two |\n`;
  const file = (name: string) => `it(${name}, () => {});`;

  it('finds nothing wrong where every row has a test', () => {
    const named = [file(`'${first} is kept'`), file(`\`${second} may be \${value}\``)];
    assert.deepEqual(findFaults(document, named, [`// see ${second}`]), []);
  });

  it('takes names out of a table of cases', () => {
    const table = `for (const [name] of [['${first} of this'],\n [\n'${second} of that']]) it(name, check);`;
    assert.deepEqual(findFaults(document, [table], []), []);
  });

  it('misses a row that is named in the middle of a name, in a comment or in a list that names no test', () => {
    const named = [file(`'${first} is kept'`), file(`'is kept (${second})'`), `// ${second}`];
    assert.deepEqual(findFaults(document, named, []), [`no test name begins with ${second}`]);
    const list = `${file(`'${first} is kept'`)} const words = ['${second} of that'];`;
    assert.deepEqual(findFaults(document, [list], []), [`no test name begins with ${second}`]);
  });

  it('finds a row that stands there twice', () => {
    const twice = `${document}| ${first} | one again |\n`;
    const named = [file(`'${first} is kept'`), file(`"${second} is kept"`)];
    assert.deepEqual(findFaults(twice, named, []), [`${first} stands in the document twice`]);
  });

  it('finds a row that is named and not there', () => {
    const named = [file(`'${first} is kept'`), file(`'${second} is kept'`)];
    const unknown = [`${third} is named, but is no row`];
    assert.deepEqual(findFaults(document, [...named, file(`'${third} is kept'`)], []), unknown);
    assert.deepEqual(findFaults(document, named, [`what ${third} says`]), unknown);
  });
});

describe('the errors of the wire contract', () => {
  const codes: readonly ErrorCode[] = [
    'payload_invalid',
    'list_invalid',
    'json_invalid',
    'application_not_found',
    'too_many_failures',
    'overloaded',
  ];
  const problems: readonly Problem[] = [
    ...Object.values(PROBLEMS),
    ...codes.map((code) => presentError(new JackfieldError(code, 'words of the moment'))),
    presentError(new JackfieldError('unauthorized', 'You did not provide correct credentials.')),
    rateLimited(1),
    wrongVerb('{METHOD}', 'GET'),
  ];
  /** The cells of every row of every table. */
  const rows = contract.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));

  for (const { status, type, title } of problems) {
    it(`are told with status, type and title: ${status} ${type}`, () => {
      const short = type.replace('https://developer.vonage.com/api-errors', '');
      const isOfType = (cells: string[]) => cells.includes(`\`${type}\``) || cells.includes(`\`${short}\``);
      const [found = [], ...more] = rows.filter((cells) => isOfType(cells) && cells.includes(title));
      assert.deepEqual(more, []);
      assert.ok(
        found.some((cell) => new RegExp(`^${status}\\b`).test(cell)),
        found.join(' | '),
      );
    });
  }

  it('are told with every detail that never varies', () => {
    for (const { detail } of Object.values(PROBLEMS)) assert.ok(contract.includes(detail), detail);
  });
});
