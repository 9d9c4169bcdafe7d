/** Credentials: HTTP Basic as RFC 7617 has it, and one answer for everything else. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type Answer, BASE, basic, createClient } from './client.ts';
import { problem, problems } from './problem.ts';
import { openRaw, rawRequest } from './raw.ts';
import { body } from './sample.ts';
import { createCredentials, openTarget, startConfigured } from './target.ts';

const target = await openTarget();
after(() => target.close());
const [first, second] = target.accounts;
const api = createClient(target.url, first);
const anonymous = createClient(target.url);
const CHALLENGE = 'Basic realm="Application API", charset="UTF-8"';

const encode = (text: string | Uint8Array) => Buffer.from(text).toString('base64');
const token = encode(`${first.apiKey}:${first.apiSecret}`);
const list = (authorization: string) => anonymous.send({ headers: { authorization } });

function assertUnauthorized(answer: Answer): void {
  problem(answer, problems.unauthorized);
  assert.equal(answer.headers['www-authenticate'], CHALLENGE);
}

describe('right credentials', () => {
  for (const scheme of ['Basic', 'basic', 'BASIC', 'bAsIc']) {
    it(`W51 are taken with the scheme written ${scheme}`, async () => {
      assert.equal((await list(`${scheme} ${token}`)).status, 200);
    });
  }

  it('W51 are taken with several spaces after the scheme (RFC 9110 §11.4)', async () => {
    assert.equal((await list(`Basic   ${token}`)).status, 200);
  });

  it('W51 may hold colons in the secret, and other signs', async () => {
    await using server = await startConfigured({});
    for (const secret of ['a:B:1:c:d', ':Secret1:', '::::::aB1', 'aB1"\\;=,+/?&%41']) {
      const credentials = await createCredentials(server, secret);
      assert.equal((await createClient(server.url, credentials).list()).status, 200, secret);
      const cut = { ...credentials, apiSecret: secret.slice(0, -1) };
      assertUnauthorized(await createClient(server.url, cut).list());
    }
  });

  it('W51 are each account’s own', async () => {
    const { id } = await api.given(body());
    assert.equal((await api.read(id)).status, 200);
    const other = createClient(target.url, second);
    assert.equal((await other.list()).status, 200);
    assert.equal((await other.read(id)).status, 404);
  });
});

describe('credentials that are wrong', () => {
  const { apiKey, apiSecret } = first;
  const pairs: readonly [what: string, pair: string | Uint8Array][] = [
    ['a wrong secret', `${apiKey}:Wrong12345`],
    ['an unknown key', `00000000:${apiSecret}`],
    ['the secret of another account', `${apiKey}:${second.apiSecret}`],
    ['no secret', `${apiKey}:`],
    ['no key', `:${apiSecret}`],
    ['nothing but a colon', ':'],
    ['no colon', `${apiKey}${apiSecret}`],
    ['nothing', ''],
    ['a secret in another case', `${apiKey}:${swapCase(apiSecret)}`],
    ['a key in upper case', `${apiKey.toUpperCase()}:${apiSecret}`],
    ['a secret cut short', `${apiKey}:${apiSecret.slice(0, -1)}`],
    ['a secret with more behind a second colon', `${apiKey}:${apiSecret}:more`],
    ['a secret before a colon', `${apiKey}::${apiSecret}`],
    ['white space around them', ` ${apiKey}:${apiSecret} `],
    ['a line feed behind them', `${apiKey}:${apiSecret}\n`],
    ['NUL behind them', `${apiKey}:${apiSecret}\u0000`],
    ['bad UTF-8', Buffer.from([...Buffer.from(`${apiKey}:`), 0xff, 0xfe])],
    ['bad UTF-8 behind right ones', Buffer.from([...Buffer.from(`${apiKey}:${apiSecret}`), 0xc3])],
    ['other scripts', `${apiKey}:Пароль1🎈`],
    ['names every object has', '__proto__:constructor'],
    ['SQL', `' or 1=1 --:' or 1=1 --`],
    ['a very long secret', `${apiKey}:${'x'.repeat(5000)}`],
  ];
  for (const [what, pair] of pairs) {
    it(`W51 because of ${what} are a 401`, async () =>
      assertUnauthorized(await list(`Basic ${encode(pair)}`)));
  }

  function swapCase(text: string): string {
    return [...text]
      .map((letter) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()))
      .join('');
  }

  it('W51 answer the same for an unknown key and a wrong secret', async () => {
    const strip = ({ headers, text }: Answer) => {
      const { date, 'x-request-id': requestId, ...rest } = headers;
      return { rest, text: text.replace(String(requestId), '') };
    };
    const wrongSecret = await list(`Basic ${encode(`${apiKey}:Wrong12345`)}`);
    const unknownKey = await list(`Basic ${encode(`00000000:${apiSecret}`)}`);
    assert.deepEqual(strip(wrongSecret), strip(unknownKey));
    assert.deepEqual(strip(await anonymous.list()), strip(unknownKey));
  });
});

describe('an Authorization header that is no RFC 7617', () => {
  const padded = encode(`${first.apiKey}:${first.apiSecret}`);
  const bare = padded.replace(/=+$/, '');
  const headers: readonly [what: string, value: string][] = [
    ['an empty one', ''],
    ['the scheme alone', 'Basic'],
    ['the scheme and a space', 'Basic '],
    ['another scheme', `Bearer ${token}`],
    ['no scheme', token],
    ['a scheme that begins alike', `Basicx ${token}`],
    ['no space after the scheme', `Basic${token}`],
    ['the pair in the clear', `Basic ${first.apiKey}:${first.apiSecret}`],
    ['a comma and more behind it', `Basic ${token}, Basic ${token}`],
    ['text behind it', `Basic ${token} x`],
    ['a parameter', `Basic ${token} charset="UTF-8"`],
    ['quotes around it', `Basic "${token}"`],
    ['white space within it', `Basic ${token.slice(0, 4)} ${token.slice(4)}`],
    ['a letter that base64 has not', `Basic ${token.slice(0, -2)}!${token.slice(-1)}`],
    ['a stray letter before it', `Basic *${token}`],
    ['one letter too many', `Basic ${bare}A${'='.repeat(4)}`],
    ['padding in the middle', `Basic ${token.slice(0, 4)}====${token.slice(4)}`],
    ['too much padding', `Basic ${padded}====`],
    ['one more sign of padding', `Basic ${padded}=`],
    [
      'the URL-safe alphabet',
      `Basic ${encode(`${first.apiKey}:a?~b>>>ü??`).replaceAll('+', '-').replaceAll('/', '_')}`,
    ],
  ];
  for (const [what, value] of headers) {
    it(`W51 because of ${what} is a 401`, async () => assertUnauthorized(await list(value)));
  }

  it('W51 without padding where padding belongs is a 401', async () => {
    assert.equal((await list(`Basic ${padded}`)).status, 200);
    if (bare !== padded) assertUnauthorized(await list(`Basic ${bare}`));
    const wrong = encode(`${first.apiKey}:ab`);
    assert.match(wrong, /=$/, 'this pair needs padding');
    assertUnauthorized(await list(`Basic ${wrong.replace(/=+$/, '')}`));
  });

  it('W51 with bytes beyond ASCII is a 401', async () => {
    using connection = await openRaw(target.url);
    const bytes = ['Host: x', 'Authorization: Basic \xff\xfe\x80'];
    connection.write(rawRequest(`GET ${BASE}`, bytes));
    assertUnauthorized(await connection.answer());
  });
});

describe('no credentials', () => {
  const path = `${BASE}/019a0000-0000-7000-8000-000000000000`;
  const operations = [
    { method: 'GET' },
    { method: 'POST', json: body() },
    { method: 'GET', path },
    { method: 'PUT', path, json: body() },
    { method: 'DELETE', path },
  ];
  for (const operation of operations) {
    it(`W43 are a 401 with a challenge (W51): ${operation.method} ${operation.path ?? BASE}`, async () => {
      assertUnauthorized(await anonymous.send(operation));
    });
  }

  it('W51 challenges HEAD, too', async () => {
    const answer = await anonymous.send({ method: 'HEAD' });
    assert.equal(answer.status, 401);
    assert.equal(answer.headers['www-authenticate'], CHALLENGE);
  });

  it('W43 are not taken from the address, a cookie or another header', async () => {
    const { apiKey, apiSecret } = first;
    assertUnauthorized(await anonymous.list(`?api_key=${apiKey}&api_secret=${apiSecret}`));
    const headers = {
      cookie: `api_key=${apiKey}; api_secret=${apiSecret}`,
      'proxy-authorization': basic(first),
      'x-api-key': apiKey,
      'x-nexmo-key': apiKey,
      'x-nexmo-secret': apiSecret,
    };
    assertUnauthorized(await anonymous.send({ headers }));
  });

  it('W43 on a connection that had right ones before are a 401', async () => {
    using connection = await openRaw(target.url);
    const host = 'Host: x';
    connection.write(rawRequest(`GET ${BASE}`, [host, `Authorization: ${basic(first)}`]));
    assert.equal((await connection.answer()).status, 200);
    connection.write(rawRequest(`GET ${BASE}`, [host]));
    assertUnauthorized(await connection.answer());
    connection.write(
      rawRequest(`GET ${BASE}`, [host, `Authorization: Basic ${encode('abcdef00:Wrong123')}`]),
    );
    assertUnauthorized(await connection.answer());
  });
});
