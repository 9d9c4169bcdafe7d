/** What went wrong, as the command line says it: code, exit code, title, fix. */

import { ConfigError, type ConfigFault } from '../config.ts';
import { type ErrorCode, type Fault, JackfieldError } from '../errors.ts';

/** The exit codes and what they mean; `--help` and `docs/cli.md` show this table. */
export const EXIT_CODES = {
  0: 'All went well.',
  1: 'Something unexpected happened.',
  2: 'The command line cannot be understood, or lacks something.',
  3: 'A setting, or a file that is named, cannot be used.',
  4: 'What was named is not there.',
  5: 'It was refused: it would break a rule or something that is there already.',
  6: 'The database cannot be used, or not now.',
  7: 'The master key is not there or not the right one.',
  8: 'The server cannot listen where it should.',
  9: 'What was to be printed could not be written.',
  10: 'An event could not be delivered, or not within the time given.',
  11: 'A server cannot be reached, or does not answer as it should.',
  12: 'The audit does not hold: something of it was changed or is gone.',
  13: 'Migrations are due, which `migrate --status` looked for.',
  129: 'Stopped at once by a second SIGHUP.',
  130: 'Stopped at once by a second SIGINT.',
  143: 'Stopped at once by a second SIGTERM.',
  149: 'Stopped at once by a second SIGBREAK (Windows).',
} as const;

/** The exit code of a command line that cannot be understood. */
export const EXIT_USAGE = 2;

/** Codes of errors that only the command line has. */
type CliErrorCode =
  | 'usage'
  | 'confirmation_needed'
  | 'declined'
  | 'setting_unusable'
  | 'file_unusable'
  | 'database_missing'
  | 'accounts_of_others'
  | 'rotation_under_way'
  | 'master_key_unusable'
  | 'cannot_listen'
  | 'migrations_due'
  | 'remote_unusable'
  | 'output_unusable'
  | 'audit_broken'
  | 'server_unreachable'
  | 'server_refused'
  | 'delivery_failed'
  | 'unexpected';

interface ErrorDefinition {
  readonly exitCode: keyof typeof EXIT_CODES;
  readonly title: string;
  /** What to do when the error itself does not say it. */
  readonly fix: string;
}

const UNEXPECTED: ErrorDefinition = {
  exitCode: 1,
  title: 'Something unexpected happened',
  fix: 'Run the command again; if it happens again, please report it with what is printed here.',
};

/** Every code a command can end with. */
export const ERRORS: Readonly<
  Partial<Record<ErrorCode, ErrorDefinition>> & Record<CliErrorCode, ErrorDefinition>
> = {
  usage: {
    exitCode: EXIT_USAGE,
    title: 'The command line cannot be understood',
    fix: 'Look at `jackfield --help`.',
  },
  confirmation_needed: { exitCode: EXIT_USAGE, title: 'This needs a yes', fix: 'Say --yes.' },
  declined: {
    exitCode: 5,
    title: 'It was not confirmed',
    fix: 'Run the command again and answer y, or say --yes.',
  },
  setting_unusable: { exitCode: 3, title: 'A setting cannot be used', fix: 'Correct the setting.' },
  file_unusable: {
    exitCode: 3,
    title: 'A file cannot be used',
    fix: 'Look at the rights of the file and its folder, and at the room on the disk, or name another.',
  },
  account_not_found: {
    exitCode: 4,
    title: 'There is no such account',
    fix: 'Look at `jackfield account list`.',
  },
  secret_not_found: {
    exitCode: 4,
    title: 'There is no such secret',
    fix: 'Look at `jackfield secret list`.',
  },
  account_exists: { exitCode: 5, title: 'There is such an account already', fix: 'Choose another API key.' },
  account_invalid: {
    exitCode: EXIT_USAGE,
    title: 'This is no API key',
    fix: 'An API key has 8 characters out of 0 to 9 and a to f.',
  },
  account_not_empty: { exitCode: 5, title: 'The account has applications', fix: 'Say --with-applications.' },
  secret_invalid: {
    exitCode: EXIT_USAGE,
    title: 'The secret cannot be taken',
    fix: 'Choose another secret.',
  },
  too_many_secrets: { exitCode: 5, title: 'There are two secrets already', fix: 'Revoke one of them first.' },
  secret_last: { exitCode: 5, title: 'This is the last secret', fix: 'Make a new one first.' },
  accounts_of_others: {
    exitCode: 5,
    title: 'The database is not one of `jackfield dev`',
    fix: 'Let `jackfield dev` use a database of its own.',
  },
  rotation_under_way: { exitCode: 5, title: 'A rotation is under way', fix: 'Wait for it to end.' },
  database_missing: { exitCode: 6, title: 'There is no such database', fix: 'Name another with --database.' },
  storage_unusable: {
    exitCode: 6,
    title: 'The database cannot be used',
    fix: 'Look at the file and its rights.',
  },
  storage_unavailable: {
    exitCode: 6,
    title: 'The database cannot be used now',
    fix: 'Run the command again.',
  },
  backup_unusable: {
    exitCode: 3,
    title: 'This is no backup that can be restored',
    fix: 'Take another copy of it, or an older backup.',
  },
  file_exists: { exitCode: 5, title: 'The file is there already', fix: 'Name another, or say --force.' },
  database_not_empty: {
    exitCode: 5,
    title: 'The database is not empty',
    fix: 'Name an empty one, or say --replace to lose what is in it.',
  },
  copy_impossible: {
    exitCode: 5,
    title: 'This cannot be copied',
    fix: 'Look at what the two databases are.',
  },
  copy_differs: {
    exitCode: 5,
    title: 'The copy is not what the source is',
    fix: 'Stop the servers of the source and begin anew with --replace.',
  },
  import_invalid: {
    exitCode: 5,
    title: 'What is to be imported cannot be',
    fix: 'Correct what is named and run the command again with --on-conflict skip; what came before is imported.',
  },
  application_exists: {
    exitCode: 5,
    title: 'There is such an application already',
    fix: 'Say --on-conflict skip or --on-conflict replace; what came before is imported.',
  },
  remote_unusable: {
    exitCode: 11,
    title: 'The other server did not answer as it should',
    fix: 'Run the command again with --on-conflict skip; what was read so far is imported.',
  },
  migrations_due: { exitCode: 13, title: 'Migrations are due', fix: 'Run `jackfield migrate`.' },
  master_key_wrong: { exitCode: 7, title: 'The master key is not the right one', fix: 'Give the right one.' },
  master_key_unusable: {
    exitCode: 7,
    title: 'The master key cannot be used',
    fix: 'Restore the file of the key.',
  },
  cannot_listen: { exitCode: 8, title: 'The server cannot listen', fix: 'Choose another port with --port.' },
  output_unusable: {
    exitCode: 9,
    title: 'The output cannot be written',
    fix: 'Look at the room and the rights where the output goes; what the command was to change is changed.',
  },
  server_unreachable: {
    exitCode: 11,
    title: 'The server cannot be reached',
    fix: 'Start one with `jackfield dev`, or name another with --url.',
  },
  server_refused: {
    exitCode: 5,
    title: 'The server has refused it',
    fix: 'Correct what it says.',
  },
  application_not_found: {
    exitCode: 4,
    title: 'There is no such application',
    fix: 'Look at the list of applications of this account.',
  },
  delivery_failed: {
    exitCode: 10,
    title: 'The event was not delivered',
    fix: 'Look at the attempts: they say what the receiver did.',
  },
  audit_broken: {
    exitCode: 12,
    title: 'The audit does not hold',
    fix: 'Compare the database with a backup; entries up to the one named are as they were written.',
  },
  unexpected: UNEXPECTED,
};

/** An error of the command line, with what to do about it. */
export class CliError extends Error {
  readonly code: CliErrorCode | ErrorCode;
  readonly fix: string | undefined;

  constructor(code: CliErrorCode | ErrorCode, message: string, fix?: string) {
    super(message);
    this.name = 'CliError';
    this.code = code;
    this.fix = fix;
  }
}

/** An error as it is printed. */
interface PresentedError {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  /** Each setting that cannot be used. */
  readonly settings?: readonly ConfigFault[];
  /** Each fault of what was to be imported. */
  readonly faults?: readonly Fault[];
  /** Only of what nobody expected. */
  readonly stack?: string | undefined;
}

/** Prints an error to stderr and answers the exit code that belongs to it. */
export function presentError(error: unknown, json: boolean): number {
  const presented = describeError(error);
  process.stderr.write(`${json ? JSON.stringify({ error: presented }) : composeText(presented)}\n`);
  return definitionOf(presented.code).exitCode;
}

/** The exit codes as `--help` shows them. */
export function composeExitCodes(): string {
  const lines = Object.entries(EXIT_CODES).map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`);
  return `\nExit codes:\n${lines.join('\n')}`;
}

function describeError(error: unknown): PresentedError {
  if (error instanceof ConfigError) {
    const fix = error.faults.map((fault) => `${fault.setting}: ${fault.fix}`).join(' ');
    const message = error.faults.map((fault) => `${fault.setting} ${fault.problem}.`).join(' ');
    return { code: 'setting_unusable', message, fix, settings: error.faults };
  }
  if (error instanceof CliError || error instanceof JackfieldError) {
    const { code, message } = error;
    const faults = error instanceof JackfieldError && error.faults.length > 0 ? { faults: error.faults } : {};
    return { code, message, fix: error.fix ?? definitionOf(code).fix, ...faults };
  }
  const system = describeSystemError(error);
  if (system !== undefined) return system;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { code: 'unexpected', message, fix: UNEXPECTED.fix, stack };
}

/** What the system says of a file; anybody can meet it, so nobody needs a stack. */
function describeSystemError(error: unknown): PresentedError | undefined {
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (!(error instanceof Error) || code === undefined || path === undefined) return undefined;
  return { code: 'file_unusable', message, fix: ERRORS.file_unusable.fix };
}

function definitionOf(code: string): ErrorDefinition {
  return Object.entries(ERRORS).find(([name]) => name === code)?.[1] ?? UNEXPECTED;
}

function composeText({ code, message, fix, settings, faults = [], stack }: PresentedError): string {
  const title = `jackfield: ${definitionOf(code).title} [${code}]`;
  if (stack !== undefined) return `${title}\n  ${stack}\n  ${fix}`;
  if (settings !== undefined) {
    return [title, ...settings.map((one) => `  ${one.setting} ${one.problem}.\n    ${one.fix}`)].join('\n');
  }
  const lines = faults.map(({ name, reason }) => `    ${name} ${reason}`);
  return [title, `  ${sentence(message)}`, ...lines, `  ${fix}`].join('\n');
}

/** With a capital and an end; addresses, names and files that it begins with stay as they are. */
function sentence(text: string): string {
  const whole = /[.?!)]$/.test(text) ? text : `${text}.`;
  return whole.replace(/^[a-z]+(?=[ ,])/, (word) => word.charAt(0).toUpperCase() + word.slice(1));
}
