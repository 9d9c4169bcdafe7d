/** Following changes: what is read for it, and what is counted of deliveries that no engine has ended. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Bell } from '../../src/delivery/bell.ts';
import { followChanges } from '../../src/delivery/change-stream.ts';
import { Deliveries } from '../../src/delivery/deliveries.ts';
import type { Database } from '../../src/storage/database.ts';
import { removeSome } from '../../src/storage/delivery-retention.ts';
import { until } from '../condition.ts';
import { hang, openReceiver, respond } from './receiver.ts';
import { ACCOUNT, awaitStatus, createApplication, messages, openDeliveryWorld } from './world.ts';

const INBOUND = 'messages.inbound_url';

interface Looked {
  after?: number;
  id?: string;
}

interface Watching {
  /** Told with what a statement is run. */
  begun?(parameters: Looked): void;
  /** Told with what it was run, once its rows are there. */
  answered?(parameters: Looked): void;
}

/** The database as it is, with somebody who watches its reads. */
function watchReads(database: Database, watching: Watching): Database {
  return new Proxy(database, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      if (name !== 'all') return member.bind(target);
      return async (statement: unknown, parameters: Looked) => {
        watching.begun?.(parameters);
        const rows: unknown = await member.call(target, statement, parameters);
        watching.answered?.(parameters);
        return rows;
      };
    },
  });
}

describe('who follows an account', () => {
  it('passes by the changes of deliveries that were removed since', async () => {
    await using world = await openDeliveryWorld({ delivers: false });
    const { database, deliveries } = world.context;
    const application = await createApplication(world, messages('http://127.0.0.1:9/'));
    // More than are read at a time.
    const removed = await Promise.all(
      Array.from({ length: 150 }, (_, index) => deliveries.accept(ACCOUNT, application, INBOUND, { index })),
    );
    assert.equal(await removeSome(database, { account: ACCOUNT, limit: removed.length }), removed.length);
    const { id } = await deliveries.accept(ACCOUNT, application, INBOUND, {});
    const ending = new AbortController();
    const followed = followChanges({ database, bell: new Bell(world.time) }, ACCOUNT, {
      after: '0',
      signal: ending.signal,
    });
    const { value } = await followed.next();
    assert.equal(value?.delivery.id, id);
    ending.abort();
    await followed.return(undefined);
  });
});

describe('who follows one application', () => {
  it('passes by the changes of the others once', async () => {
    await using world = await openDeliveryWorld();
    const { database, deliveries } = world.context;
    const [mine = '', other = ''] = await Promise.all(
      [0, 1].map(() => createApplication(world, messages('http://127.0.0.1:9/'))),
    );
    for (const index of [1, 2, 3]) await deliveries.accept(ACCOUNT, other, INBOUND, { index });
    const places: number[] = [];
    const ending = new AbortController();
    const watched = watchReads(database, {
      answered({ after }) {
        if (after !== undefined) places.push(after);
      },
    });
    const options = { database: watched, bell: new Bell(world.time) };
    const request = { applicationId: mine, after: '0', signal: ending.signal };
    const followed = followChanges(options, ACCOUNT, request);
    const next = followed.next();
    await until('the changes were looked for', () => places.length === 1);
    const { id } = await deliveries.accept(ACCOUNT, mine, INBOUND, {});
    await until('they were looked for again', () => {
      world.time.advance(1000);
      return places.length >= 2;
    });
    const { value } = await next;
    assert.equal(value?.delivery.id, id);
    assert.ok((places[1] ?? 0) >= 3, `${places}`);
    ending.abort();
    await followed.return(undefined);
  });
});

describe('who waits for one delivery', () => {
  it('is told of its end at once', async () => {
    await using receiver = await openReceiver(respond(200));
    await using world = await openDeliveryWorld();
    const { deliveries } = world.context;
    const application = await createApplication(world, messages(receiver.url));
    const { id } = await deliveries.accept(ACCOUNT, application, INBOUND, {});
    // Time stands still, so that nobody looks by himself.
    const waited = deliveries.waitFor(ACCOUNT, id, 1000, AbortSignal.timeout(5000));
    assert.equal((await waited).status, 'delivered');
  });

  it('does not look for it at the changes of others', async () => {
    await using receiver = await openReceiver(hang);
    await using world = await openDeliveryWorld();
    const { courier, database, ids } = world.context;
    const application = await createApplication(world, messages(receiver.url));
    const { id } = await world.context.deliveries.accept(ACCOUNT, application, INBOUND, {});
    await until('it is under way', () => receiver.calls.length === 1);
    const bell = new Bell(world.time);
    let begun = 0;
    let answered = 0;
    const watched = watchReads(database, {
      begun(parameters) {
        if (parameters.id === id) begun += 1;
      },
      answered(parameters) {
        if (parameters.id === id) answered += 1;
      },
    });
    const options = { database: watched, clock: world.time, ids, bodies: 'keep', bell, courier } as const;
    const ending = new AbortController();
    const waited = new Deliveries(options).waitFor(ACCOUNT, id, 60_000, ending.signal);
    await until('it was looked for', () => answered === 2);
    await turn();
    bell.ring(ACCOUNT);
    await turn();
    assert.equal(begun, 2);
    world.time.advance(500);
    await until('it was looked for again', () => answered === 4);
    await turn();
    assert.equal(begun, 4);
    ending.abort();
    assert.equal((await waited).status, 'delivering');
  });
});

describe('the figures', () => {
  it('count what was answered at once, and what is gone without a call', async () => {
    await using receiver = await openReceiver(respond(410));
    await using world = await openDeliveryWorld();
    const { courier, deliveries } = world.context;
    const voice = { webhooks: { answer_url: { address: receiver.url } } };
    const application = await createApplication(world, { ...messages(receiver.url), voice });
    await deliveries.answer(ACCOUNT, application, {});
    const { id } = await deliveries.accept(ACCOUNT, application, INBOUND, {});
    await awaitStatus(world, id, 'failed');
    const { status } = await deliveries.accept(ACCOUNT, application, INBOUND, {});
    assert.equal(status, 'gone');
    const { accepted, ended } = courier.figures;
    assert.deepEqual(
      { accepted, ended: Object.fromEntries(ended) },
      { accepted: 3, ended: { failed: 2, gone: 1 } },
    );
  });
});
