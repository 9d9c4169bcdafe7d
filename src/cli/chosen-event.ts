/** The event that a command line asks for: its webhook and its payload. */

import { readFile } from 'node:fs/promises';
import { systemClock, systemIds } from '../clock.ts';
import { findEvent } from '../domain/catalogue/catalogue.ts';
import { createSeededContext, type EventContext } from '../domain/catalogue/context.ts';
import type { CatalogueEvent } from '../domain/catalogue/event.ts';
import { isWebhookName } from '../domain/webhook.ts';
import { CliError } from './errors.ts';

/** How the payload is to be. */
export interface EventFlags {
  readonly set?: readonly string[];
  /** A file that holds it. */
  readonly payload?: string;
  readonly seed?: number;
}

/** What is to be sent. */
export interface ChosenEvent {
  readonly webhook: string;
  readonly payload: object;
}

/**
 * Makes the payload of an event, or takes it from a file; a file does for a webhook alone, without an event, too.
 *
 * @throws `usage`, `file_unusable`.
 */
export async function chooseEvent(name: string, flags: EventFlags): Promise<ChosenEvent> {
  const given = flags.payload === undefined ? undefined : await readPayload(flags.payload);
  if (isWebhookName(name)) return chooseWebhook(name, given, flags);
  const event = requireEvent(name);
  return { webhook: event.webhook, payload: await composePayload(event, given, flags) };
}

function chooseWebhook(webhook: string, given: object | undefined, { set = [] }: EventFlags): ChosenEvent {
  if (given === undefined) {
    throw new CliError(
      'usage',
      `${webhook} is a webhook, and no event of it is named`,
      'Look at `jackfield trigger --list`, or give a payload with --payload.',
    );
  }
  if (set.length > 0) {
    throw new CliError(
      'usage',
      '--set needs an event, whose members it knows',
      'Name an event, or change the file.',
    );
  }
  return { webhook, payload: given };
}

function requireEvent(name: string): CatalogueEvent {
  const lookup = findEvent(name);
  if ('found' in lookup) return lookup.found;
  const { ambiguous, near } = lookup;
  const others = near.length === 0 ? '' : `${ambiguous ? 'Say which' : 'It may be'}: ${near.join(', ')}. `;
  throw new CliError(
    'usage',
    ambiguous ? `${name} is the name of several events` : `There is no event ${name}`,
    `${others}Look at \`jackfield trigger --list\`.`,
  );
}

/** What stands in a file is sent as it is; only what is set otherwise has to fit the event. */
async function composePayload(
  event: CatalogueEvent,
  given: object | undefined,
  { set = [], seed }: EventFlags,
): Promise<object> {
  const { schema } = event;
  const payload = given ?? event.create(createContext(seed));
  if (set.length === 0) return payload;
  // What judges by a schema takes long to load, and most events are sent as they are.
  const { applyOverrides, assertWhole, OverrideError } = await import('../domain/catalogue/overrides.ts');
  try {
    const changed = applyOverrides(schema, payload, set);
    if (given === undefined) assertWhole(schema, changed);
    return changed;
  } catch (error) {
    if (error instanceof OverrideError) throw new CliError('usage', error.message, error.fix);
    throw error;
  }
}

async function readPayload(file: string): Promise<object> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CliError(
      'file_unusable',
      `--payload names a file that cannot be read: ${file} (${error.code})`,
    );
  });
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // The same as what is no object.
  }
  throw new CliError('file_unusable', `${file} does not hold a JSON object`, 'Write an object into it.');
}

function createContext(seed: number | undefined): EventContext {
  const { now } = systemClock;
  return seed === undefined
    ? { now, uuid: systemIds.uuid, random: Math.random }
    : createSeededContext(seed, now());
}
