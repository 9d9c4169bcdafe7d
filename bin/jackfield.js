#!/usr/bin/env node
// Runs the command; written so that any Node can read it and say which one is needed.

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
  const { enableCompileCache } = await import('node:module');
  const { existsSync } = await import('node:fs');
  enableCompileCache?.();
  // A clone runs its sources; the published package has only what was compiled from them.
  const source = new URL('../src/main.ts', import.meta.url);
  const { main } = await import(
    existsSync(source) ? source.href : new URL('../dist/main.js', import.meta.url).href
  );
  await main(process.argv.slice(2));
}
