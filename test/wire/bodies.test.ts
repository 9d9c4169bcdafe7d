/** Bodies as bytes: how large, how deep, which text; and rubbish of many kinds, which is a 400 and leaves no trace. */

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { type Answer, application, at, BASE, createClient } from './client.ts';
import { problem, problems, rejected } from './problem.ts';
import { body, OWN_KEY } from './sample.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const LIMIT = 262_144;
const KEYS = `"keys":{"public_key":${JSON.stringify(OWN_KEY)}}`;
const JSON_TYPE = { 'content-type': 'application/json' };
const post = (bytes: string | Uint8Array) => api.send({ method: 'POST', body: bytes });
const video = (text: string) => `{"name":"n",${KEYS},"capabilities":{"video":${text}}}`;
let kept = '';
let total = 0;

before(async () => {
  kept = (await api.given(body({ name: 'kept' }))).id;
  total = await api.total();
});

async function assertNothingStored(): Promise<void> {
  assert.equal(await api.total(), total);
  assert.equal((await api.found(kept)).name, 'kept');
}

/** Sends the bytes to POST and to PUT. */
const both = async (bytes: string | Uint8Array): Promise<Answer[]> => [
  await post(bytes),
  await api.send({ method: 'PUT', path: `${BASE}/${kept}`, body: bytes }),
];

describe('the size of a body', () => {
  const padded = (length: number) => {
    const text = JSON.stringify(body());
    return `${text.slice(0, -1)}${' '.repeat(length - text.length)}}`;
  };
  const chunked = { ...JSON_TYPE, 'transfer-encoding': 'chunked' };

  it('W21 may be 262144 bytes, of declared length or in chunks', async () => {
    for (const headers of [JSON_TYPE, chunked]) {
      const answer = await api.send({ method: 'POST', headers, body: padded(LIMIT) });
      const { id } = application(answer, 201);
      assert.equal((await api.remove(id)).status, 204);
    }
  });

  for (const length of [LIMIT + 1, LIMIT + 100_000, LIMIT * 8]) {
    it(`W21 may not be ${length} bytes: 413 (W49)`, async () => {
      for (const headers of [JSON_TYPE, chunked]) {
        const bytes = padded(length);
        problem(await api.send({ method: 'POST', headers, body: bytes }), problems.tooLarge);
        const put = { method: 'PUT', path: `${BASE}/${kept}`, headers, body: bytes };
        problem(await api.send(put), problems.tooLarge);
      }
      await assertNothingStored();
    });
  }
});

describe('the depth of a body', () => {
  const objects = (depth: number) => `${'{"a":'.repeat(depth - 3)}{}${'}'.repeat(depth - 3)}`;
  const arrays = (depth: number) => `{"a":${'['.repeat(depth - 3)}${']'.repeat(depth - 3)}}`;

  it('W21 may be 32, counting the body itself', async () => {
    for (const text of [objects(32), arrays(32)]) {
      const { id, capabilities } = application(await post(video(text)), 201);
      assert.deepEqual(capabilities['video'], JSON.parse(text));
      assert.equal((await api.remove(id)).status, 204);
    }
  });

  for (const depth of [33, 34, 100, 10_000]) {
    it(`W21 may not be ${depth}`, async () => {
      for (const text of [objects(depth), arrays(depth)]) {
        for (const answer of await both(video(text))) rejected(answer);
      }
      await assertNothingStored();
    });
  }

  it('W21 may not be the deepest that fits', async () => {
    for (const text of [
      '['.repeat(LIMIT),
      '{"a":'.repeat(50_000),
      `${'['.repeat(130_000)}${']'.repeat(130_000)}`,
    ]) {
      for (const answer of await both(text)) rejected(answer);
    }
    await assertNothingStored();
  });
});

describe('a text that is no JSON', () => {
  const texts = [
    '{',
    '}',
    '{"name":"x"',
    '{"name":"x",}',
    '{"name":}',
    "{'name':'x'}",
    '{name:"x"}',
    '{"name":"x"}}',
    '{"name":"x"}{"name":"y"}',
    '{"name":"x"} trailing',
    '{"name":"x"},',
    '{"name":"x"}\u0000',
    '{"name":"x"} // comment',
    '{/* comment */"name":"x"}',
    '{"name":"\\x41"}',
    '{"name":"\\u12"}',
    '{"name":"a\nb"}',
    '{"name":"a\tb"}',
    '{"name":"a\u0000b"}',
    '{"name":NaN}',
    '{"name":Infinity}',
    '{"name":undefined}',
    '{"name":+1}',
    '{"name":01}',
    '{"name":.5}',
    '{"name":1.}',
    '{"name":0x10}',
    '{"name":True}',
    '{"name" "x"}',
    '{1:2}',
    '[1,2',
    '"name',
    'name=x',
    '<name>x</name>',
    '\u00a0{"name":"x"}',
    '\v{"name":"x"}',
    '   ',
    '\n',
    '\u0000',
    'nul',
  ];
  for (const text of texts) {
    it(`W42 is malformed: ${JSON.stringify(text)}`, async () => {
      for (const answer of await both(text)) problem(answer, problems.json);
      await assertNothingStored();
    });
  }

  it('W42 tells of another place for another fault', async () => {
    const [early, late] = [await post('{"name":x}'), await post(`{"name":"x",${' '.repeat(500)}"keys":x}`)];
    assert.notEqual(at(early.json, 'detail'), at(late.json, 'detail'));
  });

  it('W42 repeats no long piece of the body', async () => {
    const secret = 's3cret-that-nobody-repeats';
    assert.ok(!(await post(`{"name":"${secret}" "x"}`)).text.includes(secret));
  });
});

describe('a text that is JSON and yet refused', () => {
  afterEach(assertNothingStored);
  const name = (escaped: string) => `{"name":"${escaped}",${KEYS}}`;
  const bytes = (...parts: (string | number[])[]) => Buffer.concat(parts.map((part) => Buffer.from(part)));
  const around = (middle: number[]) => bytes('{"name":"a', middle, `b",${KEYS}}`);
  const inVideo = (middle: number[]) =>
    bytes(`{"name":"n",${KEYS},"capabilities":{"video":{"a":"`, middle, '"}}}');
  const cases: readonly [what: string, sent: string | Uint8Array][] = [
    ['a byte order mark', `\ufeff${name('x')}`],
    ['UTF-16', Buffer.from(name('x'), 'utf16le')],
    ['a byte that UTF-8 has not', around([0xff])],
    ['a sequence cut short', around([0xe2, 0x82])],
    ['a lone continuation', around([0x80])],
    ['an overlong form', around([0xc0, 0xaf])],
    ['a surrogate as bytes', around([0xed, 0xa0, 0x80])],
    ['beyond Unicode', around([0xf4, 0x90, 0x80, 0x80])],
    ['Latin-1', around([0xfc])],
    ['bad UTF-8 in video', inVideo([0xc3, 0x28])],
    ['a surrogate as bytes in video', inVideo([0xed, 0xb0, 0x80])],
    ['a lone high surrogate', name('a\\ud800b')],
    ['a lone low surrogate', name('a\\udc00b')],
    ['surrogates in the wrong order', name('\\udc00\\ud800')],
    ['a lone surrogate in video', video('{"a":["\\uDBFF"]}')],
    ['a lone surrogate as a member’s name', video('{"\\ud83d":1}')],
    ['NUL in the name', name('a\\u0000b')],
    ['NUL in video', video('{"a":{"b":"\\u0000"}}')],
    ['NUL in an array', video('{"a":["x","y\\u0000"]}')],
    ['NUL in a member’s name', video('{"a\\u0000":1}')],
    ['__proto__ in the body', `{"name":"n",${KEYS},"__proto__":{"x":1}}`],
    ['__proto__ null', `{"name":"n",${KEYS},"__proto__":null}`],
    ['__proto__ with escapes', `{"name":"n",${KEYS},"\\u005f_proto__":1}`],
    ['__proto__ in capabilities', `{"name":"n",${KEYS},"capabilities":{"__proto__":{"vbc":{}}}}`],
    ['__proto__ in keys', '{"name":"n","keys":{"__proto__":null}}'],
    ['__proto__ in video', video('{"__proto__":{"a":1}}')],
    ['__proto__ deep in video', video('{"a":[{"b":{"__proto__":"x"}}]}')],
    ['__proto__ that is not the last of its name', `{"__proto__":{"a":1},"name":"n",${KEYS},"__proto__":5}`],
  ];
  for (const [what, sent] of cases) {
    it(`W21 because of ${what}`, async () => {
      for (const answer of await both(sent)) rejected(answer);
    });
  }
});

describe('odd JSON that is fine', () => {
  it('W21 of members with the same name the last counts', async () => {
    const text = `{"name":5,"name":"first","n\\u0061me":"last",${KEYS},"capabilities":{"voice":{}},
      "capabilities":{"vbc":{"x":1},"vbc":{}, "video":{"a":1,"a":2}}}`;
    const made = application(await post(text), 201);
    assert.equal(made.name, 'last');
    assert.deepEqual(made.capabilities, { vbc: {}, video: { a: 2 } });
  });

  it('W21 the last is judged, the ones before it are not', async () => {
    rejected(await post(`{"name":"fine","name":"",${KEYS}}`));
    const keys = `"keys":{"public_key":"rubbish"},${KEYS}`;
    assert.equal((await post(`{"name":"x",${keys}}`)).status, 201);
  });

  it('W21 white space, escapes and whole surrogate pairs are fine', async () => {
    const text = ` \t\r\n{ "\\u006eame" :\n"\\ud83c\\udf88 \\/ \\u00fc" , ${KEYS} }\n `;
    assert.equal(application(await post(text), 201).name, '🎈 / ü');
  });

  it('W21 a number that no double holds never turns into null', async () => {
    for (const number of ['1e400', '-1e400']) {
      const answer = await post(video(`{"a":${number},"b":[${number}]}`));
      if (answer.status === 400) rejected(answer);
      else assert.ok(!application(answer, 201) || !answer.text.includes('null'), answer.text);
    }
  });

  it('W21 does not open a door to prototypes', async () => {
    const text = video('{"constructor":{"prototype":{"polluted":true}},"prototype":1}');
    const made = application(await post(text), 201);
    assert.deepEqual(at(made.capabilities, 'video.constructor.prototype'), { polluted: true });
    assert.ok(!('polluted' in (await api.given(body()))));
  });
});
