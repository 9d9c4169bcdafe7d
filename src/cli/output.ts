/** What commands print: one JSON value with `--json`, text for people without. */

import type { Command } from 'commander';
import { CliError } from './errors.ts';

/** What has come about, and what to do, when a result that is shown only once could not be shown. */
export interface Unseen {
  readonly message: string;
  readonly fix: string;
}

/** Says whether the command line asks for JSON. */
export function wantsJson(command: Command): boolean {
  return command.optsWithGlobals()['json'] === true;
}

/**
 * Prints what came of a command to stdout, in the form that was asked for; resolves when it is written.
 *
 * @throws `output_unusable`, unless it is that nobody reads any more.
 */
export function printResult(command: Command, value: unknown, text: string): Promise<void> {
  return printText(`${wantsJson(command) ? JSON.stringify(value) : text}\n`);
}

/**
 * Prints a result that is shown only once.
 *
 * @param unseen what to tell when it could not be written, also because nobody reads any more.
 * @throws `output_unusable`.
 */
export async function printOnce(
  command: Command,
  value: unknown,
  text: string,
  { message, fix }: Unseen,
): Promise<void> {
  const error = await write(`${wantsJson(command) ? JSON.stringify(value) : text}\n`);
  if (error !== undefined) throw new CliError('output_unusable', `${message} (${error.code})`, fix);
}

/** Prints what only people want to know. */
export async function printNote(command: Command, text: string): Promise<void> {
  if (!wantsJson(command)) await printText(`${text}\n`);
}

/**
 * Prints text as it is; a reader that has seen enough, such as `head`, is no error.
 *
 * @throws `output_unusable`.
 */
export async function printText(text: string): Promise<void> {
  const error = await write(text);
  if (error === undefined || error.code === 'EPIPE') return;
  throw new CliError('output_unusable', `Standard output cannot be written: ${error.message}`);
}

/** Lets failures of stdout come back from each write, and from there alone. */
export function watchOutput(): void {
  process.stdout.on('error', () => undefined);
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

/** Resolves when the text is written, with what went wrong if something did. */
function write(text: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => process.stdout.write(text, (error) => resolve(error ?? undefined)));
}
