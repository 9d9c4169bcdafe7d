/** The revision of credentials as this process last heard of it: asked for again and again, told of sooner where it can be. */

import type { Client, Pool } from 'pg';
import { connectDirectly, type PostgresOptions } from './postgres-connection.ts';

/** How often it is asked for, in ms. */
const EVERY_MS = 400;

/** The channel on which a change is told; nothing depends on it. */
export const CHANNEL = 'jackfield_credentials';

/** Follows `revisions.credentials`. */
export class PostgresRevision {
  readonly #options: PostgresOptions;
  readonly #pool: Pool;
  #value = 0;
  #timer: NodeJS.Timeout | undefined;
  #listener: Client | undefined;
  #connecting = false;
  #closed = false;

  constructor(options: PostgresOptions, pool: Pool) {
    this.#options = options;
    this.#pool = pool;
  }

  get current(): number {
    return this.#value;
  }

  async start(): Promise<void> {
    await this.refresh();
    void this.#listen();
    this.#schedule();
  }

  /** Asks now; when the database does not answer, what was known stands until it does. */
  async refresh(): Promise<void> {
    try {
      const { rows } = await this.#pool.query("select value from revisions where name = 'credentials'");
      this.#value = Number(rows[0]?.value);
    } catch {
      // Whoever needs the database now is told by his own query.
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#listener?.end().catch(() => undefined);
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#again(), EVERY_MS);
    this.#timer.unref();
  }

  async #again(): Promise<void> {
    await this.refresh();
    void this.#listen();
    this.#schedule();
  }

  /** Behind a pooler LISTEN hears nothing, without an error; only a connection past it is worth having. */
  async #listen(): Promise<void> {
    const { pooled, directUrl } = this.#options;
    const isWorthwhile = directUrl !== undefined || !pooled;
    if (!isWorthwhile || this.#listener !== undefined || this.#connecting || this.#closed) return;
    this.#connecting = true;
    try {
      const listener = await connectDirectly(this.#options, () => {
        this.#listener = undefined;
      });
      listener.on('notification', () => void this.refresh());
      await listener.query(`listen ${CHANNEL}`);
      if (this.#closed) await listener.end();
      else this.#listener = listener;
    } catch {
      // It is asked for anyway.
    } finally {
      this.#connecting = false;
    }
  }
}
