/** The receiver of deliveries, the same for both sides: it answers 200, or never, and times what arrives. */

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readProcessorSeconds } from '../processor-time.ts';

/** So many calls are to come, made by a process. */
export interface Expectation {
  readonly calls: number;
  readonly processId: number;
}

/** Asks how many calls have come since the start, or since so many were expected. */
export interface CountQuestion {
  readonly asked: 'count';
}

/** How the calls came: counted are those between the first fifth and the last tenth. */
export interface Arrival {
  readonly count: number;
  readonly seconds: number;
  /** Of the process that made them; null where the system does not tell. */
  readonly processorSeconds: number | null;
}

const PATIENCE_MS = 180_000;

const isHung = process.argv[2] === 'hung';
let arrived = 0;
let onArrival: (arrived: number) => void = () => undefined;

function answer(response: ServerResponse): void {
  arrived += 1;
  onArrival(arrived);
  if (!isHung) response.writeHead(200, { 'Content-Length': '0' }).end();
}

/** Resolves when all have come. */
function expectCalls({ calls, processId }: Expectation): Promise<Arrival> {
  const { promise, resolve, reject } = Promise.withResolvers<Arrival>();
  const read = () => ({ wall: performance.now() / 1000, processor: readProcessorSeconds(processId) });
  const from = Math.ceil(calls * 0.2);
  const to = Math.floor(calls * 0.9);
  let before = read();
  let after = before;
  const late = setTimeout(() => reject(new Error(`${arrived} of ${calls} calls came`)), PATIENCE_MS);
  arrived = 0;
  onArrival = (count) => {
    if (count === from) before = read();
    if (count === to) after = read();
    if (count !== calls) return;
    clearTimeout(late);
    const isKnown = before.processor !== null && after.processor !== null;
    resolve({
      count: to - from,
      seconds: after.wall - before.wall,
      processorSeconds: isKnown ? Number(after.processor) - Number(before.processor) : null,
    });
  };
  return promise;
}

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => answer(response));
});

process.on('disconnect', () => process.exit());
process.on('message', (message: Expectation | CountQuestion) => {
  if ('asked' in message) {
    process.send?.({ result: arrived });
    return;
  }
  expectCalls(message).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ failure: String(error) }),
  );
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ result: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
});
