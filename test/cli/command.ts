/** Runs the command line as a process of its own, the way a shell does. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** The file that a shell runs. */
export const PROGRAM = fileURLToPath(new URL('../../bin/jackfield.js', import.meta.url));

/** What every command has in its environment; what Node compiles is not kept in the home of whoever runs the tests. */
export const ENVIRONMENT = {
  PATH: process.env['PATH'],
  NODE_COMPILE_CACHE: join(tmpdir(), 'jackfield-test-code'),
};

/** Where a command runs, with what environment, and what it can read. */
export interface CommandOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Words for Node itself. */
  readonly node?: readonly string[];
}

/** What became of a command. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that goes on running; disposing of it kills it. */
export interface RunningCommand extends AsyncDisposable {
  readonly pid: number;
  /** Resolves with the first line of stdout that `test` accepts. */
  line(test: (line: string) => boolean): Promise<string>;
  /** Everything it has printed to stdout so far. */
  printed(): string;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<Outcome>;
}

/** Runs `jackfield` with `words` until it ends. */
export async function run(words: readonly string[], options: CommandOptions): Promise<Outcome> {
  const child = launch(words, options);
  child.stdin.end(options.stdin ?? '');
  return await outcomeOf(child, text(child.stdout), text(child.stderr));
}

/** Runs a command that has to succeed with `--json` and answers what it printed. */
export async function runJson<T>(words: readonly string[], options: CommandOptions): Promise<T> {
  const { code, stdout, stderr } = await run([...words, '--json'], options);
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** An error as `--json` prints it. */
interface PrintedError {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

/** Runs a command that has to fail with `--json` and answers its exit code and its error. */
export async function runFailing(
  words: readonly string[],
  options: CommandOptions,
): Promise<PrintedError & { readonly exit: number | null }> {
  const { code: exit, stdout, stderr } = await run([...words, '--json'], options);
  if (stdout !== '') throw new Error(`it printed ${stdout}`);
  return { exit, ...parseError(stderr) };
}

/**
 * Runs a command that has to fail because of where its output goes.
 *
 * @param output a device, or `closed` for a pipe that nobody reads.
 */
export async function runInto(
  output: string,
  words: readonly string[],
  { cwd, env }: CommandOptions,
): Promise<{ readonly code: number | null; readonly error: PrintedError }> {
  const stdout = output === 'closed' ? 'pipe' : openSync(output, 'w');
  const child = spawn(process.execPath, [PROGRAM, ...words, '--json'], {
    cwd,
    env: { ...ENVIRONMENT, ...env },
    stdio: ['ignore', stdout, 'pipe'],
  });
  if (typeof stdout === 'number') closeSync(stdout);
  child.stdout?.destroy();
  const printed = child.stderr === null ? '' : text(child.stderr);
  const [[code], stderr] = await Promise.all([once(child, 'exit'), printed]);
  return { code, error: parseError(stderr) };
}

function parseError(stderr: string): PrintedError {
  return (JSON.parse(stderr) as { error: PrintedError }).error;
}

/** Starts a command that serves. */
export function start(words: readonly string[], options: CommandOptions): RunningCommand {
  const child = launch(words, options);
  child.stdin.end();
  const output = gather(child.stdout);
  const ended = outcomeOf(child, output.whole, text(child.stderr));
  const kill = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  };
  return {
    pid: child.pid ?? 0,
    line: (test) => Promise.race([output.line(test), ended.then(failOf)]),
    printed: output.printed,
    signal: (name) => void child.kill(name),
    ended,
    [Symbol.asyncDispose]: kill,
  };
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

function launch(words: readonly string[], { cwd, env, node = [] }: CommandOptions): Child {
  return spawn(process.execPath, [...node, PROGRAM, ...words], {
    cwd,
    env: { ...ENVIRONMENT, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

async function outcomeOf(child: Child, stdout: Promise<string>, stderr: Promise<string>): Promise<Outcome> {
  const [[code, signal], out, error] = await Promise.all([once(child, 'exit'), stdout, stderr]);
  return { code, signal, stdout: out, stderr: error };
}

function failOf({ code, signal, stderr }: Outcome): never {
  throw new Error(`it ended with ${code ?? signal}: ${stderr}`);
}

/** Takes a stream line by line as it comes. */
function gather(stream: Readable) {
  let all = '';
  const whole = Promise.withResolvers<string>();
  const waiting = new Set<() => void>();
  stream.setEncoding('utf8');
  stream.on('data', (piece: string) => {
    all += piece;
    for (const look of waiting) look();
  });
  stream.on('end', () => whole.resolve(all));
  const line = (test: (line: string) => boolean): Promise<string> => {
    const found = Promise.withResolvers<string>();
    const look = () => {
      const match = all.split('\n').slice(0, -1).find(test);
      if (match === undefined) return;
      waiting.delete(look);
      found.resolve(match);
    };
    waiting.add(look);
    look();
    return found.promise;
  };
  return { whole: whole.promise, printed: () => all, line };
}
