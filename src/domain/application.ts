/** An application, and the JSON it is kept in and answered from. */

import type { ApplicationItem } from '../contract/application.ts';
import type { Capabilities } from '../contract/capabilities.ts';

export { type ApplicationDraft, parseApplicationBody } from './application-body.ts';

/** An application as it is kept. */
export interface Application {
  id: string;
  name: string;
  /** SPKI, PEM. */
  publicKey: string;
  improveAi: boolean;
  capabilities: Capabilities;
}

/**
 * The JSON of an application as an item of a list (W30, W31): what is kept, and what every answer is cut
 * from.
 */
export function writeDocument({ id, name, publicKey, improveAi, capabilities }: Application): string {
  const item: ApplicationItem = {
    id,
    name,
    keys: { public_key: publicKey },
    privacy: { improve_ai: improveAi },
    capabilities,
  };
  return JSON.stringify(item);
}

/** The application that `writeDocument` wrote. */
export function readDocument(document: string): Application {
  const { id, name, keys, privacy, capabilities }: ApplicationItem = JSON.parse(document);
  return { id, name, publicKey: keys.public_key, improveAi: privacy.improve_ai, capabilities };
}
