/** The tables as the query builder sees them; the columns' meaning stands in `migrations/`. */

export interface AccountRow {
  api_key: string;
  name: string;
  enabled: number;
  secret_salt: Uint8Array;
  application_count: number;
  created_at: number;
}

/** Numbers and positions are for the database alone: they may be larger than a number here can hold exactly. */
interface AccountTable extends AccountRow {
  number: number;
  last_position: number;
}

/** `api` secrets are kept as a slow hash, `signature` secrets encrypted. */
export type SecretKind = 'api' | 'signature';

export interface SecretRow {
  account: string;
  id: string;
  kind: SecretKind;
  content: Uint8Array;
  created_at: number;
}

interface ApplicationRow {
  account: string;
  id: string;
  position: number;
  version: number;
  document: string;
  created_at: number;
  updated_at: number;
}

interface ApplicationBlockRow {
  account: string;
  level: number;
  block: number;
  live: number;
}

export interface AuditRow {
  account: string;
  sequence: number;
  at: number;
  entry: string;
  hash: string;
}

/** A key replaced by a rotation; it counts until `valid_until` (ms). */
interface RetiredKeyRow {
  account: string;
  application: string;
  public_key: string;
  valid_until: number;
}

/** What a process has let in of an account's requests, for the others on the same database. */
interface RateUsageRow {
  account: string;
  process: string;
  used: number;
  level: number;
  at: number;
}

interface SettingRow {
  name: string;
  value: Uint8Array;
}

interface RevisionRow {
  name: string;
  value: number;
}

/** How a delivery stands. */
export type DeliveryStatus =
  | 'queued'
  | 'delivering'
  | 'waiting'
  | 'delivered'
  | 'failed'
  | 'gone'
  | 'dropped';

interface DeliveryTable {
  account: string;
  id: string;
  application: string;
  webhook: string;
  status: DeliveryStatus;
  position: number;
  created_at: number;
  due_at: number | null;
  repeated: number;
  claim: string | null;
  attempts: number;
  rounds: number;
  replay_of: string | null;
  payload_bytes: number;
  payload_sha256: string;
  keeps_body: number;
}

/** Left out of backups, copies and exports, as is `idempotency_due`. */
export interface IdempotencyRow {
  account: string;
  key_hash: Uint8Array;
  body_hash: Uint8Array;
  application: string;
  answer: Uint8Array;
  private_key: Uint8Array | null;
  expires_at: number;
  due_at: number;
}

interface IdempotencyDueRow {
  account: string;
  due_at: number;
}

export interface Tables {
  deliveries: DeliveryTable;
  accounts: AccountTable;
  secrets: SecretRow;
  applications: ApplicationRow;
  application_blocks: ApplicationBlockRow;
  audit: AuditRow;
  retired_keys: RetiredKeyRow;
  rate_usage: RateUsageRow;
  settings: SettingRow;
  revisions: RevisionRow;
  idempotency_keys: IdempotencyRow;
  idempotency_due: IdempotencyDueRow;
}

/** All tables of the schema, those too whose statements are written by hand. */
export type TableName =
  | keyof Tables
  | 'delivery_bodies'
  | 'delivery_attempts'
  | 'delivery_changes'
  | 'delivery_lanes'
  | 'gone_addresses';
