/** The engine is opened once, and leaves nothing behind when that fails. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemChance, systemClock, systemIds, systemTimers } from '../../src/clock.ts';
import { Bell } from '../../src/delivery/bell.ts';
import { Courier } from '../../src/delivery/courier.ts';
import { Sender } from '../../src/delivery/send.ts';
import { createEgressRules } from '../../src/domain/egress-rules.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { until } from '../condition.ts';
import { openFolder } from '../folder.ts';
import { startJackfield } from '../jackfield.ts';

const LANE = { account: 'aaaa1111', application: 'none', webhook: 'messages.inbound_url', repeated: false };

describe('the courier', () => {
  it('hears of each request, so that fewer calls are begun beside it', async () => {
    await using server = await startJackfield();
    const { pace } = server.context.courier;
    pace.next();
    const alone = pace.next();
    const answer = await fetch(`${server.url}/healthz`);
    assert.equal(answer.status, 200);
    assert.ok(pace.next() < alone);
    assert.equal(pace.next(), alone);
  });

  it('allows a call more for each event that it is told of', async () => {
    await using server = await startJackfield();
    const { courier } = server.context;
    courier.pace.next();
    const alone = courier.pace.next();
    courier.wake(LANE);
    courier.wake(LANE);
    assert.equal(courier.pace.next(), alone + 2);
    courier.rest();
    courier.wake(LANE);
    assert.equal(courier.pace.next(), alone);
  });

  it('opens no sender for an engine that cannot be opened, and one for the engine that can', async () => {
    await using folder = await openFolder();
    await using database = await openSqlite({ path: folder.file('test.db'), writer: 'inline' });
    let failures = 0;
    let senders = 0;
    let lines = 0;
    const tell = () => {
      lines += 1;
    };
    const courier = new Courier({
      database,
      clock: systemClock,
      timers: systemTimers,
      ids: systemIds,
      chance: systemChance,
      bell: new Bell(systemTimers),
      logger: { debug: tell, info: tell, warn: tell, error: tell },
      bodies: 'drop',
      retentionDays: 1,
      version: '0.0.0-test',
      issuer: 'test',
      openSigning: async () => {
        if (failures === 2) return () => Promise.reject(new Error('nothing is signed here'));
        failures += 1;
        throw new Error('the keys cannot be loaded');
      },
      openSender: async () => {
        senders += 1;
        return new Sender({ rules: createEgressRules('public'), clock: systemClock });
      },
    });
    for (const count of [1, 2]) {
      courier.wake(LANE);
      await until('it has failed', () => lines >= count && failures === count);
    }
    assert.equal(senders, 0);
    for (let time = 0; time < 3; time += 1) courier.wake(LANE);
    await until('it is open', () => senders > 0);
    courier.wake(LANE);
    await courier.stop(0);
    assert.equal(senders, 1);
  });
});
