/**
 * `npm run test:crash`: kills a server 200 times under load on each database, and says what came of it.
 *
 * Words: the number of kills, a database (`sqlite` or `postgres`), a seed; each may be left out.
 */

import { startPostgres } from '../postgres.ts';
import { READY_WITHIN_MS, type Report, runRounds } from './rounds.ts';
import type { StoreKind } from './store.ts';

const [kills = '200', database = 'both', seed = `${Math.floor(Math.random() * 2 ** 32)}`] =
  process.argv.slice(2);

const KINDS: readonly StoreKind[] = ['sqlite', 'postgres'];

const whole = (ms: number) => `${Math.round(ms)} ms`;

function present(kind: StoreKind, report: Report): string {
  const { kills: all, acknowledged, refused, done, undone, restarts } = report;
  const median = restarts[Math.floor(restarts.length / 2)] ?? Number.NaN;
  const late = restarts.filter((ms) => ms >= READY_WITHIN_MS).length;
  return [
    `${kind}: ${all} kills, nothing lost, nothing by half`,
    `  ${acknowledged} writes were acknowledged`,
    `  ${done + undone} were not: ${done} of them done, ${undone} not; ${refused} answers were 503`,
    `  ready again after ${whole(median)} (median), ${whole(restarts.at(-1) ?? Number.NaN)} (longest), ${late} times too late\n`,
  ].join('\n');
}

const own = process.env['TEST_DATABASE_URL'] ? undefined : await startPostgres();
let isLate = false;
if (own !== undefined) process.env['TEST_DATABASE_URL'] = own.url;
process.stdout.write(`seed ${seed}\n`);
for (const kind of KINDS.filter((each) => database === 'both' || database === each)) {
  const onRound = (kill: number) =>
    void (kill % 20 === 0 && process.stdout.write(`${kind}: ${kill} kills\n`));
  const report = await runRounds({ kind, kills: Number(kills), seed: Number(seed), onRound });
  process.stdout.write(present(kind, report));
  if ((report.restarts.at(-1) ?? 0) >= READY_WITHIN_MS) isLate = true;
}
await own?.[Symbol.asyncDispose]();
// Said outright, as in `test/run.ts`.
process.exit(isLate ? 1 : 0);
