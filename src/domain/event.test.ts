import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { writeCall } from './event.ts';
import { type Payload, writePayload } from './payload.ts';

const version = '1.2.3';

const get = (address: string, payload: Payload) =>
  writeCall({ webhook: { address, method: 'GET' }, payload: writePayload(payload), version });

const post = (address: string, payload: Payload, method: 'POST' | 'PUT' = 'POST') =>
  writeCall({ webhook: { address, method }, payload: writePayload(payload), version });

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

const payloads = fc.dictionary(fc.string({ unit: 'binary', maxLength: 12 }), fc.jsonValue({ maxDepth: 2 }), {
  maxKeys: 8,
});

/** A query that an address may have: anything that is no fragment, white space, control character or back slash. */
const queries = fc
  .string({
    unit: fc.constantFrom(...`aAb1=&+%?;/'"<>|^\`{}()!*~ü🎈.`, '%20', '%2B', '%zz', 'q=1'),
    maxLength: 24,
  })
  .filter((query) => !/\s/.test(query));

describe('a call by GET', () => {
  for (const [name, address, payload, url] of [
    ['adds members behind those of the address', 'http://a.example/x?own=1', { to: '44' }, '/x?own=1&to=44'],
    ['adds members where the address has none', 'http://a.example', { a: '1', b: '2' }, '/?a=1&b=2'],
    ['leaves out null', 'http://a.example/x', { a: null, b: '' }, '/x?b='],
    [
      'writes nested members as compact JSON',
      'http://a.example/x',
      { a: { b: [1, null] } },
      '/x?a=%7B%22b%22%3A%5B1%2Cnull%5D%7D',
    ],
    [
      'writes numbers and flags as JSON does',
      'http://a.example/x',
      { a: 1e21, b: true },
      '/x?a=1e%2B21&b=true',
    ],
    [
      'writes a space as %20 and a plus as %2B',
      'http://a.example/x',
      { 'a b': '+44 7' },
      '/x?a%20b=%2B44%207',
    ],
    [
      "sends the address's query as it stands",
      `http://a.example/x?q='+%2b%zz"<>|`,
      { a: 'b' },
      `/x?q='+%2b%zz"<>|&a=b`,
    ],
    ['escapes of it what no request line can hold', 'http://a.example/x?ü=🎈', {}, '/x?%C3%BC=%F0%9F%8E%88'],
    ['never sends a fragment', 'http://a.example/x?a=1#b?c=d', { e: 'f' }, '/x?a=1&e=f'],
    ['takes no question mark of a fragment for a query', 'http://a.example/x#b?c=d', { e: 'f' }, '/x?e=f'],
    ['puts no second sign behind one that is there', 'http://a.example/x?a=1&', { b: '2' }, '/x?a=1&b=2'],
    ['keeps an empty query', 'http://a.example/x?', {}, '/x?'],
    ['fills an empty query', 'http://a.example/x?', { a: '1' }, '/x?a=1'],
  ] as const) {
    it(`D01 ${name}`, () => {
      const call = get(address, payload);
      assert.equal(call.url, `http://a.example${url}`);
      assert.equal(call.body, undefined);
      assert.deepEqual(call.headers, { 'User-Agent': 'Jackfield/1.2.3' });
    });
  }

  it('D01 gives every member back to whoever decodes the form', () => {
    const check = (query: string, payload: Payload) => {
      const { url } = get(`https://a.example/x?${query}`, payload);
      const own = [...new URL(`https://a.example/?${query}`).searchParams];
      const added = Object.entries(payload)
        .filter(([, value]) => value !== null)
        .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)])
        .map((pair) => pair.map((text) => text?.toWellFormed()));
      assert.deepEqual([...new URL(url).searchParams], [...own, ...added]);
      assert.ok(/^[!-~]*$/.test(url), url);
      if (/^[!-~]*$/.test(query)) assert.ok(url.startsWith(`https://a.example/x?${query}`), url);
    };
    fc.assert(fc.property(queries, payloads, check));
  });

  it('D10 has the hash of all parameters of the URL as compact JSON', () => {
    const { payloadHash } = get('http://a.example/x?own=a+b&own=%C3%BC&z=1', {
      to: '+44',
      from: { a: 1 },
      z: 'q',
    });
    assert.equal(payloadHash, hash('{"own":"ü","z":"q","to":"+44","from":"{\\"a\\":1}"}'));
    assert.equal(get('http://a.example/x', {}).payloadHash, hash('{}'));
    assert.equal(get('http://a.example/x??a=1', {}).payloadHash, hash('{"?a":"1"}'));
  });

  it('D10 keeps the order of the URL in the hash, also of names that are numbers or __proto__', () => {
    const { payloadHash } = get('http://a.example/x?b=1&10=x&2=y&__proto__=z', { 1: 'w' });
    assert.equal(payloadHash, hash('{"b":"1","10":"x","2":"y","__proto__":"z","1":"w"}'));
  });

  it('D10 has the hash that a receiver finds by the request line alone', () => {
    const check = (query: string, payload: Payload) => {
      const { url, payloadHash } = get(`https://a.example/x?${query}`, payload);
      assert.equal(payloadHash, hash(decodeForm(url.slice(url.indexOf('?') + 1))));
    };
    fc.assert(fc.property(queries, payloads, check));
  });
});

/** A receiver's own reading of a query: by the text of the form encoding, with no URL class. */
function decodeForm(query: string): string {
  const names: string[] = [];
  const values: string[] = [];
  for (const part of query.split('&').filter((each) => each !== '')) {
    const at = part.indexOf('=');
    const name = decodePart(at === -1 ? part : part.slice(0, at));
    const value = decodePart(at === -1 ? '' : part.slice(at + 1));
    const place = names.indexOf(name);
    if (place === -1) names.push(name);
    values[place === -1 ? names.length - 1 : place] = value;
  }
  return `{${names.map((name, at) => `${JSON.stringify(name)}:${JSON.stringify(values[at])}`).join(',')}}`;
}

function decodePart(text: string): string {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const hex = /^%([0-9a-fA-F]{2})/.exec(text.slice(at, at + 3))?.[1];
    if (hex !== undefined) {
      bytes.push(Number.parseInt(hex, 16));
      at += 2;
    } else bytes.push(text[at] === '+' ? 0x20 : text.charCodeAt(at));
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
}

describe('a call by POST or PUT', () => {
  it('D01 has a compact JSON body, and the query of the address as it stands', () => {
    for (const method of ['POST', 'PUT'] as const) {
      const call = post("http://a.example/x?it's=+1#f", { text: 'hé', none: null, list: [1] }, method);
      assert.equal(call.url, "http://a.example/x?it's=+1");
      assert.equal(call.method, method);
      assert.equal(call.body?.toString('utf8'), '{"text":"hé","none":null,"list":[1]}');
      assert.deepEqual(call.headers, {
        'User-Agent': 'Jackfield/1.2.3',
        'Content-Type': 'application/json',
      });
    }
  });

  it('D01 carries the headers that are added', () => {
    const parts = { webhook: { address: 'http://a.example', method: 'POST' }, version } as const;
    const payload = writePayload({});
    const call = writeCall({ ...parts, payload, headers: { 'X-Jackfield-Delivery': 'd' } });
    assert.equal(call.headers['X-Jackfield-Delivery'], 'd');
    assert.equal(call.url, 'http://a.example/');
  });

  it('D10 has the hash of the exact bytes sent, whatever the payload', () => {
    const check = (payload: Payload) => {
      const { body, payloadHash } = post('https://a.example/x?a=1', payload);
      assert.equal(
        payloadHash,
        createHash('sha256')
          .update(body ?? '')
          .digest('hex'),
      );
      assert.deepEqual(body, Buffer.from(JSON.stringify(payload), 'utf8'));
    };
    fc.assert(fc.property(payloads, check));
  });
});
