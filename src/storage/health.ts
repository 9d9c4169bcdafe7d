/** Whether the database answers. */

import type { Database } from './database.ts';
import { statement } from './statement.ts';

const selectAnything = statement<Record<never, never>, { name: string }>((db) =>
  db.selectFrom('revisions').select('name').limit(1),
);

/** Asks the database for a row that is always there; an error is a no. */
export async function isReachable(db: Database): Promise<boolean> {
  try {
    return (await db.all(selectAnything, {})).length === 1;
  } catch {
    return false;
  }
}
