/** What commands print: one JSON value with `--json`, text for people without. */

import type { Command } from 'commander';

/** Says whether the command line asks for JSON. */
export function wantsJson(command: Command): boolean {
  return command.optsWithGlobals()['json'] === true;
}

/** Prints what came of a command to stdout, in the form that was asked for; resolves when it is written. */
export function printResult(command: Command, value: unknown, text: string): Promise<void> {
  return print(wantsJson(command) ? JSON.stringify(value) : text);
}

/** Prints what only people want to know. */
export async function printNote(command: Command, text: string): Promise<void> {
  if (!wantsJson(command)) await print(text);
}

/** Sets names before values, in line. */
export function composePairs(pairs: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}

/** Sets rows under a heading, in columns; or says `none` when there are none. */
export function composeTable(heading: readonly string[], rows: readonly string[][], none: string): string {
  if (rows.length === 0) return none;
  const lines = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function print(text: string): Promise<void> {
  // Who does not read any more is not waited for.
  return new Promise((resolve) => process.stdout.write(`${text}\n`, () => resolve()));
}
