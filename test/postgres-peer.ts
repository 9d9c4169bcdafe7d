/** A peer that speaks just enough of PostgreSQL's protocol to tell its version, for versions that nobody can install here. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

/** A peer that listens. */
export interface PostgresPeer extends AsyncDisposable {
  readonly port: number;
}

/** A message of the protocol (PostgreSQL 18, §54.7): a letter, the length of the rest with its own, the rest. */
function message(letter: string, ...parts: readonly (string | Buffer)[]): Buffer {
  const rest = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const head = Buffer.alloc(5);
  head.write(letter);
  head.writeInt32BE(rest.length + 4, 1);
  return Buffer.concat([head, rest]);
}

const int16 = (value: number) => Buffer.from([value >> 8, value & 0xff]);
const int32 = (value: number) => Buffer.from([value >> 24, value >> 16, value >> 8, value]);

const TEXT_OID = 25;
const READY = message('Z', 'I');

/** One row of texts, whatever was asked for. */
function answerRow(row: Readonly<Record<string, string>>): Buffer {
  const fields = Object.keys(row).map((name) =>
    Buffer.concat([
      Buffer.from(`${name}\0`),
      int32(0),
      int16(0),
      int32(TEXT_OID),
      int16(-1),
      int32(-1),
      int16(0),
    ]),
  );
  const values = Object.values(row).map((value) => Buffer.concat([int32(value.length), Buffer.from(value)]));
  return Buffer.concat([
    message('T', int16(fields.length), ...fields),
    message('D', int16(values.length), ...values),
    message('C', 'SELECT 1\0'),
    READY,
  ]);
}

/** @param number the version as `server_version_num` has it. */
function greet(socket: Socket, version: string, number: string): void {
  socket.on('error', () => undefined);
  // The first message has no letter: whoever comes is let in.
  socket.once('data', () => {
    socket.write(
      Buffer.concat([message('R', int32(0)), message('S', `server_version\0${version}\0`), READY]),
    );
    socket.on('data', (data) => {
      if (data.subarray(0, 1).toString() === 'Q') socket.write(answerRow({ number, version }));
      else socket.end();
    });
  });
}

/** Listens as a PostgreSQL of this version. */
export async function openPostgresPeer(version: string, number: string): Promise<PostgresPeer> {
  const server = createServer((socket) => greet(socket, version, number)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
