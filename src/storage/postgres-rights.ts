/** What the user of a PostgreSQL database has to be allowed to do, and is not. */

import type { Pool } from 'pg';
import type { TableName } from './tables.ts';

/** A privilege as PostgreSQL names it. */
type Right = 'select' | 'insert' | 'update' | 'delete';

const ALL: readonly Right[] = ['select', 'insert', 'update', 'delete'];

/** What is done with each table; the compiler asks for those that are missing here. */
const NEEDED: Readonly<Record<TableName, readonly Right[]>> = {
  accounts: ALL,
  secrets: ALL,
  applications: ALL,
  application_blocks: ALL,
  audit: ['select', 'insert'],
  idempotency_keys: ALL,
  idempotency_due: ALL,
  deliveries: ALL,
  delivery_bodies: ALL,
  delivery_attempts: ALL,
  delivery_changes: ALL,
  delivery_lanes: ALL,
  gone_addresses: ALL,
  retired_keys: ALL,
  rate_usage: ALL,
  settings: ['select', 'insert', 'update'],
  revisions: ['select', 'update'],
};

/** What numbers are taken from: those of accounts, and those of the changes of deliveries. */
const SEQUENCES = ['account_numbers', 'delivery_changes_sequence_seq'];

/** @returns the rights that are missing, such as `UPDATE, DELETE on accounts`, table by table; empty when none is. */
export async function findMissingRights(pool: Pool): Promise<string[]> {
  const pairs = Object.entries(NEEDED).flatMap(([table, rights]) =>
    rights.map((right) => ({ table, right })),
  );
  const { rows } = await pool.query<{ rights: string; name: string }>(
    `select string_agg(upper(privilege), ', ') as rights, name
     from unnest($1::text[], $2::text[]) as needed (name, privilege)
     where not has_table_privilege(name, privilege) group by name
     union all
     select 'USAGE', name from unnest($3::text[]) as needed (name) where not has_sequence_privilege(name, 'usage')
     order by name`,
    [pairs.map(({ table }) => table), pairs.map(({ right }) => right), SEQUENCES],
  );
  return rows.map(({ rights, name }) => `${rights} on ${name}`);
}
