/** One read transaction for each turn of the event loop: a read then costs 2 to 3.5 µs instead of 3.5 to 5.5. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';

/**
 * A reading connection that keeps one snapshot until the turn ends or `refresh` is called.
 *
 * Whoever was answered reads what he wrote: a commit of this process refreshes the snapshot before the
 * answer goes out, and a request that follows another process's commit arrives in a later turn.
 */
export class TurnSnapshot {
  readonly #connection: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #end: StatementSync;
  readonly #dataVersion: StatementSync;
  #open = false;
  #turn: NodeJS.Immediate | undefined;
  #version = 0;

  constructor(connection: DatabaseSync) {
    this.#connection = connection;
    this.#begin = connection.prepare('begin');
    this.#end = connection.prepare('commit');
    this.#dataVersion = connection.prepare('pragma data_version');
    this.#dataVersion.setReturnArrays(true);
  }

  /** Begins the read transaction of this turn, if it has not begun. */
  enter(): void {
    this.version();
    if (this.#open) return;
    this.#begin.run();
    this.#open = true;
  }

  /** SQLite's `data_version`, looked at once a turn: it differs after any commit of any other connection. */
  version(): number {
    if (this.#turn === undefined) {
      this.#turn = setImmediate(() => this.refresh());
      this.#version = (this.#dataVersion.get() as unknown as [number])[0];
    }
    return this.#version;
  }

  /** Ends the snapshot; the next read sees all that is committed by then. */
  refresh(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    if (!this.#open) return;
    this.#open = false;
    try {
      this.#end.run();
    } catch (error) {
      // SQLite itself ends a transaction in which the disk failed.
      if (this.#connection.isTransaction) throw error;
    }
  }

  close(): void {
    this.refresh();
    if (this.#connection.isOpen) this.#connection.close();
  }
}
