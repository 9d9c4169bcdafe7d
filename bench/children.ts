/** The processes the bench starts: pinned to a core, asked by message, all ended with it. */

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { readChildEnvironment } from './environment.ts';

/** How long a child may take to end by itself once it was asked to. */
const PATIENCE_MS = 8_000;

export interface ChildOptions {
  readonly core: number | null;
  readonly stdio: SpawnOptions['stdio'];
  readonly environment?: Readonly<Record<string, string>>;
}

/** All children of the bench; none outlives it. */
export class Children implements AsyncDisposable {
  readonly #living = new Set<ChildProcess>();
  readonly #killAll = (): void => {
    for (const child of this.#living) child.kill('SIGKILL');
  };

  constructor() {
    process.on('exit', this.#killAll);
  }

  /** Starts Node with the arguments given. `taskset` becomes Node itself, so the id is that of Node. */
  spawnNode(args: readonly string[], options: ChildOptions): ChildProcess {
    const pinned = options.core === null ? [] : ['taskset', '-c', String(options.core)];
    const [command = process.execPath, ...rest] = [...pinned, process.execPath, ...args];
    const child = spawn(command, rest, {
      stdio: options.stdio,
      env: { ...readChildEnvironment(), ...options.environment },
    });
    this.#living.add(child);
    child.once('exit', () => this.#living.delete(child));
    return child;
  }

  /** Asks a child to end, and makes it after a while. */
  async stop(child: ChildProcess): Promise<void> {
    if (!this.#living.has(child)) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const patience = new AbortController();
    const late = delay(PATIENCE_MS, 'late', { signal: patience.signal }).catch(() => 'ended');
    if ((await Promise.race([ended, late])) === 'late') child.kill('SIGKILL');
    await ended;
    patience.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#living].map((child) => this.stop(child)));
    process.off('exit', this.#killAll);
  }
}

/** Waits for a child's next message `{result}` or `{failure}`; the children are ours, so their word is taken. */
export async function nextResult<Result>(child: ChildProcess): Promise<Result> {
  const done = new AbortController();
  const { signal } = done;
  try {
    const message = once(child, 'message', { signal });
    const end = once(child, 'exit', { signal }).then(([code, killedBy]) => {
      throw new Error(
        `${child.spawnargs.slice(-3).join(' ')} ended (${code ?? killedBy}) before it answered`,
      );
    });
    const [answer] = (await Promise.race([message, end])) as [{ result: Result } | { failure: string }];
    if ('failure' in answer) throw new Error(answer.failure);
    return answer.result;
  } finally {
    done.abort();
  }
}

/** Sends a child a message and waits for its answer. */
export function askChild<Result>(child: ChildProcess, message: object): Promise<Result> {
  const result = nextResult<Result>(child);
  child.send(message);
  return result;
}
