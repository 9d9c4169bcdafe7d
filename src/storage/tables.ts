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

/** A key replaced by a rotation; it counts until `valid_until` (ms). */
interface RetiredKeyRow {
  account: string;
  application: string;
  public_key: string;
  valid_until: number;
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

export interface Tables {
  deliveries: DeliveryTable;
  accounts: AccountTable;
  secrets: SecretRow;
  applications: ApplicationRow;
  application_blocks: ApplicationBlockRow;
  retired_keys: RetiredKeyRow;
  settings: SettingRow;
  revisions: RevisionRow;
}
