/** Connections that wait for a next call, by where they lead. */

import type { Connection } from './connection.ts';

/** Connections that are kept at the most; each goes by itself after a second without a call. */
const MAX_IDLE = 1024;

/** Keeps connections between calls; one is used again only for an address that the call itself may connect to. */
export class IdleConnections {
  readonly #byOrigin = new Map<string, Connection[]>();
  #count = 0;

  /** Takes out a connection to one of the addresses, the one used last first. */
  take(origin: string, addresses: readonly string[]): Connection | undefined {
    const connections = this.#byOrigin.get(origin) ?? [];
    const found = connections.findLast(({ isOpen, address }) => isOpen && addresses.includes(address));
    if (found !== undefined) this.drop(found);
    return found;
  }

  /** Keeps a connection that is open. */
  put(connection: Connection): void {
    if (this.#count >= MAX_IDLE) {
      connection.destroy();
      return;
    }
    const connections = this.#byOrigin.get(connection.origin);
    if (connections === undefined) this.#byOrigin.set(connection.origin, [connection]);
    else connections.push(connection);
    this.#count++;
  }

  /** Forgets a connection, if it is kept. */
  drop(connection: Connection): void {
    const connections = this.#byOrigin.get(connection.origin) ?? [];
    const at = connections.lastIndexOf(connection);
    if (at === -1) return;
    connections.splice(at, 1);
    this.#count--;
    if (connections.length === 0) this.#byOrigin.delete(connection.origin);
  }

  close(): void {
    for (const connection of [...this.#byOrigin.values()].flat()) {
      this.drop(connection);
      connection.destroy();
    }
  }
}
