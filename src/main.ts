/** From arguments to an exit code. */

import { runCli } from './cli/cli.ts';

/**
 * Runs the command; resolves when it has ended and leaves its code in `process.exitCode`.
 *
 * @param argv the arguments after the program's name.
 */
export async function main(argv: readonly string[]): Promise<void> {
  process.exitCode = await runCli(argv);
}
