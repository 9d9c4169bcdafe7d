/** Connections that were opened ahead of need, as browsers do, and never used: nobody waits for an answer on them. */

import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Watches the connections of a server.
 *
 * @returns a function that closes those on which not a byte has come; Node itself closes only those that were used.
 */
export function watchUnusedConnections(server: Server): () => void {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return () => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
  };
}
