/** The connections of a server, also those that Node has let go of (`CONNECT`) or has not used yet. */

import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** What can be done to the connections of a server. */
export interface Connections {
  /**
   * Closes those on which not a byte has come: browsers open some ahead of need, and nobody waits for an answer
   * there. Node itself closes only those that were used.
   */
  closeUnused(): void;
  closeAll(): void;
}

/** Begins to watch the connections of a server. */
export function watchConnections(server: Server): Connections {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return {
    closeUnused: () => {
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
    },
    closeAll: () => {
      for (const socket of open) socket.destroy();
    },
  };
}
