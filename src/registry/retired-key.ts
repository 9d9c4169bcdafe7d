/** What the retired key of an application means to those who replace its key. */

import type { Application, ApplicationDraft } from '../domain/application.ts';
import type { Database, Key, Write } from '../storage/database.ts';
import { findRetiredKey, forgetEndedKey } from '../storage/retired-keys.ts';

/** What becomes of the key that an update sends. */
export interface Replacement {
  /** The key sent is the one that was retired: a client sends back what it was answered before the rotation. */
  readonly isRetired: boolean;
  /** What the unit of the update has to do besides. */
  readonly writes: readonly Write[];
}

const PLAIN: Replacement = { isRetired: false, writes: [] };

/** Judges the key of an update; only one that would replace the key costs a read. */
export async function judgeReplacement(
  database: Database,
  key: Key,
  { current, draft, now }: { current: Application; draft: ApplicationDraft; now: number },
): Promise<Replacement> {
  if (draft.publicKey === undefined || draft.publicKey === current.publicKey) return PLAIN;
  const retired = await findRetiredKey(database, key);
  if (retired === undefined) return PLAIN;
  if (retired.validUntil <= now) return { isRetired: false, writes: [forgetEndedKey(key, now)] };
  return { isRetired: retired.publicKey === draft.publicKey, writes: [] };
}
