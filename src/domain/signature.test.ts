import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { verifySignature } from '@vonage/jwt';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { writeCall } from './event.ts';
import { writePayload } from './payload.ts';
import { importSignatureSecret, signCall } from './signature.ts';

const SECRET = 'a signature secret of ünusual bytes: 0123456789';
const key = importSignatureSecret(SECRET);

/** A token for a call, as it stands behind `Bearer`. */
function sign(payloadHash: string, now = Date.now()): { token: string; attemptId: string } {
  const attemptId = randomUUID();
  const signing = { now, attemptId, issuer: 'Vonage', payloadHash, apiKey: 'abcd1234', applicationId: 'app' };
  const [scheme, token = ''] = signCall(key, signing).split(' ');
  assert.equal(scheme, 'Bearer');
  return { token, attemptId };
}

describe('the signature of a call', () => {
  it('D10 is a token by HS256 with these claims and no others', async () => {
    const now = Date.now();
    const { token, attemptId } = sign('0f'.repeat(32), now);
    assert.equal(
      Buffer.from(token.split('.')[0] ?? '', 'base64url').toString(),
      '{"alg":"HS256","typ":"JWT"}',
    );
    const { payload } = await jwtVerify(token, Buffer.from(SECRET, 'utf8'), { algorithms: ['HS256'] });
    assert.deepEqual(payload, {
      iat: Math.floor(now / 1000),
      jti: attemptId,
      iss: 'Vonage',
      payload_hash: '0f'.repeat(32),
      api_key: 'abcd1234',
      application_id: 'app',
    });
  });

  it('D10 takes no secret under 32 bytes, and counts bytes, not characters', () => {
    assert.throws(() => importSignatureSecret('x'.repeat(31)), RangeError);
    assert.throws(() => importSignatureSecret(''), RangeError);
    assert.equal(importSignatureSecret('x'.repeat(32)).symmetricKeySize, 32);
    assert.equal(importSignatureSecret('ü'.repeat(16)).symmetricKeySize, 32);
  });

  it('D10 never decodes a secret that looks like base64', async () => {
    const secret = Buffer.alloc(48, 7).toString('base64');
    const signing = { attemptId: 'j', issuer: 'i', payloadHash: 'h', apiKey: 'k', applicationId: 'a' };
    const [, token = ''] = signCall(importSignatureSecret(secret), { now: 0, ...signing }).split(' ');
    await jwtVerify(token, Buffer.from(secret, 'utf8'), { currentDate: new Date(0) });
    await assert.rejects(jwtVerify(token, Buffer.from(secret, 'base64'), { currentDate: new Date(0) }));
  });

  it('D12 holds for the official SDK and for jose, and with another secret for neither', async () => {
    const { token } = sign('hash');
    assert.equal(verifySignature(token, SECRET), true);
    assert.equal(verifySignature(token, `${SECRET}x`), false);
    assert.equal(decodeProtectedHeader(token).alg, 'HS256');
    await jwtVerify(token, Buffer.from(SECRET, 'utf8'));
    await assert.rejects(jwtVerify(token, Buffer.from(`${SECRET}x`, 'utf8')));
    const tampered = token.replace(/\.[^.]*\./, (claims) => `.${claims.slice(1, -1)}A.`);
    assert.equal(verifySignature(tampered, SECRET), false);
  });

  it('D12 has an iat that lies in no future at the very end of a second', async () => {
    const second = Math.floor(Date.now() / 1000);
    for (const now of [second * 1000 - 1, second * 1000 - 0.001, second * 1000]) {
      const { token } = sign('hash', now);
      assert.equal(verifySignature(token, SECRET), true);
      const currentDate = new Date(Math.floor(now));
      const { payload } = await jwtVerify(token, Buffer.from(SECRET, 'utf8'), {
        currentDate,
        maxTokenAge: 1,
        clockTolerance: 0,
      });
      assert.equal(payload.iat, Math.floor(now / 1000));
    }
  });

  it('D12 carries a payload hash that a receiver finds again, by GET and by POST', async () => {
    for (const method of ['GET', 'POST', 'PUT'] as const) {
      const webhook = { address: 'https://a.example/x?own=1', method };
      const call = writeCall({ webhook, payload: writePayload({ to: '+44', text: 'é' }), version: '0' });
      const { payload } = await jwtVerify(sign(call.payloadHash).token, Buffer.from(SECRET, 'utf8'));
      const received = call.body ?? JSON.stringify(Object.fromEntries(new URL(call.url).searchParams));
      assert.equal(payload['payload_hash'], createHash('sha256').update(received).digest('hex'));
    }
  });
});
