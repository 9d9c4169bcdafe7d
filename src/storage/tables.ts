/** The tables as the query builder sees them; the columns' meaning stands in `migrations/`. */

import type { Generated } from 'kysely';

export interface AccountRow {
  api_key: string;
  name: string;
  enabled: number;
  secret_salt: Uint8Array;
  application_count: number;
  created_at: number;
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
  position: Generated<number>;
  account: string;
  id: string;
  version: number;
  document: string;
  created_at: number;
  updated_at: number;
}

interface SettingRow {
  name: string;
  value: Uint8Array;
}

interface RevisionRow {
  name: string;
  value: number;
}

export interface Tables {
  accounts: AccountRow;
  secrets: SecretRow;
  applications: ApplicationRow;
  settings: SettingRow;
  revisions: RevisionRow;
}
