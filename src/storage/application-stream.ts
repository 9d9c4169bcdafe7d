/** All applications of an account one after another, however many there are and whoever writes meanwhile. */

import type { Database } from './database.ts';
import { raw, statement } from './statement.ts';

/** Documents that are read at a time. */
const PIECE = 200;

/** Positions are texts here: a number does not hold every one. */
const selectBounds = statement<{ account: string }, { first: string; last: string }>(
  (db, parameter, { sql }) =>
    db
      .selectFrom('accounts')
      .select([
        sql<string>`cast(number << 32 as text)`.as('first'),
        sql<string>`cast(last_position as text)`.as('last'),
      ])
      .where('api_key', '=', parameter('account')),
);

interface PieceParameters {
  readonly account: string;
  readonly after: string;
  readonly last: string;
  readonly limit: number;
}

const selectPiece = statement<PieceParameters, { position: string; document: string }>(
  (db, parameter, { sql, byPosition }) =>
    raw(
      db,
      sql<{ position: string; document: string }>`
        select cast(position as text) as position, document from applications ${byPosition}
        where account = ${parameter('account')}
          and position > cast(${parameter('after')} as bigint)
          and position <= cast(${parameter('last')} as bigint)
        order by applications.position limit ${parameter('limit')}`,
    ),
);

/**
 * The documents of an account, oldest first: each that is there from the beginning to the end of the reading, once;
 * none that is created meanwhile.
 */
export async function* streamApplications(db: Database, account: string): AsyncIterable<string[]> {
  const [bounds] = await db.all(selectBounds, { account });
  if (bounds === undefined) return;
  const { last } = bounds;
  let after = bounds.first;
  for (;;) {
    db.refresh();
    const rows = await db.all(selectPiece, { account, after, last, limit: PIECE });
    const end = rows.at(-1);
    if (end === undefined) return;
    yield rows.map(({ document }) => document);
    after = end.position;
  }
}
