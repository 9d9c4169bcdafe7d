/** One kept-alive connection of the load generator: raw bytes out, framed answers in. */

import { connect, type Socket } from 'node:net';
import { type AnswerTaker, createFraming } from './framing.ts';

/** A connection that is open. */
export interface LoadConnection {
  send(bytes: Buffer): void;
  close(): void;
}

/** One read buffer for each connection, reused: no allocation per answer. */
const READ_BUFFER_BYTES = 64 * 1024;

/** Opens a connection; `onFault` is told once when it breaks, which is an error unless the run is over. */
export function openConnection(
  address: { host: string; port: number },
  onAnswer: AnswerTaker,
  onFault: (reason: string) => void,
): Promise<LoadConnection> {
  const { promise, resolve, reject } = Promise.withResolvers<LoadConnection>();
  const take = createFraming(onAnswer);
  let closed = false;
  const fail = (reason: string): void => {
    if (closed) return;
    closed = true;
    socket.destroy();
    reject(new Error(reason));
    onFault(reason);
  };
  const callback = (length: number, buffer: Uint8Array): boolean => {
    try {
      take((buffer as Buffer).subarray(0, length));
    } catch (error) {
      fail(String(error));
    }
    return true;
  };
  const socket: Socket = connect({
    ...address,
    noDelay: true,
    onread: { buffer: Buffer.allocUnsafe(READ_BUFFER_BYTES), callback },
  });
  socket.on('error', (error) => fail(error.message));
  socket.on('close', () => fail('the server closed the connection'));
  socket.on('connect', () => {
    resolve({
      send: (bytes) => socket.write(bytes),
      close: () => {
        closed = true;
        socket.destroy();
      },
    });
  });
  return promise;
}
