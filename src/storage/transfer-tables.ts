/** Which tables a backup and a copy carry, in the order in which they can be filled, and why the others stay behind. */

import type { TableName } from './tables.ts';

/**
 * What becomes of a table when data moves.
 *
 * `content` is what people made: a database that has any is not empty. `bookkeeping` is there in every database. `order`
 * names the columns that put its rows in one order on every database.
 */
export type Fate =
  | {
      readonly carried: 'content' | 'bookkeeping';
      readonly order: readonly string[];
      /** The database itself refuses to change or remove its rows. */
      readonly appendOnly?: true;
    }
  | { readonly leftOut: string };

/** A new table has to be decided upon here before anything compiles. */
export const FATES: Readonly<Record<TableName, Fate>> = {
  accounts: { carried: 'content', order: ['api_key'] },
  secrets: { carried: 'content', order: ['account', 'id'] },
  applications: { carried: 'content', order: ['position'] },
  application_blocks: { carried: 'content', order: ['account', 'level', 'block'] },
  audit: { carried: 'content', order: ['account', 'sequence'], appendOnly: true },
  retired_keys: { carried: 'content', order: ['account', 'application'] },
  deliveries: { carried: 'content', order: ['account', 'id'] },
  delivery_bodies: { carried: 'content', order: ['account', 'delivery'] },
  delivery_attempts: { carried: 'content', order: ['account', 'delivery', 'number'] },
  delivery_lanes: { carried: 'content', order: ['account', 'application', 'webhook', 'repeated'] },
  gone_addresses: { carried: 'content', order: ['account', 'application', 'webhook', 'address_sha256'] },
  delivery_changes: { leftOut: 'it is what streams have told lately, and each database counts for itself' },
  idempotency_keys: { leftOut: 'private keys that are kept for minutes, so that nobody else comes by them' },
  idempotency_due: { leftOut: 'it belongs to idempotency_keys' },
  rate_usage: { leftOut: 'what processes told each other a moment ago' },
  settings: { carried: 'bookkeeping', order: ['name'] },
  revisions: { carried: 'bookkeeping', order: ['name'] },
};

/** Tables that are no part of what the server keeps: each database has its own. */
export const OWN_TABLES: Readonly<Record<string, string>> = {
  migrations: 'which migrations a database has had is told by the head of a backup',
  migrations_lock: 'it belongs to the migrations',
};

/** The columns that order a table that is carried. */
export function orderOf(name: string): readonly string[] | undefined {
  const fate = fateOf(name);
  return fate !== undefined && 'order' in fate ? fate.order : undefined;
}

/** Says whether rows of a table are something that must not be lost unasked. */
export function isContent(name: string): boolean {
  const fate = fateOf(name);
  return fate !== undefined && 'carried' in fate && fate.carried === 'content';
}

/** Says whether a database refuses to change or remove rows of a table. */
export function isAppendOnly(name: string): boolean {
  const fate = fateOf(name);
  return fate !== undefined && 'appendOnly' in fate;
}

function fateOf(name: string): Fate | undefined {
  return Object.entries(FATES).find(([table]) => table === name)?.[1];
}
