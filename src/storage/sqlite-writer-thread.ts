/** The thread that owns the only writing connection: takes a batch, commits it, answers, takes the next. */

import { parentPort, workerData } from 'node:worker_threads';
import { commitBatch, type StatementCache } from './sqlite-batch.ts';
import { openUnitConnection } from './sqlite-connection.ts';
import { BatchDecoder, type BatchMessage, encodeResults } from './sqlite-message.ts';

const connection = openUnitConnection((workerData as { path: string }).path);
const statements: StatementCache = new Map();
const decoder = new BatchDecoder();

parentPort?.on('message', (message: BatchMessage | 'close') => {
  if (message === 'close') {
    connection.close();
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(encodeResults(commitBatch(connection, statements, decoder.decode(message))));
});
