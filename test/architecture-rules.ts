/** The rules of the house as functions: each takes source files and answers what breaks the rule. */

import { stripTypeScriptTypes } from 'node:module';
import { posix } from 'node:path';
import { type Node, type Options, type Program, parse } from 'acorn';
import { full } from 'acorn-walk';

/** A source file: its path from the top of the repository, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A rule answers one line for each breach. */
export type Rule = (files: readonly SourceFile[]) => string[];

/** Rooms are folders; a file that stands in `src/` itself is a room of its own. */
const FLOORS: ReadonlyMap<string, number> = new Map([
  ['src/setting-values.ts', -1],
  ['src/webhook-settings.ts', -0.5],
  ['src/settings.ts', 0],
  ['src/errors.ts', 1],
  ['src/clock.ts', 1],
  ['src/first-use.ts', 1],
  ['src/config.ts', 1],
  ['src/log-sink.ts', 1],
  // The log stands on its sink; everything else of the first floor stands on nothing but the table of settings.
  ['src/logger.ts', 1.5],
  ['src/contract', 2],
  ['src/domain', 3],
  ['src/storage', 4],
  ['src/registry', 5],
  ['src/delivery', 5],
  ['src/context.ts', 6],
  ['src/http', 7],
  ['src/server.ts', 8],
  ['src/cli', 9],
  ['src/main.ts', 10],
]);

const MAX_FILE_LINES = 300;
const MAX_FUNCTION_LINES = 40;
const FORBIDDEN_NAMES = new Set(['utils', 'helpers', 'types', 'common', 'service', 'manager', 'index']);
const PARSING: Options = { ecmaVersion: 'latest', sourceType: 'module', locations: true };

/** A file imports only from floors beneath its own and from its own room. */
export const findWrongFloors: Rule = (files) =>
  files.flatMap((file) => {
    const room = roomOf(file.path);
    const floor = FLOORS.get(room);
    if (floor === undefined) return [`${file.path}: is on no floor`];
    return importsOf(file)
      .filter((path) => roomOf(path) !== room && !((FLOORS.get(roomOf(path)) ?? floor) < floor))
      .map((path) => `${file.path}: imports ${path}, which is not beneath it`);
  });

/** No file leads back to itself, not even by a type. */
export const findCircles: Rule = (files) => {
  const imports = new Map(files.map((file) => [file.path, importsOf(file)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const follow = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (trail.includes(path) || done.has(path)) return;
    for (const next of imports.get(path) ?? []) follow(next, [...trail, path]);
    done.add(path);
  };
  for (const { path } of files) follow(path, []);
  return circles;
};

/** A file has 300 lines at the most. */
export const findLongFiles: Rule = (files) =>
  files
    .map(({ path, text }) => ({ path, lines: text.replace(/\n$/, '').split('\n').length }))
    .filter(({ lines }) => lines > MAX_FILE_LINES)
    .map(({ path, lines }) => `${path}: has ${lines} lines`);

/** A function has 40 lines at the most, from its first to its last, unless it reads as a table. */
export const findLongFunctions: Rule = (files) =>
  visit(files, (node) => {
    if (!isFunction(node) || readsAsTable(node)) return undefined;
    const lines = (node.loc?.end.line ?? 0) - (node.loc?.start.line ?? 0) + 1;
    return lines > MAX_FUNCTION_LINES ? `a function of ${lines} lines` : undefined;
  });

/** The environment is read in one place. */
export const findEnvironment: Rule = (files) =>
  visit(
    files.filter(({ path }) => path !== 'src/config.ts'),
    (node) => (isProcessMember(node, 'env') ? 'process.env' : undefined),
  );

/** Only commands end the process. */
export const findExits: Rule = (files) =>
  visit(
    files.filter(({ path }) => !path.startsWith('src/cli/')),
    (node) => (isProcessMember(node, 'exit') ? 'process.exit' : undefined),
  );

/** The code knows no environments by name. */
export const findNodeEnv: Rule = (files) =>
  files.filter(({ text }) => text.includes('NODE_ENV')).map(({ path }) => `${path}: NODE_ENV`);

/** An import of more than types of `node:http` loads `fetch` and `WebSocket` with it. */
export const findHttpImports: Rule = (files) =>
  files
    .filter(({ text }) =>
      /^(?:import|export) (?!type )[^;]*'(?:node:)?http';|\bimport\('(?:node:)?http'\)/m.test(text),
    )
    .map(({ path }) => `${path}: imports node:http`);

/** A file is named after the noun that it owns, in kebab-case. */
export const findWrongNames: Rule = (files) =>
  files
    .filter(({ path }) => {
      const name = posix.basename(path).replace(/(\.test|\.test-support)?\.ts$/, '');
      return FORBIDDEN_NAMES.has(name) || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name);
    })
    .map(({ path }) => `${path}: is no name for a file`);

/** A file opens with a comment that says what it is. */
export const findUnopened: Rule = (files) =>
  files
    .filter(({ text }) => !/^\/\*\*[\s*]+[^\s*/]/.test(text))
    .map(({ path }) => `${path}: does not say what it is`);

/** Exports have names, and each is exported where it is. */
export const findUnnamedExports: Rule = (files) =>
  visit(files, (node) => {
    if (node.type === 'ExportDefaultDeclaration') return 'a default export';
    return node.type === 'ExportAllDeclaration' ? 'an export of everything' : undefined;
  });

/** The folder directly beneath `src/`, or the file that stands there. */
function roomOf(path: string): string {
  return path.split('/').slice(0, 2).join('/');
}

/** The files of ours that a file names, also by `import type` and `import()`: read from the text, for types are stripped. */
function importsOf({ path, text }: SourceFile): string[] {
  const named = text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*['"](\.{1,2}\/[^'"]+)['"]/g);
  return Array.from(named, ([, target = '']) => posix.join(posix.dirname(path), target));
}

/** Looks at every node of every file; what `look` answers is told with file and line. */
function visit(files: readonly SourceFile[], look: (node: Node) => string | undefined): string[] {
  return files.flatMap(({ path, text }) => {
    const found: string[] = [];
    full(parseSource(text), (node) => {
      const breach = look(node);
      if (breach !== undefined) found.push(`${path}:${node.loc?.start.line}: ${breach}`);
    });
    return found;
  });
}

/** Types become white space, so lines stay where they are. */
function parseSource(text: string): Program {
  return parse(stripTypeScriptTypes(text), PARSING);
}

type Function = Node & { readonly body: Node };

function isFunction(node: Node): node is Function {
  return ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'].includes(node.type);
}

/**
 * A function reads as a table when all it does is answer one literal: an object, an array, or a call that is given
 * nothing else. Either that is its whole body, or it stands behind `return`, and before it are only names (`const`).
 */
function readsAsTable({ body }: Function): boolean {
  if (body.type !== 'BlockStatement') return isLiteral(body);
  const statements = [...(body as Node & { readonly body: readonly Node[] }).body];
  const last = statements.pop();
  if (last?.type !== 'ReturnStatement') return false;
  const { argument } = last as Node & { readonly argument: Node | null };
  const names = statements.every((one) => (one as Node & { kind?: string }).kind === 'const');
  return names && argument !== null && isLiteral(argument);
}

function isLiteral(node: Node): boolean {
  if (node.type !== 'CallExpression')
    return node.type === 'ObjectExpression' || node.type === 'ArrayExpression';
  const [first, ...more] = (node as Node & { readonly arguments: readonly Node[] }).arguments;
  return first !== undefined && more.length === 0 && isLiteral(first);
}

function isProcessMember(node: Node, name: string): boolean {
  if (node.type !== 'MemberExpression') return false;
  type Named = Node & { readonly name?: string; readonly value?: unknown };
  const { object, property } = node as Node & { readonly object: Named; readonly property: Named };
  return (
    object.type === 'Identifier' && object.name === 'process' && (property.name ?? property.value) === name
  );
}
