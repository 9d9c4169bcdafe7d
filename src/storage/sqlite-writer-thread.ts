/** The thread that owns the only writing connection: takes a batch, commits it, answers, takes the next. */

import { parentPort, workerData } from 'node:worker_threads';
import { commitBatch, type StatementCache } from './sqlite-batch.ts';
import { openConnection } from './sqlite-connection.ts';
import { BatchDecoder, type BatchMessage } from './sqlite-message.ts';

const connection = openConnection((workerData as { path: string }).path, 'write');
const statements: StatementCache = new Map();
const decoder = new BatchDecoder();

parentPort?.on('message', (message: BatchMessage | 'close') => {
  if (message === 'close') {
    connection.close();
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(commitBatch(connection, statements, decoder.decode(message)));
});
