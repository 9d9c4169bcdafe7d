import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EXAMPLE_CAPABILITIES_BODY, EXAMPLE_PUBLIC_KEY } from '../contract/examples.ts';
import { JackfieldError } from '../errors.ts';
import { parseApplicationBody } from './application-body.ts';
import { isPlainShape } from './shape.ts';

describe('a body in which nothing needs a closer look', () => {
  const outcomeOf = (body: unknown, text?: string) => {
    try {
      return { draft: parseApplicationBody(body, { text }) };
    } catch (error) {
      assert.ok(error instanceof JackfieldError);
      return { faults: error.faults };
    }
  };

  /** Stands for a number that is written in JSON and cannot be held. */
  const TOO_LARGE = 12_345_678_987;

  /** Values that belong nowhere, or not everywhere. */
  const STRANGE = [
    null,
    '',
    'x\0',
    '\ud800',
    TOO_LARGE,
    [],
    {},
    { a: 1 },
    [['x']],
    -1,
    true,
    'https://a.example',
  ];

  /** All copies of a value in which one part of it is replaced, or one member added. */
  function* damaged(value: unknown): Generator<unknown> {
    yield* STRANGE;
    if (typeof value !== 'object' || value === null) return;
    for (const strange of STRANGE) yield { ...value, surplus: strange };
    for (const [name, member] of Object.entries(value)) {
      for (const other of damaged(member)) yield { ...value, [name]: other };
    }
  }

  const plain = {
    name: 'x',
    keys: { public_key: EXAMPLE_PUBLIC_KEY },
    privacy: { improve_ai: true },
    capabilities: EXAMPLE_CAPABILITIES_BODY,
  };

  it('is found', () => {
    assert.equal(isPlainShape(plain, JSON.stringify(plain)), true);
  });

  it('is read as one that had it', () => {
    const open = {
      name: 'x',
      id: 'x',
      _links: {},
      keys: { private_key: 'x' },
      capabilities: { video: {}, bulk: {} },
    };
    const bodies = [plain, open].flatMap((body) => [body, ...damaged(body)]);
    assert.ok(bodies.length > 400, `${bodies.length} bodies`);
    for (const body of bodies) {
      const text = JSON.stringify(body).replaceAll(`${TOO_LARGE}`, '1e400');
      const parsed: unknown = JSON.parse(text);
      assert.deepEqual(outcomeOf(parsed, text), outcomeOf(parsed), text);
    }
  });
});
