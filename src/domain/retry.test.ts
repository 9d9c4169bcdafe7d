/** The table of what follows an attempt, row by row, and the times of repeats. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  decideStep,
  LIFETIME_MS,
  type Manner,
  mannerOf,
  type Outcome,
  type Step,
  timeOfRepeat,
} from './retry.ts';

const VOICE: readonly Manner[] = ['answer', 'call_control', 'event'];
const OTHERS: readonly Manner[] = ['message', 'verify'];

type End = readonly [outcome: Outcome, statusCode?: number];

/** What may be better in a moment. */
const PASSING: readonly End[] = [
  ['connect_timeout'],
  ['socket_timeout'],
  ['refused'],
  ['reset'],
  ['http_error', 429],
  ['http_error', 503],
  ['http_error', 504],
];
const UNREACHABLE: readonly End[] = [['dns_error'], ['tls_error']];
const BROKEN: readonly End[] = [
  ['http_error'],
  ['http_error', 500],
  ['http_error', 501],
  ['http_error', 502],
  ['http_error', 599],
];
const REFUSALS: readonly End[] = [
  ['http_error', 206],
  ['http_error', 299],
  ['redirect', 301],
  ['redirect', 399],
  ['http_error', 400],
  ['http_error', 401],
  ['http_error', 404],
  ['http_error', 428],
  ['http_error', 499],
];
const GONE: readonly End[] = [['http_error', 410]];
const EGRESS: readonly End[] = [['egress_refused']];
const BAD_NCCO: readonly End[] = [['bad_ncco', 200]];

function step(manner: Manner, [outcome, statusCode]: End, { attempts = 1, hasFallback = false } = {}): Step {
  return decideStep({ manner, outcome, statusCode, attempts, hasFallback });
}

const each = (ends: readonly (readonly End[])[], check: (end: End) => void) => ends.flat().forEach(check);

describe('what follows an attempt', () => {
  it('is nothing more when it was delivered', () => {
    for (const manner of [...VOICE, ...OTHERS])
      assert.equal(step(manner, ['delivered', 200], { hasFallback: true }), 'delivered');
  });

  it('D21 D23 for voice is one more at once, after what passes', () => {
    for (const manner of VOICE) {
      each([PASSING], (end) => {
        assert.equal(step(manner, end, { attempts: 1, hasFallback: true }), 'again', `${manner} ${end}`);
        assert.notEqual(step(manner, end, { attempts: 2, hasFallback: true }), 'again', `${manner} ${end}`);
      });
    }
  });

  it('D21 D22 for voice is the fallback at once after anything else, if there is one', () => {
    for (const manner of ['answer', 'call_control'] as const) {
      each([UNREACHABLE, BROKEN, REFUSALS, GONE, EGRESS, BAD_NCCO], (end) => {
        assert.equal(step(manner, end, { hasFallback: true }), 'fallback', `${manner} ${end}`);
        assert.equal(step(manner, end), 'failed', `${manner} ${end}`);
      });
      each([PASSING], (end) => {
        assert.equal(step(manner, end, { attempts: 2, hasFallback: true }), 'fallback', `${manner} ${end}`);
        assert.equal(step(manner, end, { attempts: 2 }), 'failed', `${manner} ${end}`);
      });
    }
  });

  it('D23 for an event whose answer nobody uses is never the fallback', () => {
    each([UNREACHABLE, BROKEN, REFUSALS, GONE, EGRESS], (end) =>
      assert.equal(step('event', end, { hasFallback: true }), 'failed', `${end}`),
    );
    each([PASSING], (end) => assert.equal(step('event', end, { attempts: 2, hasFallback: true }), 'failed'));
  });

  it('D30 for everything else is a repeat after no connection, timeouts, broken answers, 429 and 5xx', () => {
    for (const manner of OTHERS) {
      each([PASSING, UNREACHABLE, BROKEN], (end) => {
        for (const attempts of [1, 2, 50]) assert.equal(step(manner, end, { attempts }), 'later', `${end}`);
      });
    }
  });

  it('D30 is the end after any other answer, but for verify a repeat', () => {
    each([REFUSALS], (end) => {
      assert.equal(step('message', end), 'failed', `${end}`);
      assert.equal(step('verify', end), 'later', `${end}`);
    });
  });

  it('D30 is the end after 410 and where no call may be made', () => {
    for (const manner of OTHERS) {
      each([GONE], (end) => assert.equal(step(manner, end), 'gone'));
      each([EGRESS], (end) => assert.equal(step(manner, end), 'failed'));
    }
  });
});

describe('the manner of a webhook', () => {
  it('D23 is told by the payload where it is an event of a call', () => {
    const manners: readonly (readonly [Record<string, unknown>, Manner])[] = [
      [{ status: 'disconnected' }, 'call_control'],
      [{ dtmf: { digits: '1' } }, 'call_control'],
      [{ speech: {} }, 'call_control'],
      [{ payload: {} }, 'call_control'],
      [{ status: 'answered', dtmf: {} }, 'event'],
      [{ status: 'completed' }, 'event'],
      [{}, 'event'],
    ];
    for (const [members, manner] of manners) assert.equal(mannerOf('voice.event_url', { members }), manner);
  });

  it('is that of its capability elsewhere', () => {
    assert.equal(mannerOf('voice.answer_url', { members: {} }), 'answer');
    assert.equal(mannerOf('verify.status_url', { members: {} }), 'verify');
    for (const name of ['messages.inbound_url', 'rtc.event_url', 'meetings.room_changed'])
      assert.equal(mannerOf(name, { members: { status: 'disconnected' } }), 'message');
  });
});

describe('the time of a repeat', () => {
  const SECOND = 1000;
  const plain = { acceptedAt: 0, now: 0, retryAfter: undefined, fraction: 0.5 };

  it('D30 doubles from 5 to 640 s, and is 15 min from then on', () => {
    const waits = Array.from(
      { length: 11 },
      (_, index) => timeOfRepeat({ ...plain, rounds: index + 1 }) / SECOND,
    );
    assert.deepEqual(waits, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]);
    assert.equal(timeOfRepeat({ ...plain, rounds: 90 }), 900 * SECOND);
  });

  it('D30 is a tenth more or less by chance', () => {
    assert.equal(timeOfRepeat({ ...plain, rounds: 1, fraction: 0 }), 4.5 * SECOND);
    assert.equal(timeOfRepeat({ ...plain, rounds: 1, fraction: 1 }), 5.5 * SECOND);
  });

  it('D30 is later when the receiver asks for it, never sooner, and never after a day', () => {
    fc.assert(
      fc.property(
        fc.record({
          now: fc.integer({ min: 0, max: LIFETIME_MS }),
          rounds: fc.integer({ min: 1, max: 120 }),
          fraction: fc.double({ min: 0, max: 1, noNaN: true }),
          retryAfter: fc.option(fc.nat(Number.MAX_SAFE_INTEGER), { nil: undefined }),
        }),
        ({ retryAfter, ...rest }) => {
          const without = timeOfRepeat({ acceptedAt: 0, ...rest, retryAfter: undefined });
          const due = timeOfRepeat({ acceptedAt: 0, ...rest, retryAfter });
          assert.ok(due >= without && due <= LIFETIME_MS);
          const asked = rest.now + (retryAfter ?? 0) * SECOND;
          assert.ok(due >= Math.min(asked, LIFETIME_MS));
          assert.ok(due === without || due === Math.min(asked, LIFETIME_MS));
        },
      ),
    );
  });
});
