/**
 * The file of a backup: lines of JSON under gzip, and behind them the SHA-256 of the file so far as a gzip member of its
 * own, so that any tool that knows gzip reads all of it (`docs/backup-format.md`).
 */

import { gzipSync } from 'node:zlib';
import { JackfieldError } from '../errors.ts';
import type { ColumnKind } from './table-shapes.ts';

export const FORMAT = 'jackfield-backup';

/** Rises when a file can no longer be read by a release that knew only the one before. */
export const FORMAT_VERSION = 1;

/** The first line. */
export interface BackupHead {
  readonly format: string;
  readonly version: number;
  /** The last migration of the database it was made of. */
  readonly schema: string;
  readonly created_at: string;
  /** The release that wrote it. */
  readonly release: string;
  readonly database: string;
}

/** The line before the rows of a table. */
export interface BackupSection {
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly kind: ColumnKind }[];
}

/** The line behind all rows: how many there are of each table. */
export interface BackupTail {
  readonly rows: Readonly<Record<string, number>>;
}

/** How many bytes `composeSeal` makes. */
export const SEAL_BYTES = composeSeal(Buffer.alloc(32)).length;

/**
 * The last bytes of a file, a gzip member that is the same length for every digest and the same bytes on every machine.
 *
 * @param digest the SHA-256 of all bytes before.
 */
export function composeSeal(digest: Buffer): Buffer {
  const seal = gzipSync(`{"sha256":"${digest.toString('hex')}"}\n`, { level: 0 });
  // The system it was made on (RFC 1952 §2.3.1): unknown.
  seal[9] = 255;
  return seal;
}

/** The error for a file that cannot be restored. */
export function backupUnusable(path: string, what: string, fix?: string): JackfieldError {
  return new JackfieldError(
    'backup_unusable',
    `The file ${path} ${what}; nothing was changed`,
    fix === undefined ? {} : { fix },
  );
}
