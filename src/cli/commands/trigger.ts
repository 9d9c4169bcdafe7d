/** `jackfield trigger`: sends an event to a webhook of an application, and tells what became of it. */

import { setTimeout as pause } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { aliasesOf, CATALOGUE, nameOf } from '../../domain/catalogue/catalogue.ts';
import { chooseEvent, type EventFlags } from '../chosen-event.ts';
import {
  addClientFlags,
  type Client,
  type ClientAnswer,
  type ClientFlags,
  createClient,
  refusalOf,
} from '../client.ts';
import {
  composeAttempt,
  composeNext,
  composeState,
  type Delivery,
  hasEnded,
  parseDelivery,
} from '../delivery.ts';
import { CliError } from '../errors.ts';
import { composeTable, printNote, printResult } from '../output.ts';
import { collect } from '../repeated-flag.ts';

/** How often the server is asked how a delivery stands, in ms. */
const EVERY_MS = { least: 50, most: 1000 };

interface TriggerFlags extends EventFlags, ClientFlags {
  readonly list?: boolean;
  readonly wait: boolean;
  readonly timeout?: number;
}

export function defineTrigger(command: Command): void {
  addClientFlags(command)
    .description(
      'Send an event to a webhook of an application, and print its attempts until it has ended. Members of the payload that are not set are made up.',
    )
    .argument('[application]', 'The id of the application')
    .argument(
      '[event]',
      'The event, such as voice.event_url:completed; with --payload a webhook alone will do',
    )
    .option('--list', 'Print the events there are')
    .option(
      '--set <path=value>',
      'A member of the payload, such as to=447700900001 or dtmf.digits=42; may be repeated',
      collect,
    )
    .option('--payload <file>', 'A file with a JSON object to send in place of a made-up payload')
    .option('--seed <number>', 'Make up the same values for the same number', parseWhole)
    .option('--no-wait', 'End as soon as the server has the event')
    .option('--timeout <seconds>', 'How long to follow the attempts; without it to the end', parseWhole)
    .action((application: string | undefined, event: string | undefined, flags: TriggerFlags) =>
      flags.list === true ? printCatalogue(command) : trigger(command, application, event, flags),
    );
}

function parseWhole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

async function printCatalogue(command: Command): Promise<void> {
  const listed = CATALOGUE.map((event) => ({
    name: nameOf(event),
    webhook: event.webhook,
    event: event.event,
    aliases: aliasesOf(event),
    about: event.about,
  }));
  const rows = listed.map(({ name, aliases: [shortest = ''], about }) => [name, shortest, about]);
  await printResult(
    command,
    listed,
    composeTable(['EVENT', 'SHORT', 'WHAT HAPPENED'], rows, 'There are none.'),
  );
}

async function trigger(
  command: Command,
  application: string | undefined,
  event: string | undefined,
  flags: TriggerFlags,
): Promise<void> {
  if (application === undefined || event === undefined) {
    throw new CliError(
      'usage',
      'An application and an event have to be named',
      'Write jackfield trigger APP_ID EVENT, or look at `jackfield trigger --list`.',
    );
  }
  const chosen = await chooseEvent(event, flags);
  const client = await createClient(flags);
  const answer = await client.ask(
    `/jackfield/v1/applications/${encodeURIComponent(application)}/events`,
    chosen,
  );
  if (!isAboutDelivery(answer)) throw refusalOf(answer);
  const first = parseDelivery(answer);
  await printNote(command, `Delivery ${first.id}: ${chosen.webhook} of application ${application}`);
  if (!flags.wait && !hasEnded(first)) {
    await printResult(command, first, 'The server has the event.');
    return;
  }
  await printEnd(command, await follow(command, client, first, flags.timeout));
}

/** 502 is the answer when all attempts for an NCCO failed; it tells of them. */
function isAboutDelivery({ status, body }: ClientAnswer): boolean {
  return status === 200 || status === 202 || (status === 502 && 'id' in body && 'attempts' in body);
}

/** Prints attempts as they come, until there are no more or the time is over. */
async function follow(
  command: Command,
  client: Client,
  first: Delivery,
  timeout: number | undefined,
): Promise<Delivery> {
  const deadline = timeout === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeout * 1000;
  let delivery = first;
  let told = 0;
  let every = EVERY_MS.least;
  for (;;) {
    const fresh = delivery.attempts.slice(told);
    for (const attempt of fresh) await printNote(command, composeAttempt(attempt));
    told += fresh.length;
    if (hasEnded(delivery) || performance.now() > deadline) return delivery;
    const next = fresh.length > 0 ? composeNext(delivery, Date.now()) : undefined;
    if (next !== undefined) await printNote(command, next);
    every = fresh.length > 0 ? EVERY_MS.least : Math.min(every * 2, EVERY_MS.most);
    await pause(Math.min(every, Math.max(0, deadline - performance.now()) + 1));
    const answer = await client.ask(`/jackfield/v1/deliveries/${encodeURIComponent(delivery.id)}`);
    if (answer.status !== 200) throw refusalOf(answer);
    delivery = parseDelivery(answer);
  }
}

async function printEnd(command: Command, delivery: Delivery): Promise<void> {
  const { status, ncco } = delivery;
  const text = composeState(delivery);
  await printResult(
    command,
    delivery,
    ncco === undefined ? text : `${text}\n\n${JSON.stringify(ncco, null, 2)}`,
  );
  if (status === 'delivered') return;
  throw hasEnded(delivery)
    ? new CliError('delivery_failed', text)
    : new CliError('delivery_failed', `${text} The time to follow it is over`, 'The server goes on with it.');
}
