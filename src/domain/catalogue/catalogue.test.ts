import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import Value from 'typebox/value';
import { WEBHOOK_NAMES } from '../webhook.ts';
import { aliasesOf, CATALOGUE, findEvent, nameOf } from './catalogue.ts';
import { createSeededContext } from './context.ts';

const AT = Date.parse('2026-01-02T03:04:05.678Z');

/** All texts in a value, with their paths. */
function textsOf(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => textsOf(member, `${path}.${key}`));
}

const DOCUMENTATION_NUMBERS = /^(447700900\d{3}|442079460\d{3}|120255501\d{2})$/;

describe('the catalogue', () => {
  it('has an event for every webhook of the contract, and none for others', () => {
    assert.deepEqual(new Set(CATALOGUE.map(({ webhook }) => webhook)), new Set(WEBHOOK_NAMES));
  });

  it('gives every event a name of its own, and a line about it', () => {
    assert.equal(new Set(CATALOGUE.map(nameOf)).size, CATALOGUE.length);
    for (const event of CATALOGUE) assert.match(event.about, /^[A-Z].*\.$/, nameOf(event));
  });

  it('has schemas that take no member they do not name', () => {
    for (const event of CATALOGUE) {
      const payload = { ...event.create(createSeededContext(1, AT)), surplus: 1 };
      assert.ok(!Value.Check(event.schema, payload), nameOf(event));
    }
  });

  for (const event of CATALOGUE) {
    it(`${nameOf(event)} is valid by its schema, whatever chance brings`, () => {
      for (let seed = 0; seed < 50; seed += 1) {
        const payload = event.create(createSeededContext(seed, AT));
        assert.deepEqual(Value.Errors(event.schema, payload), [], JSON.stringify(payload));
        assert.deepEqual(JSON.parse(JSON.stringify(payload)), payload, 'it is JSON');
      }
    });
  }

  it('makes the same payload of the same seed, and another of another', () => {
    for (const event of CATALOGUE) {
      const make = (seed: number) => JSON.stringify(event.create(createSeededContext(seed, AT)));
      assert.equal(make(7), make(7), nameOf(event));
      assert.notEqual(make(7), make(8), nameOf(event));
    }
  });

  it('names only numbers and addresses that are kept free for examples', () => {
    for (const event of CATALOGUE) {
      for (const [path, text] of textsOf(event.create(createSeededContext(3, AT)))) {
        if (/^\d{10,12}$/.test(text)) assert.match(text, DOCUMENTATION_NUMBERS, `${nameOf(event)} ${path}`);
        if (/^\w+:\/\//.test(text)) assert.match(new URL(text).hostname, /(^|\.)example\.com$/);
      }
    }
  });

  it('takes its times from the clock, none of them ahead of it', () => {
    for (const event of CATALOGUE) {
      for (const [path, text] of textsOf(event.create(createSeededContext(3, AT)))) {
        if (/^\d{4}-\d\d-\d\dT/.test(text))
          assert.ok(Date.parse(text) <= AT, `${nameOf(event)} ${path}: ${text}`);
      }
    }
  });

  it('makes values that fit together: a call lasted as long as it says, and cost its rate', () => {
    const lookup = findEvent('voice.event_url:completed');
    assert.ok('found' in lookup);
    const call = lookup.found.create(createSeededContext(5, AT)) as Record<string, string>;
    const seconds = Number(call['duration']);
    assert.equal(Date.parse(call['end_time'] ?? '') - Date.parse(call['start_time'] ?? ''), seconds * 1000);
    assert.ok(Math.abs(Number(call['price']) - (Number(call['rate']) * seconds) / 60) < 1e-8);
  });

  it('has no status where the answer to input is to be an NCCO, and `disconnected` where a socket has gone (D23)', () => {
    for (const name of ['dtmf', 'speech', 'notify']) {
      const lookup = findEvent(name);
      assert.ok('found' in lookup, name);
      assert.ok(!('status' in lookup.found.create(createSeededContext(1, AT))), name);
    }
  });
});

describe('the name of an event', () => {
  it('is found whole, and short where no other event has it', () => {
    for (const event of CATALOGUE) {
      assert.deepEqual(findEvent(nameOf(event)), { found: event });
      for (const alias of aliasesOf(event)) assert.deepEqual(findEvent(alias), { found: event }, alias);
    }
    const ringing = findEvent('ringing');
    assert.ok('found' in ringing);
    assert.equal(nameOf(ringing.found), 'voice.event_url:ringing');
  });

  it('is told whole when a short one is that of several', () => {
    assert.deepEqual(findEvent('completed'), {
      ambiguous: true,
      near: ['voice.event_url:completed', 'verify.status_url:completed'],
    });
  });

  it('is told when one is near', () => {
    const lookup = findEvent('voice.event_url:complete');
    assert.ok('near' in lookup && !lookup.ambiguous);
    assert.equal(lookup.near[0], 'voice.event_url:completed');
    assert.deepEqual(findEvent('zzzzzzzzzzzz'), { ambiguous: false, near: [] });
  });
});
