/** The command line of the bench. */

import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface Options {
  /** Rows to run; empty for all. */
  readonly only: readonly string[];
  /** Alternating pairs for each row. */
  readonly rounds: number;
  /** Seconds that are counted in each run of a pair. */
  readonly seconds: number;
  /** Directory beneath which databases and logs are kept while the bench runs. */
  readonly directory: string;
  /** File to write the figures to. */
  readonly json: string | undefined;
  /** Directory for processor profiles of the servers. */
  readonly profile: string | undefined;
  readonly help: boolean;
}

export const usage = `npm run bench -- [options]

  --only NAME      run this row (may be given again); all rows by default
  --rounds N       alternating pairs for each row (9)
  --seconds S      seconds counted in each run (2)
  --dir DIR        where databases and logs live meanwhile (the temporary directory)
  --json FILE      write all figures to FILE
  --profile DIR    write processor profiles of the servers to DIR (slower: no figures to keep)
  --help           say this
`;

function parsePositive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0, not "${text}"`);
  return value;
}

/** Reads the arguments; throws with a sentence on what it does not know. */
export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string', default: '9' },
      seconds: { type: 'string', default: '2' },
      dir: { type: 'string', default: tmpdir() },
      json: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    only: values.only,
    rounds: Math.ceil(parsePositive('rounds', values.rounds)),
    seconds: parsePositive('seconds', values.seconds),
    directory: resolve(values.dir),
    json: values.json,
    profile: values.profile === undefined ? undefined : resolve(values.profile),
    help: values.help,
  };
}
