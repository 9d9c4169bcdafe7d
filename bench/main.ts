/** The bench: measures each row against its baseline and prints the table. */

import { writeFileSync } from 'node:fs';
import { describeMachine, isInMemory } from './machine.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { chooseExperiments } from './rows.ts';
import { Stage } from './stage.ts';
import { composeReport, composeTable, type Measured } from './table.ts';

function describePinning({ cores }: Stage): string {
  if (cores.server === null) return 'NOT pinned: no taskset here, or one core only';
  return `server and baselines on core ${cores.server}, load on core ${cores.load}`;
}

/** A line for each row; those of one experiment are measured together, whichever is asked for. */
function listRows(): string {
  const rows = chooseExperiments([]).flatMap((experiment) => experiment.rows);
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`).join('\n');
}

async function measureAll(stage: Stage, options: Options): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const experiment of chooseExperiments(options.only)) {
    process.stderr.write(`measuring ${experiment.rows.map((row) => row.name).join(', ')} …\n`);
    const outcomes = await experiment.measure(stage);
    for (const [at, row] of experiment.rows.entries()) {
      const outcome = outcomes[at];
      if (outcome !== undefined) measured.push({ row, outcome });
    }
  }
  return measured;
}

async function main(options: Options): Promise<void> {
  chooseExperiments(options.only);
  await using stage = new Stage(options);
  const machine = describeMachine(options.directory);
  const { rounds, seconds } = options;
  process.stdout.write(`${machine}\n${describePinning(stage)}; ${rounds} rounds of ${seconds} s a side\n`);
  if (isInMemory(options.directory)) {
    process.stdout.write('the directory lies in memory: the rows that write say nothing (use --dir)\n');
  }
  const measured = await measureAll(stage, options);
  process.stdout.write(`\n${composeTable(measured)}\n`);
  if (options.json !== undefined) writeFileSync(options.json, composeReport(machine, measured));
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => process.exit(130));
}

const options = parseOptions(process.argv.slice(2));
if (options.help) process.stdout.write(`${usage}\n${listRows()}\n`);
else await main(options);
