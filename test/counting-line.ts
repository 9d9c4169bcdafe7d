/** A line between a server and its PostgreSQL on which answers take a while, and which tells its round trips. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** How long answers are held back after the last that was asked, in ms: what is sent without waiting is one trip. */
const HELD_MS = 20;

/** A line that is open. */
export interface CountingLine extends AsyncDisposable {
  /** The same database, by this line. */
  readonly url: string;
  /** Begins to count anew. */
  restart(): void;
  /** What was sent since then, a text for each round trip: all that left before an answer arrived. */
  roundTrips(): string[];
}

/** All that left before an answer arrived. */
interface Trip {
  sent: string;
}

/** One connection: everything that is sent before the next answer arrives is one round trip. */
function carry(client: Socket, database: { host: string; port: number }, trips: Trip[]): void {
  const server = connect({ ...database, noDelay: true });
  let held: Buffer[] = [];
  let current: Trip | undefined;
  const release = () => {
    if (held.length === 0) return;
    client.write(Buffer.concat(held));
    held = [];
    current = undefined;
  };
  // One timer, moved on by whatever is sent or answered.
  const timer = setInterval(release, HELD_MS);
  client.on('data', (sent) => {
    timer.refresh();
    if (current === undefined) {
      current = { sent: '' };
      trips.push(current);
    }
    current.sent += sent.toString('latin1');
    server.write(sent);
  });
  server.on('data', (answer) => {
    timer.refresh();
    held.push(answer);
  });
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    from.on('error', () => undefined);
    from.on('close', () => {
      clearInterval(timer);
      to.destroy();
    });
  }
}

/** Opens a line to a database. */
export async function openCountingLine(databaseUrl: string): Promise<CountingLine> {
  const { hostname: host, port } = new URL(databaseUrl);
  const trips: Trip[] = [];
  const sockets = new Set<Socket>();
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    carry(socket, { host, port: Number(port) }, trips);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const url = new URL(databaseUrl);
  url.port = `${(listener.address() as AddressInfo).port}`;
  return {
    url: url.href,
    restart: () => void trips.splice(0),
    roundTrips: () => trips.map(({ sent }) => sent),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
