/** What goes wrong while credentials are checked: it is logged, and answered once. */

import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { fastify } from 'fastify';
import { createAdmission } from '../src/http/admission.ts';
import { Answers, createBody } from '../src/http/answer.ts';
import { beginExchange } from '../src/http/exchange.ts';
import { until } from './condition.ts';
import { startJackfield } from './jackfield.ts';
import { basic, createClient } from './wire/client.ts';

describe('the admission of a request', () => {
  it('leaves in the log why credentials could not be checked', async () => {
    await using server = await startJackfield();
    const database = new DatabaseSync(server.databasePath);
    database.exec('ALTER TABLE accounts RENAME TO elsewhere');
    database.close();
    const answer = await createClient(server.url, server.accounts[0]).list();
    assert.equal(answer.status, 500);
    const requestId = answer.headers['x-request-id'] ?? '';
    const failed = (line: string) => line.includes('request failed') && line.includes(requestId);
    await until('the failure is logged', () => server.logLines().some(failed));
    assert.match(server.logLines().find(failed) ?? '', /no such table/);
  });

  it('answers once when a handler throws behind its answer', async () => {
    await using server = await startJackfield();
    const answers = new Answers({ draining: false });
    const admit = createAdmission(server.context, answers, 0);
    await using app = fastify();
    app.addHook('onRequest', (request, reply, done) => {
      beginExchange(request.raw, reply.raw, 'an id');
      done();
    });
    app.get('/', (request, reply) =>
      admit(request, reply, (exchange) => {
        answers.send(reply, exchange, 200, createBody('{}'));
        throw new Error('behind the answer');
      }),
    );
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    // Not known yet, so that the handler runs behind the check.
    const { status } = await fetch(url, { headers: { authorization: basic(server.accounts[0]) } });
    assert.equal(status, 200);
  });
});
