/** `jackfield listen`: a receiver of webhooks for this machine, which says whether their signatures hold. */

import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { LOOPBACK } from '../../config.ts';
import { parseNcco } from '../../domain/ncco.ts';
import { readClientVariable } from '../client-environment.ts';
import { DEV_ACCOUNT } from '../dev-account.ts';
import { CliError } from '../errors.ts';
import { printNote, printResult, printText, wantsJson } from '../output.ts';
import { composeCall, presentCall } from '../received-call-report.ts';
import { openReceiver, type Receiver, type ReceiverOptions } from '../receiver.ts';
import { collect } from '../repeated-flag.ts';
import { readSecret } from '../secret-file.ts';
import { awaitStopSignal } from '../stop-signal.ts';

interface ListenFlags {
  readonly port: number;
  readonly host: string;
  readonly allowRemote?: boolean;
  readonly forward?: URL;
  readonly forwardTimeout: number;
  readonly signatureSecretFile?: readonly string[];
  readonly requireSignature?: boolean;
  readonly answer?: string;
  readonly status: number;
  readonly delay: number;
}

export function defineListen(command: Command): void {
  command
    .description(
      'Receive webhooks until a signal comes: print each call, say whether its signature and the hash of its payload hold, and answer it.',
    )
    .option('--port <port>', 'Port to listen on; 0 takes any free one', parseWithin(0, 65_535), 4021)
    .option('--host <address>', 'Address to listen on', '127.0.0.1')
    .option('--allow-remote', 'Lets --host be an address that others can reach')
    .option(
      '--forward <url>',
      'Pass each call on to this server as it is, and answer with its answer',
      parseForward,
    )
    .option('--forward-timeout <ms>', 'How long that may take', parseWithin(1, 600_000), 30_000)
    .option(
      '--signature-secret-file <file>',
      'A file with a signature secret; may be repeated, and any of them may have signed [JACKFIELD_SIGNATURE_SECRET, JACKFIELD_SIGNATURE_SECRET_FILE] (default: that of `jackfield dev`)',
      collect,
    )
    .option('--require-signature', 'Answer 401 where the signature or the hash of the payload does not hold')
    .option('--answer <file>', 'A file with an NCCO to answer with')
    .option('--status <code>', 'The status to answer with', parseWithin(200, 599), 200)
    .option('--delay <ms>', 'How long to wait before the answer', parseWithin(0, 600_000), 0)
    .action((flags: ListenFlags) => listen(command, flags));
}

function parseWithin(least: number, most: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

function parseForward(text: string): URL {
  const url = URL.parse(text);
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw new InvalidArgumentError('It must be an address such as http://localhost:3000.');
  }
  return url;
}

async function listen(command: Command, flags: ListenFlags): Promise<void> {
  if (flags.allowRemote !== true && !LOOPBACK.test(flags.host)) {
    throw new CliError(
      'setting_unusable',
      `--host is ${flags.host}, which others can reach`,
      'Listen on 127.0.0.1, or say --allow-remote when that is what you want.',
    );
  }
  const secrets = await readSecrets(flags.signatureSecretFile);
  const answer = flags.answer === undefined ? undefined : await readNcco(flags.answer);
  const stopped = awaitStopSignal();
  const { promise: broken, reject } = Promise.withResolvers<never>();
  await using receiver = await open(flags, {
    secrets,
    answer,
    requireSignature: flags.requireSignature === true,
    status: flags.status,
    delayMs: flags.delay,
    forward: flags.forward,
    forwardMs: flags.forwardTimeout,
    tell: (report) =>
      wantsJson(command)
        ? printText(`${JSON.stringify(presentCall(report))}\n`)
        : printText(`${composeCall(report)}\n`),
    failed: reject,
  });
  assertNoCircle(flags, receiver);
  await printResult(command, { url: receiver.url }, `Listening on ${receiver.url}${describeForward(flags)}`);
  await printNote(command, 'Ctrl-C ends it.\n');
  await Promise.race([stopped, broken]);
}

function describeForward({ forward }: ListenFlags): string {
  return forward === undefined ? '' : `, passing calls on to ${forward.href}`;
}

/** A receiver that passes calls on to itself would never come to an end. */
function assertNoCircle({ forward, host }: ListenFlags, { port }: Receiver): void {
  if (forward === undefined || Number(forward.port || (forward.protocol === 'https:' ? 443 : 80)) !== port)
    return;
  if (!LOOPBACK.test(forward.hostname) && forward.hostname !== host) return;
  throw new CliError(
    'usage',
    `--forward ${forward.href} is this receiver itself`,
    'Name the port of your application.',
  );
}

async function readSecrets(files: readonly string[] = []): Promise<string[]> {
  const read = await Promise.all(files.map((file) => readSecret('--signature-secret-file', file)));
  const given = read.filter((secret) => secret !== undefined);
  if (given.includes('')) throw new CliError('usage', '--signature-secret-file names an empty file');
  if (given.length > 0) return given;
  return [readClientVariable('JACKFIELD_SIGNATURE_SECRET') ?? DEV_ACCOUNT.signatureSecret];
}

async function readNcco(file: string): Promise<Buffer> {
  const body = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new CliError('file_unusable', `--answer names a file that cannot be read: ${file} (${error.code})`);
  });
  const parsed = parseNcco({ contentType: 'application/json', body, truncated: false });
  if ('ncco' in parsed) return body;
  throw new CliError(
    'file_unusable',
    `${file} holds no NCCO: ${parsed.reason}`,
    'Write a list of actions into it.',
  );
}

async function open({ host, port }: ListenFlags, options: ReceiverOptions): Promise<Receiver> {
  try {
    return await openReceiver(options, host, port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const taken = code === 'EADDRINUSE';
    throw new CliError(
      'cannot_listen',
      taken
        ? `Another program listens at ${host}, port ${port}`
        : `Nobody can listen at ${host}, port ${port} (${code})`,
      taken ? 'Stop it, or choose another port with --port; --port 0 takes any free one.' : undefined,
    );
  }
}
