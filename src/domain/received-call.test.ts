import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { type Call, writeCall } from './event.ts';
import { writePayload } from './payload.ts';
import { judgeCall, type ReceivedCall } from './received-call.ts';
import { importSignatureSecret, signCall } from './signature.ts';

const SECRET = 'a signature secret of 32 bytes, or more';
const OTHER = 'another signature secret, of 32 bytes or more';

/** A call as Jackfield makes it, as its receiver gets it. */
function receive(
  method: 'GET' | 'POST',
  payload: object,
  address = 'https://example.com/in?own=1',
): ReceivedCall {
  const call: Call = writeCall({
    webhook: { address, method },
    payload: writePayload({ ...payload }),
    version: '0',
  });
  const authorization = signCall(importSignatureSecret(SECRET), {
    now: 1_700_000_000_000,
    attemptId: '0194e6a0-0000-7000-8000-000000000001',
    issuer: 'Vonage',
    payloadHash: call.payloadHash,
    apiKey: 'abcd1234',
    applicationId: '0194e6a0-0000-7000-8000-000000000002',
  });
  return {
    method,
    query: new URL(call.url).search.slice(1),
    body: call.body ?? Buffer.alloc(0),
    authorization,
  };
}

const PAYLOAD = { to: '447700900000', text: 'Grüße +1 & more', 2: 'two', 1: 'one', nested: { a: [1, null] } };

describe('a received call', () => {
  it('D10 holds as it was sent, by GET and by POST', () => {
    for (const method of ['GET', 'POST'] as const) {
      const { signatureFault, payloadFault, claims } = judgeCall(receive(method, PAYLOAD), [SECRET]);
      assert.deepEqual([signatureFault, payloadFault], [undefined, undefined], method);
      assert.equal(claims?.['api_key'], 'abcd1234');
    }
  });

  it('D10 holds for a token by another library, over a hash by another hand', async () => {
    const body = Buffer.from('{"text":"Grüße"}');
    const token = await new SignJWT({ payload_hash: createHash('sha256').update(body).digest('hex') })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .sign(Buffer.from(SECRET));
    const call = { method: 'POST', query: '', body, authorization: `Bearer ${token}` };
    assert.equal(judgeCall(call, [SECRET]).signatureFault, undefined);
    assert.equal(judgeCall(call, [SECRET]).payloadFault, undefined);
    const query = 'b=1&a=x+y&b=2';
    const hash = createHash('sha256').update('{"b":"2","a":"x y"}').digest('hex');
    const asked = await new SignJWT({ payload_hash: hash })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.from(SECRET));
    const get = { method: 'GET', query, body: Buffer.alloc(0), authorization: `Bearer ${asked}` };
    assert.equal(judgeCall(get, [SECRET]).payloadFault, undefined);
  });

  it('D12 holds by either of two secrets', () => {
    assert.equal(judgeCall(receive('POST', PAYLOAD), [OTHER, SECRET]).signatureFault, undefined);
  });

  it('does not hold by another secret, but tells what it claims', () => {
    const { signatureFault, payloadFault, claims } = judgeCall(receive('POST', PAYLOAD), [OTHER]);
    assert.match(signatureFault ?? '', /not signed with the signature secret/);
    assert.equal(payloadFault, undefined);
    assert.equal(claims?.['iss'], 'Vonage');
  });

  it('does not hold when one byte of the payload is another', () => {
    const posted = receive('POST', PAYLOAD);
    const body = Buffer.concat([posted.body, Buffer.from(' ')]);
    assert.match(judgeCall({ ...posted, body }, [SECRET]).payloadFault ?? '', /another payload/);
    const asked = receive('GET', PAYLOAD);
    assert.match(
      judgeCall({ ...asked, query: `${asked.query}&x=1` }, [SECRET]).payloadFault ?? '',
      /another payload/,
    );
    assert.equal(judgeCall({ ...asked, query: `${asked.query}&x=1` }, [SECRET]).signatureFault, undefined);
  });

  it('does not let the token choose the algorithm', () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = `${encode({ alg: 'none' })}.${encode({ iss: 'x' })}`;
    const call = { ...receive('POST', PAYLOAD), authorization: `Bearer ${unsigned}.AA` };
    assert.match(judgeCall(call, [SECRET]).signatureFault ?? '', /not signed by HS256 but by "none"/);
    const input = `${encode({ alg: 'HS512' })}.${encode({ iss: 'x' })}`;
    const signature = createHmac('sha512', SECRET).update(input).digest('base64url');
    const other = judgeCall({ ...call, authorization: `Bearer ${input}.${signature}` }, [SECRET]);
    assert.match(other.signatureFault ?? '', /HS512/);
  });

  it('says what is missing', () => {
    const call = receive('POST', PAYLOAD);
    assert.match(
      judgeCall({ ...call, authorization: undefined }, [SECRET]).signatureFault ?? '',
      /not signed/,
    );
    for (const authorization of [
      '',
      'Basic YTpi',
      'Bearer x',
      'Bearer a.b.c',
      'Bearer e30.W10.AA',
      'Bearer bnVsbA.e30.AA',
    ]) {
      const verdict = judgeCall({ ...call, authorization }, [SECRET]);
      assert.match(verdict.signatureFault ?? '', /holds no signed token/, authorization);
      assert.equal(verdict.claims, undefined);
    }
  });

  it('never holds by a header that somebody made up, and never throws', () => {
    const call = receive('POST', PAYLOAD);
    const part = fc.oneof(
      fc.base64String(),
      fc.json().map((json) => Buffer.from(json).toString('base64url')),
    );
    const header = fc.oneof(
      fc.string(),
      fc.tuple(part, part, part).map((parts) => `Bearer ${parts.join('.')}`),
    );
    fc.assert(
      fc.property(header, (authorization) => {
        assert.ok(judgeCall({ ...call, authorization }, [SECRET]).signatureFault);
      }),
    );
  });
});
