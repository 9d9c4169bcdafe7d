/** The checker of histories: what it takes, and above all what it refuses. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isLinearizable, type Operation } from './linearizability.ts';

const NEVER = Number.POSITIVE_INFINITY;

const create = (begun: number, ended: number, mark = 'a'): Operation => ({
  kind: 'create',
  mark,
  begun,
  ended,
});
const read = (begun: number, ended: number, mark?: string): Operation => ({
  kind: 'read',
  mark,
  begun,
  ended,
});
const update = (begun: number, ended: number, mark: string, found?: boolean): Operation => ({
  kind: 'update',
  mark,
  found: ended === NEVER ? undefined : (found ?? true),
  begun,
  ended,
});
const remove = (begun: number, ended: number, found?: boolean): Operation => ({
  kind: 'remove',
  found: ended === NEVER ? undefined : (found ?? true),
  begun,
  ended,
});

const LINEARIZABLE: Readonly<Record<string, readonly Operation[]>> = {
  'nothing at all': [],
  'one thing after another': [
    read(0, 1),
    create(2, 3),
    read(4, 5, 'a'),
    update(6, 7, 'b'),
    read(8, 9, 'b'),
    remove(10, 11),
    read(12, 13),
    update(14, 15, 'c', false),
    remove(16, 17, false),
  ],
  'a read beside an update that sees what was before': [create(0, 1), update(2, 5, 'b'), read(3, 4, 'a')],
  'a read beside an update that sees it': [create(0, 1), update(2, 5, 'b'), read(3, 4, 'b')],
  'a read beside the create that sees it before it is answered': [create(0, 5), read(1, 2, 'a')],
  'two updates at a time, either of which may be the last': [
    create(0, 1),
    update(2, 5, 'b'),
    update(3, 4, 'c'),
    read(6, 7, 'b'),
  ],
  'a lost update that was done late': [
    create(0, 1),
    update(2, NEVER, 'b'),
    read(3, 4, 'a'),
    update(5, 6, 'c'),
    read(7, 8, 'b'),
  ],
  'a lost update that was never done': [create(0, 1), update(2, NEVER, 'b'), read(3, 4, 'a')],
  'a lost removal that was done': [create(0, 1), remove(2, NEVER), read(3, 4, 'a'), read(5, 6)],
  'a lost update that came when nothing was there any more': [
    create(0, 1),
    update(2, NEVER, 'b'),
    remove(3, 4),
    read(5, 6),
  ],
  'a lost create that was done': [create(0, NEVER), read(1, 2), read(3, 4, 'a')],
};

const NOT_LINEARIZABLE: Readonly<Record<string, readonly Operation[]>> = {
  'a read behind an update that sees what was before': [create(0, 1), update(2, 3, 'b'), read(4, 5, 'a')],
  'a read that sees what nobody wrote': [create(0, 1), read(2, 3, 'z')],
  'a read before what it sees was asked for': [create(0, 1), read(2, 3, 'b'), update(4, 5, 'b')],
  'a read behind the create that sees nothing': [create(0, 1), read(2, 3)],
  'two reads, the later of which sees the older version': [
    create(0, 1),
    update(2, 9, 'b'),
    read(3, 4, 'b'),
    read(5, 6, 'a'),
  ],
  'an update that was answered and lost': [create(0, 1), update(2, 3, 'b'), read(4, 5, 'a'), read(6, 7, 'a')],
  'two removals that both found it': [create(0, 1), remove(2, 5), remove(3, 4)],
  'a removal that found nothing though it was there': [create(0, 1), remove(2, 3, false), read(4, 5, 'a')],
  'an update that found it behind its removal': [create(0, 1), remove(2, 3), update(4, 5, 'b')],
  'what comes back behind its removal': [create(0, 1), remove(2, 3), read(4, 5, 'a')],
  'a lost update that is done and then undone': [
    create(0, 1),
    update(2, NEVER, 'b'),
    read(3, 4, 'b'),
    read(5, 6, 'a'),
  ],
  'a lost update that is done twice': [
    create(0, 1),
    update(2, NEVER, 'b'),
    read(3, 4, 'b'),
    update(5, 6, 'c'),
    read(7, 8, 'c'),
    read(9, 10, 'b'),
  ],
  'a lost create that is undone': [create(0, NEVER), read(1, 2, 'a'), read(3, 4)],
  'two creates of one application': [create(0, 1, 'a'), create(2, 3, 'b')],
};

describe('a history is linearizable', () => {
  for (const [name, history] of Object.entries(LINEARIZABLE)) {
    it(name, () => assert.equal(isLinearizable(history), true));
  }

  it('whatever order its operations come in', () => {
    for (const [name, history] of Object.entries(LINEARIZABLE)) {
      assert.equal(isLinearizable(history.toReversed()), true, name);
    }
  });

  it('when it was made by a register, however wide the spans around its moments are', () => {
    const step = fc.record({
      kind: fc.constantFrom('update', 'remove', 'read'),
      before: fc.nat(3),
      behind: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 24 }), (steps) => {
        let state: string | undefined = 'a';
        const history = steps.map(({ kind, before, behind }, number): Operation => {
          const span = { begun: number - before, ended: number + behind };
          const found = state !== undefined;
          if (kind === 'read') return { kind, mark: state, ...span };
          const mark = `${number}`;
          if (found) state = kind === 'update' ? mark : undefined;
          return kind === 'update' ? { kind, mark, found, ...span } : { kind: 'remove', found, ...span };
        });
        assert.equal(isLinearizable([create(-9, -8), ...history]), true);
      }),
    );
  });

  it('in good time with a hundred operations, eight of them at a time', () => {
    const updates = Array.from({ length: 100 }, (_, number) => update(number, number + 8, `${number}`));
    assert.equal(isLinearizable([create(-2, -1), ...updates, read(200, 201, '95')]), true);
  });
});

describe('a history is not linearizable', () => {
  for (const [name, history] of Object.entries(NOT_LINEARIZABLE)) {
    it(`with ${name}`, () => assert.equal(isLinearizable(history), false));
  }
});
