/** `jackfield copy`: from one database into another, of either kind. */

import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { DatabaseConfig } from '../../config.ts';
import { copyDatabase } from '../../storage/copy.ts';
import { openSource, openTarget } from '../../storage/transfer-opening.ts';
import { CliError } from '../errors.ts';
import { printResult, wantsJson } from '../output.ts';
import { openProgressLine } from '../progress-line.ts';
import { composeCounts } from '../row-counts.ts';
import { readDatabaseUrl } from '../store.ts';

interface CopyFlags {
  readonly from: string;
  readonly to?: string;
  readonly replace?: boolean;
}

export function defineCopy(command: Command): void {
  command
    .requiredOption('--from <url>', 'The database to copy; it is only read')
    .option('--to <url>', 'The database to fill [JACKFIELD_DATABASE_URL]')
    .option('--replace', 'Lose what is in it; without it one that holds accounts is left alone')
    .action(async ({ from, to, replace = false }: CopyFlags) => {
      const [sourceConfig, targetConfig] = [readDatabaseUrl('--from', from), readDatabaseUrl('--to', to)];
      const [place, otherPlace] = [describePlace(sourceConfig), describePlace(targetConfig)];
      if (place === otherPlace) throw new CliError('usage', `Both are ${place}`, 'Name two databases.');
      await using source = await openSource(sourceConfig);
      await using target = await openTarget(targetConfig);
      using line = openProgressLine(wantsJson(command) ? undefined : process.stderr);
      const done = await copyDatabase({
        source,
        target,
        from: place,
        replace,
        openCopy: () => openSource(targetConfig, 'allow'),
        onProgress: (table, rows, total) => line.show(table, rows, total),
      });
      line.clear();
      const begun = done.resumed ? 'The copy went on where it was cut off, and' : 'The copy';
      await printResult(
        command,
        { from: place, to: otherPlace, ...done },
        `${begun} is the same as ${place}, by count and checksum.\n\n${composeCounts(done.rows)}`,
      );
    });
}

/** Where a database is, without the user and the password that open it. */
function describePlace(config: DatabaseConfig): string {
  if (config.kind === 'sqlite') return `sqlite:${resolve(config.path)}`;
  const { hostname, port, pathname, searchParams } = new URL(config.url);
  const schema = searchParams.get('options') ?? '';
  return `postgres://${hostname}:${port || '5432'}${pathname}${schema === '' ? '' : `?options=${schema}`}`;
}
