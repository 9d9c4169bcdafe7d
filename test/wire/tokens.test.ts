/** Judging tokens of applications over the wire. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { tokenGenerate } from '@vonage/jwt';
import { application, createClient } from './client.ts';
import { problem, problems, refused } from './problem.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const stranger = createClient(target.url, target.accounts[1]);
const PATH = '/jackfield/v1/tokens/verify';

async function judge(token: string, client = api): Promise<Record<string, unknown>> {
  const answer = await client.send({ method: 'POST', path: PATH, json: { token } });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers['cache-control'], 'no-store');
  return answer.json as Record<string, unknown>;
}

describe('POST /jackfield/v1/tokens/verify', () => {
  it('takes the tokens of the official client, by the key and by the retired one', async () => {
    const { id, keys } = await api.given({ name: 'signing' });
    const acl = { paths: { '/*/messages/**': { methods: ['POST' as const] } } };
    const first = tokenGenerate(id, keys.private_key ?? '', { acl, subject: 'alice' });
    const verdict = await judge(first);
    const claims = JSON.parse(Buffer.from(first.split('.')[1] ?? '', 'base64url').toString());
    assert.deepEqual(verdict, { valid: true, claims });
    const rotate = () => api.send({ method: 'POST', path: `/jackfield/v1/applications/${id}/keys` });
    const second = tokenGenerate(id, application(await rotate(), 201).keys.private_key ?? '');
    assert.equal((await judge(first))['valid'], true);
    assert.equal((await judge(second))['valid'], true);
    // Another rotation: the first key is gone, the second retired.
    await rotate();
    const gone = { valid: false, reason: 'the signature fits no valid key of the application' };
    assert.deepEqual(await judge(first), gone);
    assert.equal((await judge(second))['valid'], true);
  });

  it('knows no application of another account, and none that is deleted', async () => {
    const { id, keys } = await api.given({ name: 'signing' });
    const token = tokenGenerate(id, keys.private_key ?? '');
    const unknown = { valid: false, reason: 'the account has no application of this application_id' };
    assert.deepEqual(await judge(token, stranger), unknown);
    assert.equal((await judge(token))['valid'], true);
    await api.remove(id);
    assert.deepEqual(await judge(token), unknown);
  });

  for (const token of ['', 'hello', 'a.b.c', 'é.🎈.\u0000', 'x'.repeat(200_000)]) {
    it(`says of ${token.length} characters that are no token why they are none`, async () => {
      const { valid, reason } = await judge(token);
      assert.equal(valid, false);
      assert.match(String(reason), /^the .*(?<!\.)$/);
    });
  }

  it('W40 refuses a body without a token that is text', async () => {
    const send = (json: unknown) => api.send({ method: 'POST', path: PATH, json });
    refused(await send({}), ['token', 'is required']);
    refused(await send({ token: null }), ['token', 'must be a string']);
    refused(await send({ token: 5 }), ['token', 'must be a string']);
    refused(await send({ token: 'x', more: 1 }), ['more', 'is not a known property']);
    refused(await send({ more: 1 }), ['token', 'is required'], ['more', 'is not a known property']);
    refused(await send('x'), ['body', 'must be an object']);
    refused(await api.send({ method: 'POST', path: PATH }), ['token', 'is required']);
    problem(await api.send({ method: 'POST', path: PATH, body: '{"token"' }), problems.json);
  });

  it('W50 asks for credentials, and has one method', async () => {
    const anybody = createClient(target.url);
    problem(await anybody.send({ method: 'POST', path: PATH, json: { token: 'x' } }), problems.unauthorized);
    const answer = await api.send({ path: PATH });
    problem(answer, problems.verb('GET'));
    assert.equal(answer.headers['allow'], 'POST, OPTIONS');
  });
});
