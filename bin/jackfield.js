#!/usr/bin/env node
// Runs the command; written so that any Node can read it and say which one is needed.

import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

const NEEDED = [24, 16];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write(
    `jackfield needs Node.js ${NEEDED.join('.')} or later, and this is ${process.versions.node}.\n` +
      'Install a newer Node.js, or, in a clone of the repository, run it by `npm start` or `npm exec -- jackfield`.\n',
  );
  process.exit(1);
}

await start();

async function start() {
  await keepCompiledCode();
  // A clone runs its sources; the published package has only what was compiled from them.
  const source = new URL('../src/main.ts', import.meta.url);
  const { main } = await import(
    existsSync(source) ? source.href : new URL('../dist/main.js', import.meta.url).href
  );
  await main(process.argv.slice(2));
}

/**
 * Lets Node keep compiled code for the next start, in a folder of the user's own: in the temporary one, which Node
 * would take, others could put theirs. Where there is no such folder, nothing is kept.
 */
async function keepCompiledCode() {
  // Node has done so already, where somebody says.
  if (process.env.NODE_COMPILE_CACHE) return;
  try {
    const folder = cacheFolder();
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { enableCompileCache } = await import('node:module');
    enableCompileCache(folder);
    // Threads ask this again. Without it the writer's loads the compiler of TypeScript: 100 ms of processor time, 15 MB.
    process.env.NODE_COMPILE_CACHE = folder;
  } catch {
    // It only starts more slowly.
  }
}

/** The place for what a program can make anew, as each system has it. */
function cacheFolder() {
  const { LOCALAPPDATA = '', XDG_CACHE_HOME = '' } = process.env;
  if (process.platform === 'win32') return join(LOCALAPPDATA || homedir(), 'jackfield', 'cache');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'jackfield');
  // The XDG Base Directory Specification has relative paths ignored.
  return join(isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), '.cache'), 'jackfield');
}
