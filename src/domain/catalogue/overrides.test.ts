import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CATALOGUE, findEvent } from './catalogue.ts';
import { createSeededContext } from './context.ts';
import { applyOverrides, assertWhole, OverrideError } from './overrides.ts';

const AT = Date.parse('2026-01-02T03:04:05.678Z');

/** The payload of an event with overrides. */
function override(name: string, ...overrides: string[]): Record<string, unknown> {
  const lookup = findEvent(name);
  assert.ok('found' in lookup, name);
  const payload = lookup.found.create(createSeededContext(1, AT));
  const changed = applyOverrides(lookup.found.schema, payload, overrides);
  assertWhole(lookup.found.schema, changed);
  return changed as Record<string, unknown>;
}

/** The error of overrides that are refused. */
function refusal(name: string, ...overrides: string[]): { message: string; fix: string } {
  try {
    override(name, ...overrides);
  } catch (error) {
    assert.ok(error instanceof OverrideError, String(error));
    return error;
  }
  assert.fail('it was taken');
}

describe('an override', () => {
  it('takes the type that the schema has at its path', () => {
    const completed = override('voice.event_url:completed', 'to=447700900001', 'duration=30', 'sip_code=486');
    assert.equal(completed['to'], '447700900001');
    assert.equal(completed['duration'], '30', 'a text in this event');
    assert.equal(completed['sip_code'], 486);
    assert.deepEqual(override('dtmf', 'dtmf.digits=', 'dtmf.timed_out=true')['dtmf'], {
      digits: '',
      timed_out: true,
    });
    assert.equal(override('answered', 'rate=null')['rate'], null);
    assert.equal(override('answered', 'rate=0.01')['rate'], '0.01');
  });

  it('keeps every sign behind the first equals sign', () => {
    assert.equal(override('text', 'text=a=b "c" 1')['text'], 'a=b "c" 1');
  });

  it('reaches into lists, and adds to their end', () => {
    const { speech } = override(
      'speech',
      'speech.results.0.confidence=0.5',
      'speech.results.2.text=sale',
      'speech.results.2.confidence=0.1',
    );
    const { results } = speech as { results: unknown[] };
    assert.deepEqual(results[0], { text: 'sales', confidence: 0.5 });
    assert.deepEqual(results[2], { text: 'sale', confidence: 0.1 });
    assert.match(refusal('speech', 'speech.results.9.text=x').fix, /0 to 2/);
    assert.match(refusal('speech', 'speech.results.length=1').message, /no place/);
  });

  it('adds members that the event may have, and whole objects as JSON', () => {
    assert.equal(override('text', 'client_ref=mine')['client_ref'], 'mine');
    assert.deepEqual(override('text', 'usage={"price":"1","currency":"GBP"}')['usage'], {
      price: '1',
      currency: 'GBP',
    });
    assert.match(refusal('text', 'usage={"price":"1"}').fix, /members/);
  });

  it('takes anything inside a free-form member, by JSON where it is some', () => {
    const { payload } = override('notify', 'payload.step=2', 'payload.deep.name=x', 'payload.list=[1]');
    assert.deepEqual(payload, { step: 2, deep: { name: 'x' }, list: [1] });
    assert.match(refusal('notify', 'payload.__proto__=1').message, /no members/);
    assert.equal(Object.getPrototypeOf(payload), Object.prototype);
  });

  it('does not change the payload it is given', () => {
    const lookup = findEvent('notify');
    assert.ok('found' in lookup);
    const given = lookup.found.create(createSeededContext(1, AT));
    const before = structuredClone(given);
    applyOverrides(lookup.found.schema, given, ['payload.step=x']);
    assert.deepEqual(given, before);
  });

  it('is refused for an unknown path, with the known ones near it', () => {
    const { message, fix } = refusal('voice:completed', 'durration=3');
    assert.equal(message, 'The event has no member "durration"');
    assert.match(fix, /^It may be duration\b/);
    assert.match(refusal('dtmf', 'dtmf.xxxxxxxx=1').fix, /^It has digits, timed_out\.$/);
    assert.match(refusal('dtmf', 'dtmf.digits.more=1').message, /no members/);
    assert.match(refusal('dtmf', '__proto__.x=1').message, /no member/);
    assert.match(refusal('dtmf', 'constructor=1').message, /no member/);
  });

  it('is refused for a value of another type or form, saying which it must have', () => {
    assert.match(refusal('voice:completed', 'sip_code=many').fix, /whole number from 100 to 699/);
    assert.match(refusal('voice:completed', 'sip_code=1e9').fix, /whole number/);
    assert.match(refusal('dtmf', 'dtmf.timed_out=yes').fix, /true or false/);
    assert.match(refusal('voice:completed', 'direction=up').fix, /outbound, inbound/);
    assert.match(refusal('voice:completed', 'timestamp=now').fix, /of the form/);
    assert.match(refusal('voice:completed', 'to=').fix, /not empty/);
  });

  it('is refused when it is none, and when something that belongs to it is not there', () => {
    assert.match(refusal('text', 'text').fix, /path=value/);
    assert.match(refusal('text', '=x').fix, /path=value/);
    assert.match(refusal('whatsapp-text', 'context.message_from=1').message, /context/);
  });

  it('is taken or refused with what to do, whatever somebody writes', () => {
    const word = fc.oneof(
      fc.constantFrom(
        'to',
        'from',
        'dtmf',
        'digits',
        'speech',
        'results',
        '0',
        'body',
        'user',
        'payload',
        '__proto__',
      ),
      fc.string({ maxLength: 5 }),
    );
    const override = fc.tuple(fc.array(word, { maxLength: 4 }), fc.oneof(fc.string(), fc.json()));
    fc.assert(
      fc.property(fc.constantFrom(...CATALOGUE), override, ({ schema, create }, [path, value]) => {
        const payload = create(createSeededContext(1, AT));
        try {
          JSON.stringify(applyOverrides(schema, payload, [`${path.join('.')}=${value}`]));
        } catch (error) {
          assert.ok(error instanceof OverrideError, String(error));
        }
        assert.equal(Object.keys(Object.prototype).length, 0);
      }),
      { numRuns: 300 },
    );
  });
});
