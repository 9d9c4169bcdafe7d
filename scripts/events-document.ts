/** `docs/events-catalogue.md`: every event that can be made up, with its members and an example. */

import { aliasesOf, CATALOGUE, nameOf } from '../src/domain/catalogue/catalogue.ts';
import { createSeededContext } from '../src/domain/catalogue/context.ts';
import type { CatalogueEvent } from '../src/domain/catalogue/event.ts';
import { WEBHOOK_NAMES, type WebhookName } from '../src/domain/webhook.ts';
import { code, composeTable } from './markdown.ts';

const HEAD = `# Events

Made by \`npm run generate\` from the catalogue itself; \`jackfield trigger --list\` shows its names.

\`jackfield trigger APP_ID EVENT\` sends one of these to the webhook of an application. Their members are those that the platform's public documentation
describes, in our own words; what a live service sends may have more of them, and may change. Values are made up anew each time, or the same again
with \`--seed\`:

- Telephone numbers are out of the ranges kept free for stories and examples (Ofcom's 07700 900xxx and 020 7946 0xxx, the North American 555-01xx),
  and all addresses are at \`example.com\`: an event that ends up in the wrong place reaches nobody.
- Times are that of the machine, UTC; what began before is so many seconds earlier as the event says it took.
- Ids are UUIDs, with the prefix that their kind has.

\`--set path=value\` sets one member and may be repeated. The value takes the type that the member has, and is refused where it has another, as is a path
that the event does not have. \`--payload FILE\` sends what is in the file instead, whatever it is.

Beneath each example stand the members that the event may have besides, and those that have several values to choose from. A short name stands beside the whole one where no other event has it. The capabilities \`vbc\`, \`network_apis\`, \`video\` and \`bulk\` have no webhooks in the contract,
so there are no events for them.

`;

/** The time and the seed of the examples. */
const AT = Date.parse('2026-01-02T03:04:05.678Z');
const SEED = 1;

/** A JSON Schema as data, as far as it is shown. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** Composes the document; it ends with a line break. */
export function composeEventsDocument(): string {
  return `${HEAD}${WEBHOOK_NAMES.map(composeWebhook).join('\n')}`;
}

function composeWebhook(webhook: WebhookName): string {
  const events = CATALOGUE.filter((event) => event.webhook === webhook);
  const rows = events.map((event) => [
    code(event.event),
    aliasesOf(event).map(code).slice(0, 1).join(''),
    event.about,
  ]);
  const table = composeTable(['event', 'short name', 'what happened'], rows);
  return `## ${webhook}\n\n${table}\n\n${events.map(composeEvent).join('\n')}`;
}

function composeEvent(event: CatalogueEvent): string {
  const payload = event.create(createSeededContext(SEED, AT));
  const rows = listMembers(event.schema, payload, '');
  const more =
    rows.length === 0 ? '' : `\n${composeTable(['also, or otherwise', 'type', 'what it says'], rows)}\n`;
  const example = JSON.stringify(payload, null, 2);
  return `### ${nameOf(event)}\n\n${event.about}\n\n\`\`\`json\n${example}\n\`\`\`\n${more}`;
}

/** A row for each member that the example does not have, or which has several values to choose from. */
function listMembers({ properties = {} }: Schema, example: unknown, above: string): string[][] {
  return Object.entries(properties).flatMap(([name, member]) => {
    const path = `${above}${name}`;
    const shown: unknown = Reflect.get(Object(example), name);
    const isNews = shown === undefined || (member.enum?.length ?? 0) > 1;
    const rows = isNews ? [[code(path), typeOf(member), describe(member)]] : [];
    const within =
      member.items === undefined
        ? listMembers(member, shown, `${path}.`)
        : listMembers(member.items, Reflect.get(Object(shown), 0), `${path}.0.`);
    return [...rows, ...within];
  });
}

function typeOf({ type = 'any', items }: Schema): string {
  return items === undefined ? [type].flat().join(' or ') : 'list';
}

function describe({ description = '', enum: values }: Schema): string {
  return values === undefined ? description : `${description} ${values.map(code).join(', ')}`;
}
