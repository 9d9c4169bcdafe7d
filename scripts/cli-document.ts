/** `docs/cli.md`: every command with its arguments and flags, the exit codes, the errors. */

import type { Argument, Command, Option } from 'commander';
import { createProgram, pathOf } from '../src/cli/cli.ts';
import { ERRORS, EXIT_CODES } from '../src/cli/errors.ts';
import { code, composeTable } from './markdown.ts';

const HEAD = `# The command line

Made by \`npm run generate\` from the commands themselves; \`--help\` behind any of them says the same.

In a clone, write \`npm exec -- jackfield …\`. \`npm start\` runs \`jackfield dev\`, and \`npm start -- --port 0\` hands it a flag.

- Results go to stdout, errors and questions to stderr.
- \`--json\` works with every command. A result is then one line of JSON, and an error is one line of JSON on stderr:
  \`{"error": {"code", "message", "fix"}}\`, with \`settings\` (a list of \`{"setting", "problem", "fix"}\`) when settings cannot be used.
- \`jackfield dev --json\` prints \`{"url", "api_key", "api_secret", "signature_secret"}\` when it is ready, and \`jackfield serve --json\`
  \`{"url", "metrics_url"}\` (the second only where there is one). Behind that line comes the log.
- \`jackfield listen --json\` prints \`{"url"}\` when it listens, and then one line for each call. \`jackfield trigger --json\` prints the delivery, also when
  it failed; the error is on stderr besides.
- The first SIGINT or SIGTERM lets requests under way end and exits with 0; a second one ends the process at once.
- Changes by a command take effect on servers that run on the same database at once.

`;

/** Composes the document; it ends with a line break. */
export async function composeCliDocument(): Promise<string> {
  const program = await createProgram(() => true);
  const commands = findLeaves(program).map(composeCommand).join('\n');
  return `${HEAD}## Exit codes\n\n${composeExitCodes()}\n\n## Commands\n\n${commands}\n## Errors\n\n${composeErrors()}\n`;
}

function findLeaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(findLeaves);
}

function composeCommand(command: Command): string {
  const path = pathOf(command);
  const words = command.registeredArguments.map((argument) => composeArgument(argument));
  const usage = [path, ...words, '[flags]'].join(' ');
  const rows = [
    ...command.registeredArguments.map((argument) => [code(argument.name()), argument.description]),
    ...command.options.filter((option) => !isSetting(option)).map((option) => composeFlag(option)),
  ];
  const flags = rows.length === 0 ? '' : `\n${composeTable(['argument, flag', 'meaning'], rows)}\n`;
  const settings = command.options.some(isSetting)
    ? '\nIts flags are the [settings](configuration.md).\n'
    : '';
  return `### ${path}\n\n\`${usage}\`\n\n${command.description()}\n${settings}${flags}`;
}

/** The flags of settings stand under a heading; all others under none. */
function isSetting(option: Option): boolean {
  return option.helpGroupHeading !== undefined;
}

function composeArgument(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}

function composeFlag(option: Option): string[] {
  const fallback: unknown = option.defaultValue;
  const isTold = typeof fallback === 'string' || typeof fallback === 'number';
  return [code(option.flags), `${option.description}${isTold ? ` (default: ${fallback})` : ''}`];
}

function composeExitCodes(): string {
  return composeTable(['code', 'meaning'], Object.entries(EXIT_CODES));
}

function composeErrors(): string {
  const rows = Object.entries(ERRORS).map(([name, { exitCode, title, fix }]) => [
    code(name),
    String(exitCode),
    title,
    fix,
  ]);
  return composeTable(['code', 'exit', 'what it says', 'what to do, unless the error says more'], rows);
}
