/** Runs all tests, with a PostgreSQL that they share; those of the wire run again on it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startPostgres } from './postgres.ts';

const EVERYTHING = ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'];

/** What has to hold whichever the database is, and speaks only HTTP or the context. */
const ON_EITHER = [
  'test/wire/**/*.test.ts',
  'test/model.test.ts',
  'test/real-client.test.ts',
  'test/credentials.test.ts',
  'test/cache.test.ts',
  'test/idempotency.test.ts',
  'test/delivery/**/*.test.ts',
];

const own = process.env['TEST_DATABASE_URL'] ? undefined : await startPostgres();
const TEST_DATABASE_URL = process.env['TEST_DATABASE_URL'] ?? own?.url ?? '';

async function runTests(
  patterns: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<boolean> {
  const words = ['--test', '--test-concurrency=2', ...process.argv.slice(2), ...patterns];
  const child = spawn(process.execPath, words, {
    stdio: 'inherit',
    env: { ...process.env, TEST_DATABASE_URL, ...env },
  });
  const [code] = await once(child, 'exit');
  return code === 0;
}

const everything = await runTests(EVERYTHING, {});
process.stdout.write('\nThe wire again, on PostgreSQL:\n\n');
const onPostgres = await runTests(ON_EITHER, { JACKFIELD_TEST_DATABASE: 'postgres' });
await own?.[Symbol.asyncDispose]();
// Said outright: the package that starts PostgreSQL ends a process by itself, and with 0 whatever its `exitCode` is.
process.exit(everything && onPostgres ? 0 : 1);
