/** The numbers that what is kept of a SQLite file lives by; they are read once after each commit, whoever made it. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { BoundWrite } from './sqlite-batch.ts';
import type { TurnSnapshot } from './sqlite-snapshot.ts';

/** Belongs into each transaction that writes anything but deliveries. */
export const RAISE_REGISTRY: BoundWrite = {
  sql: "update revisions set value = value + 1 where name = 'registry'",
  values: [],
  changes: undefined,
  returns: false,
};

/** Reads the revisions, as they stand in the snapshot of the turn. */
export class Revisions {
  readonly #snapshot: TurnSnapshot;
  readonly #select: StatementSync;
  #readAt = -1;
  #credentials = 0;
  #registry = 0;

  constructor(connection: DatabaseSync, snapshot: TurnSnapshot) {
    this.#snapshot = snapshot;
    this.#select = connection.prepare('select name, value from revisions');
  }

  /** Rises at least with each commit of anything but deliveries. */
  get registry(): number {
    this.#read();
    return this.#registry;
  }

  /** Rises with each commit that can make remembered credentials wrong. */
  get credentials(): number {
    this.#read();
    return this.#credentials;
  }

  #read(): void {
    const version = this.#snapshot.version();
    if (version === this.#readAt) return;
    this.#snapshot.enter();
    const values = new Map(this.#select.all().map(({ name, value }) => [name, Number(value)]));
    // Nothing is kept by a number that is not there.
    this.#credentials = values.get('credentials') ?? Number.NaN;
    this.#registry = values.get('registry') ?? Number.NaN;
    this.#readAt = version;
  }
}
