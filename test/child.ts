/** Starts scripts of `test/children/` as processes of their own and calls functions in them. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CallAnswer } from './children/calls.ts';

/** A running script; disposing of it ends it and waits for its end. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** Calls a function of the script; rejects with its error, or when the process ends before the answer. */
  call<T = void>(name: string, argument?: unknown): Promise<T>;
  /** Calls `listener` with each message that answers no call. */
  onMessage(listener: (message: unknown) => void): void;
  /** Ends it as `kill -9` does. */
  kill(): Promise<void>;
}

/** How a script is started. */
export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Words before the command, such as a program that limits what it runs. */
  readonly prefix?: readonly string[];
  /** The user it runs as; only root can say. */
  readonly uid?: number;
}

/** An error as it came over from a child. */
class ChildError extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.name = 'ChildError';
    this.code = code;
  }
}

/** Starts `test/children/{script}.ts` and waits until it is ready. */
export async function openChild(script: string, options: ChildOptions = {}): Promise<Child> {
  const file = fileURLToPath(new URL(`./children/${script}.ts`, import.meta.url));
  const [command = process.execPath, ...words] = [...(options.prefix ?? []), process.execPath, file];
  const child = spawn(command, words, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { PATH: process.env['PATH'], ...options.env },
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  const calls = trackCalls(child);
  await calls.ready;
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    // What it has sent before its end is still delivered.
    const ended = Promise.all([once(child, 'exit'), child.connected && once(child, 'disconnect')]);
    child.kill('SIGKILL');
    await ended;
  };
  return {
    pid: child.pid ?? 0,
    call: (name, argument) => calls.call(name, argument),
    onMessage: (listener) => void child.on('message', listener),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

function trackCalls(child: ChildProcess) {
  const ready = Promise.withResolvers<void>();
  const pending = new Map<number, PromiseWithResolvers<unknown>>();
  child.on('message', (message: CallAnswer) => {
    if ('ready' in message) ready.resolve();
    if (!('id' in message)) return;
    const call = pending.get(message.id);
    pending.delete(message.id);
    if ('error' in message) call?.reject(new ChildError(message.error, message.code));
    else call?.resolve(message.value);
  });
  child.on('error', ready.reject);
  child.on('exit', (code, signal) => {
    const ended = new ChildError(`the process ended with ${code ?? signal}`, 'ended');
    ready.reject(ended);
    for (const call of pending.values()) call.reject(ended);
    pending.clear();
  });
  let last = 0;
  const call = <T>(name: string, argument: unknown): Promise<T> => {
    last += 1;
    const answer = Promise.withResolvers<unknown>();
    pending.set(last, answer);
    child.send({ id: last, name, argument });
    return answer.promise as Promise<T>;
  };
  return { ready: ready.promise, call };
}
