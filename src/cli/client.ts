/** The command line as a client of a running server. */

import type { Command } from 'commander';
import { SETTINGS } from '../settings.ts';
import { readClientVariable } from './client-environment.ts';
import { DEV_ACCOUNT } from './dev-account.ts';
import { CliError } from './errors.ts';
import { makePrintable, shorten } from './printable.ts';
import { readSecret } from './secret-file.ts';

const DEFAULT_URL = `http://${SETTINGS.host.fallback}:${SETTINGS.port.fallback}`;

/** How long a request may take, in ms; a call that is answered by an NCCO takes as long as its clocks. */
const MAX_REQUEST_MS = 180_000;

/** How much of a refusal is told. */
const MAX_DETAIL = 500;

/** What the flags of a client say. */
export interface ClientFlags {
  readonly url?: string;
  readonly apiKey?: string;
  readonly apiSecretFile?: string;
}

/** What a server answered: its status, and its JSON as an object. */
export interface ClientAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A server, and the credentials for it. */
export interface Client {
  readonly url: string;
  /** Asks for a path; with a body it is a POST. @throws `server_unreachable`. */
  ask(path: string, body?: object): Promise<ClientAnswer>;
}

/** Gives a command the flags that say which server it talks to, and as whom. */
export function addClientFlags(command: Command): Command {
  return command
    .option('--url <url>', `The server [JACKFIELD_URL] (default: ${DEFAULT_URL})`)
    .option('--api-key <key>', `The account [JACKFIELD_API_KEY] (default: that of \`jackfield dev\`)`)
    .option(
      '--api-secret-file <file>',
      'A file with its API secret, or - for stdin [JACKFIELD_API_SECRET, JACKFIELD_API_SECRET_FILE]',
    );
}

/** Makes a client of the flags and the environment. @throws `usage`, `file_unusable`, `setting_unusable`. */
export async function createClient(flags: ClientFlags): Promise<Client> {
  const url = parseUrl(flags.url ?? readClientVariable('JACKFIELD_URL') ?? DEFAULT_URL);
  const apiKey = flags.apiKey ?? readClientVariable('JACKFIELD_API_KEY') ?? DEV_ACCOUNT.apiKey;
  const given = await readSecret('--api-secret-file', flags.apiSecretFile);
  const known = apiKey === DEV_ACCOUNT.apiKey ? DEV_ACCOUNT.apiSecret : undefined;
  const secret = given ?? readClientVariable('JACKFIELD_API_SECRET') ?? known;
  if (secret === undefined) {
    throw new CliError('usage', `There is no secret for ${apiKey}`, 'Name a file with --api-secret-file.');
  }
  const authorization = `Basic ${Buffer.from(`${apiKey}:${secret}`).toString('base64')}`;
  return { url, ask: (path, body) => ask(`${url}${path}`, authorization, body) };
}

function parseUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '') {
    throw new CliError('usage', `${text} is no address of a server`, `Write one such as ${DEFAULT_URL}.`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

async function ask(url: string, authorization: string, body: object | undefined): Promise<ClientAnswer> {
  const headers = { authorization, accept: 'application/json', 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  try {
    const signal = AbortSignal.timeout(MAX_REQUEST_MS);
    const response = await fetch(url, { headers, signal, redirect: 'manual', ...sent });
    const answer: unknown = await response.json();
    if (typeof answer === 'object' && answer !== null)
      return { status: response.status, body: { ...answer } };
  } catch (error) {
    if (error instanceof SyntaxError) throw strangeAnswer(url);
    const { code, message } = (
      error instanceof Error && error.cause ? error.cause : error
    ) as NodeJS.ErrnoException;
    throw new CliError('server_unreachable', `${url} does not answer: ${code ?? message}`);
  }
  throw strangeAnswer(url);
}

function strangeAnswer(url: string): CliError {
  return new CliError(
    'server_unreachable',
    `${url} answers with what is no JSON object`,
    'Look whether it is the address of Jackfield.',
  );
}

/** The error behind an answer that is a refusal: what its problem document says. */
export function refusalOf({ status, body }: ClientAnswer): CliError {
  const { title, detail, invalid_parameters: faults } = body;
  const list = Array.isArray(faults) ? faults.map((fault) => ` ${JSON.stringify(fault)}`).join('') : '';
  const text = `${status} ${String(title ?? '')}: ${String(detail ?? '')}${list}`;
  const message = shorten(makePrintable(text), MAX_DETAIL);
  if (status === 404) return new CliError('application_not_found', message);
  if (status === 401) {
    return new CliError('server_refused', message, 'Give the right --api-key and its secret.');
  }
  return new CliError('server_refused', message);
}
