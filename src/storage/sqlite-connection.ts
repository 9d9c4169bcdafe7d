/** Opens a SQLite file the one way every connection of ours is set up. */

import { DatabaseSync } from 'node:sqlite';
import { SHA256, sha256 } from './audit-hash.ts';

/** How long a connection waits for another process's write, in ms. */
export const BUSY_TIMEOUT_MS = 5000;

/**
 * How much of the file a reader maps. Each commit of another connection empties a reader's cache of pages; a list of
 * 100 right after it then takes 400 µs with the file mapped and 1,150 without.
 */
const MAPPED_BYTES = 1024 ** 3;

/** How long it waits between two tries where SQLite does not wait, in ms. */
const BUSY_PAUSE_MS = 10;

const SQLITE_BUSY = 5;

/**
 * Opens a connection: write-ahead log, each commit flushed to disk (`synchronous=FULL`), foreign keys held.
 *
 * @param access `read` refuses every change on this connection.
 * @throws the driver's error when the file cannot be opened or is no database.
 */
export function openConnection(path: string, access: 'read' | 'write'): DatabaseSync {
  const connection = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  try {
    switchToWal(connection);
    connection.exec('pragma synchronous = full');
    // A deleted secret or application leaves no bytes behind in free pages.
    connection.exec('pragma secure_delete = on');
    if (access === 'read') connection.exec(`pragma query_only = on; pragma mmap_size = ${MAPPED_BYTES}`);
    else connection.function(SHA256, { deterministic: true }, (text) => sha256(String(text)));
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/**
 * Opens the connection that units are committed on. Of a statement on many rows SQLite notes what it may have to take
 * back, beyond 64 KiB in a file that is made for it: that was 12 of the 83 µs that a delivery took of the writer.
 *
 * @throws the driver's error when the file cannot be opened or is no database.
 */
export function openUnitConnection(path: string): DatabaseSync {
  const connection = openConnection(path, 'write');
  try {
    connection.exec('pragma temp_store = memory');
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Two processes that switch a new file at a time block each other, and then SQLite does not wait by itself. */
function switchToWal(connection: DatabaseSync): void {
  for (let waited = 0; ; waited += BUSY_PAUSE_MS) {
    try {
      connection.exec('pragma journal_mode = wal');
      return;
    } catch (error) {
      const code = (error as { errcode?: number }).errcode ?? 0;
      if ((code & 0xff) !== SQLITE_BUSY || waited >= BUSY_TIMEOUT_MS) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_PAUSE_MS);
    }
  }
}
