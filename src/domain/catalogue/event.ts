/** An event of the catalogue: which webhook tells it, the form of its payload, and how to make one up. */

import type Type from 'typebox';
import type { WebhookName } from '../webhook.ts';
import type { EventContext } from './context.ts';

/** An event as the catalogue has it. */
export interface CatalogueEvent {
  readonly webhook: WebhookName;
  /** Unique within its webhook. */
  readonly event: string;
  /** One line on what it tells. */
  readonly about: string;
  readonly schema: Type.TSchema;
  create(context: EventContext): object;
}

/** Defines events of one webhook: `eventOf(webhook)(event, about, schema).from(create)`; the schema says what `create` answers. */
export function eventOf(webhook: WebhookName) {
  return <Payload extends object>(event: string, about: string, schema: Type.TUnsafe<Payload>) => ({
    from: (create: (context: EventContext) => Payload): CatalogueEvent => ({
      webhook,
      event,
      about,
      schema,
      create: (context) => ({ ...create(context) }),
    }),
  });
}
