/** The documents that are made from code, and how. */

import { composeCliDocument } from './cli-document.ts';
import { composeConfigurationDocument } from './configuration-document.ts';
import { composeEnvExample } from './env-example.ts';
import { composeEventsDocument } from './events-document.ts';

/** A document: its path from the top of the repository, and its text as it has to be. */
export interface GeneratedDocument {
  readonly path: string;
  readonly compose: () => string | Promise<string>;
}

export const DOCUMENTS: readonly GeneratedDocument[] = [
  { path: '.env.example', compose: composeEnvExample },
  { path: 'docs/configuration.md', compose: composeConfigurationDocument },
  { path: 'docs/cli.md', compose: composeCliDocument },
  { path: 'docs/events-catalogue.md', compose: composeEventsDocument },
];
