/** The commands, each loaded when it is asked for, and the one place where their errors end. */

import { Command, CommanderError } from 'commander';
import { CliError, composeExitCodes, EXIT_USAGE, presentError } from './errors.ts';
import { printText, watchOutput } from './output.ts';
import { readVersion } from './version.ts';

/** A command as `jackfield --help` shows it; its flags and its work stand in a file of its own. */
interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<(command: Command) => void>;
}

const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'dev',
    summary: 'Start a server for development, with an account that is ready',
    load: async () => (await import('./commands/dev.ts')).defineDev,
  },
  {
    name: 'serve',
    summary: 'Start a server with the accounts you made and no others',
    load: async () => (await import('./commands/serve.ts')).defineServe,
  },
  {
    name: 'account',
    summary: 'Create, list, show, enable, disable and delete accounts',
    load: async () => (await import('./commands/account.ts')).defineAccount,
  },
  {
    name: 'secret',
    summary: 'Create, list and revoke API secrets',
    load: async () => (await import('./commands/secret.ts')).defineSecret,
  },
  {
    name: 'signature-secret',
    summary: 'Rotate, list and revoke signature secrets',
    load: async () => (await import('./commands/signature-secret.ts')).defineSignatureSecret,
  },
  {
    name: 'master-key',
    summary: 'Rotate the key under which signature secrets are encrypted',
    load: async () => (await import('./commands/master-key.ts')).defineMasterKey,
  },
  {
    name: 'backup',
    summary: 'Write all that a database holds into one file, while servers run on it',
    load: async () => (await import('./commands/backup.ts')).defineBackup,
  },
  {
    name: 'restore',
    summary: 'Put a backup into a database of either kind, all of it or nothing',
    load: async () => (await import('./commands/restore.ts')).defineRestore,
  },
  {
    name: 'migrate',
    summary: 'Bring a database up to date, or say what that would take',
    load: async () => (await import('./commands/migrate.ts')).defineMigrate,
  },
  {
    name: 'copy',
    summary: 'Copy a database into another of either kind, and go on where a copy was cut off',
    load: async () => (await import('./commands/copy.ts')).defineCopy,
  },
  {
    name: 'export',
    summary: 'Write the applications of an account, one JSON document a line',
    load: async () => (await import('./commands/export.ts')).defineExport,
  },
  {
    name: 'import',
    summary: 'Take applications into an account, from a file or from another server of this API',
    load: async () => (await import('./commands/import.ts')).defineImport,
  },
  {
    name: 'audit',
    summary: 'List what was changed by whom, and verify that the record is whole',
    load: async () => (await import('./commands/audit.ts')).defineAudit,
  },
  {
    name: 'trigger',
    summary: 'Send a made-up event to a webhook of an application',
    load: async () => (await import('./commands/trigger.ts')).defineTrigger,
  },
  {
    name: 'listen',
    summary: 'Receive webhooks, check their signatures and print them',
    load: async () => (await import('./commands/listen.ts')).defineListen,
  },
  {
    name: 'openapi',
    summary: 'Print the OpenAPI document of the server',
    load: async () => (await import('./commands/openapi.ts')).defineOpenapi,
  },
];

/** Runs one command line; answers its exit code. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json');
  watchOutput();
  const pages: string[] = [];
  const program = await createProgram(
    (name) => argv.includes(name),
    (page) => pages.push(page),
  );
  try {
    await program.parseAsync(argv, { from: 'user' }).catch(passHelp);
    if (pages.length > 0) await printText(pages.join(''));
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return presentMisuse(error, program, argv, json);
    return presentError(error, json);
  }
}

/**
 * Builds the commands; only those that `isNeeded` picks get flags and work.
 *
 * @param writeOut takes help and version when they are asked for.
 */
export async function createProgram(
  isNeeded: (name: string) => boolean,
  writeOut: (page: string) => void = () => undefined,
): Promise<Command> {
  const program = new Command('jackfield')
    .description('A server of the public Application API v2, on your own machine.')
    .version(readVersion(), '--version', 'Print the version')
    .option('--json', 'Print JSON, errors too')
    .helpOption('--help', 'Print this help')
    .helpCommand('help [command]', 'Print the help of a command')
    .configureHelp({ showGlobalOptions: true })
    // Errors are presented in one place, which is not commander.
    .configureOutput({ writeOut, writeErr: () => undefined })
    .addHelpText('after', composeExitCodes())
    .exitOverride();
  for (const { name, summary, load } of COMMANDS) {
    const command = program.command(name).summary(summary).description(`${summary}.`).helpCommand(false);
    if (isNeeded(name)) (await load())(command);
  }
  return program;
}

/** The words that name a command, such as `jackfield account create`. */
export function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** The command that a command line names, as far as it can be told. */
function findNamed(program: Command, argv: readonly string[]): Command {
  let named = program;
  for (const word of argv) {
    named = named.commands.find((command) => command.name() === word) ?? named;
  }
  return named;
}

/** Commander ends help and version with an error, which they are not. */
function passHelp(error: unknown): void {
  if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
}

function presentMisuse(
  error: CommanderError,
  program: Command,
  argv: readonly string[],
  json: boolean,
): number {
  const named = findNamed(program, argv);
  const isBare = error.code === 'commander.help';
  if (isBare && !json) {
    process.stderr.write(named.helpInformation());
    return EXIT_USAGE;
  }
  const message = isBare
    ? 'A command is missing'
    : error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  return presentError(new CliError('usage', message, `Look at \`${pathOf(named)} --help\`.`), json);
}
