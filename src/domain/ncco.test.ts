import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_ANSWER_BYTES, parseNcco } from './ncco.ts';

const TALK = [
  { action: 'talk', text: 'Grüße' },
  { action: 'hangup', extra: null },
];

const parse = (
  body: string | Buffer,
  contentType: string | undefined = 'application/json',
  truncated = false,
) => parseNcco({ contentType, body: Buffer.from(body as string), truncated });

const reasonOf = (result: ReturnType<typeof parse>) =>
  'reason' in result ? result.reason : assert.fail('an NCCO');

describe('an NCCO', () => {
  it('D20 is a JSON array of actions, as application/json with any parameters', () => {
    const types = [
      'application/json',
      'Application/JSON;charset=utf-8',
      'application/json ; a="b"',
      ' application/json ',
    ];
    for (const type of types) assert.deepEqual(parse(JSON.stringify(TALK), type), { ncco: TALK }, type);
  });

  it('D20 has no other content type', () => {
    const types = [
      'text/plain',
      'application/jsonp',
      'application/problem+json',
      'text/json',
      '',
      ';application/json',
    ];
    for (const type of types) assert.match(reasonOf(parse(JSON.stringify(TALK), type)), /content type/, type);
    const none = parseNcco({ contentType: undefined, body: Buffer.from('[]'), truncated: false });
    assert.match(reasonOf(none), /no content type/);
  });

  for (const [name, body, reason] of [
    ['an empty body', '', /not JSON/],
    ['what is not JSON', '[{action:"talk"}]', /not JSON/],
    ['more than one value', '[{"action":"a"}] []', /not JSON/],
    ['bytes that are no UTF-8', Buffer.from([0x5b, 0xff, 0x5d]), /not JSON/],
    ['a byte order mark', `\uFEFF${JSON.stringify(TALK)}`, /not JSON/],
    ['an object', '{"action":"talk"}', /not a JSON array/],
    ['null', 'null', /not a JSON array/],
    ['a text', '"talk"', /not a JSON array/],
    ['an empty array', '[]', /empty/],
    ['an item that is null', '[{"action":"a"},null]', /item 1/],
    ['an item that is an array', '[[]]', /item 0/],
    ['an item that is a text', '["talk"]', /item 0/],
    ['an item without action', '[{"action":"a"},{"action":"b"},{"text":"c"}]', /item 2/],
    ['an action that is no text', '[{"action":1}]', /item 0/],
    [
      'what nobody could write out again',
      `[{"action":"a","b":${'['.repeat(20000)}${']'.repeat(20000)}}]`,
      /nested/,
    ],
  ] as const) {
    it(`D20 is not ${name}`, () => assert.match(reasonOf(parse(body)), reason));
  }

  it('D20 has at most 64 KiB', () => {
    const whole = (bytes: number) => JSON.stringify([{ action: 'x'.repeat(bytes - 15) }]);
    const most = whole(MAX_ANSWER_BYTES);
    assert.equal(Buffer.byteLength(most), 64 * 1024);
    assert.ok('ncco' in parse(most));
    assert.match(reasonOf(parse(`${most} `)), /more than 65536 bytes/);
    assert.match(reasonOf(parse(most, 'application/json', true)), /more than 65536 bytes/);
  });
});
