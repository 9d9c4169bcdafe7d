/** All events that can be made up, and how they are named. */

import { CALL_EVENTS } from './calls.ts';
import { CONVERSATION_EVENTS } from './conversations.ts';
import type { CatalogueEvent } from './event.ts';
import { MEETING_EVENTS } from './meetings.ts';
import { MESSAGE_EVENTS } from './messages.ts';
import { findNear } from './near-names.ts';
import { VERIFICATION_EVENTS } from './verifications.ts';

/** Every event, those of a webhook together. */
export const CATALOGUE: readonly CatalogueEvent[] = [
  ...CALL_EVENTS,
  ...MESSAGE_EVENTS,
  ...CONVERSATION_EVENTS,
  ...MEETING_EVENTS,
  ...VERIFICATION_EVENTS,
];

/** The whole name of an event, such as `voice.event_url:completed`. */
export function nameOf({ webhook, event }: CatalogueEvent): string {
  return `${webhook}:${event}`;
}

/** The short names of an event that no other event has, the shortest first. */
export function aliasesOf(event: CatalogueEvent): string[] {
  return shortNamesOf(event).filter((name) => ALIASES.get(name)?.length === 1 && !NAMES.has(name));
}

/** What came of looking an event up: the event, or names that may have been meant. */
export type Lookup =
  | { readonly found: CatalogueEvent }
  | { readonly ambiguous: boolean; readonly near: string[] };

/** Finds an event by its whole name or by a short one that no other event has. */
export function findEvent(name: string): Lookup {
  const whole = NAMES.get(name);
  if (whole !== undefined) return { found: whole };
  const meant = ALIASES.get(name) ?? [];
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return { found: only };
  if (only !== undefined) return { ambiguous: true, near: meant.map(nameOf) };
  return { ambiguous: false, near: findNear(name, [...NAMES.keys(), ...ALIASES.keys()]) };
}

/** `completed`, `event_url:completed`, `voice:completed`. */
function shortNamesOf({ webhook, event }: CatalogueEvent): string[] {
  const [capability, member] = webhook.split('.');
  return [event, `${capability}:${event}`, `${member}:${event}`];
}

const NAMES: ReadonlyMap<string, CatalogueEvent> = new Map(CATALOGUE.map((event) => [nameOf(event), event]));

const ALIASES: ReadonlyMap<string, readonly CatalogueEvent[]> = groupByShortName();

function groupByShortName(): Map<string, CatalogueEvent[]> {
  const groups = new Map<string, CatalogueEvent[]>();
  for (const event of CATALOGUE) {
    for (const name of shortNamesOf(event)) groups.set(name, [...(groups.get(name) ?? []), event]);
  }
  return groups;
}
