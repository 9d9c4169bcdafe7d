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

interface SettingRow {
  name: string;
  value: Uint8Array;
}

interface RevisionRow {
  name: string;
  value: number;
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
  accounts: AccountTable;
  secrets: SecretRow;
  applications: ApplicationRow;
  application_blocks: ApplicationBlockRow;
  settings: SettingRow;
  revisions: RevisionRow;
  idempotency_keys: IdempotencyRow;
  idempotency_due: IdempotencyDueRow;
}
