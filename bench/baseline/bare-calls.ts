/** Baseline of the deliveries: a loop of `undici.request`, each call signed as a delivery is. */

import { createHash, createHmac, createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';

const [url = '', connections = '', payload = ''] = process.argv.slice(2);
const dispatcher = new Agent({ connections: Number(connections) });
const key = createSecretKey(randomBytes(32));
const header = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');

/** The token of a call: a JWT by HS256 with the hash of its payload. */
function sign(body: Buffer): string {
  const claims = JSON.stringify({
    iat: Math.floor(Date.now() / 1000),
    jti: randomUUID(),
    iss: 'bench',
    payload_hash: createHash('sha256').update(body).digest('hex'),
    api_key: '00000000',
    application_id: '00000000-0000-4000-8000-000000000000',
  });
  const input = `${header}.${Buffer.from(claims).toString('base64url')}`;
  return `Bearer ${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
}

async function call(): Promise<void> {
  const body = Buffer.from(payload);
  const answer = await request(url, {
    method: 'POST',
    headers: { authorization: sign(body), 'content-type': 'application/json', 'user-agent': 'bench' },
    body,
    dispatcher,
  });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new Error(`a call was answered ${answer.statusCode}`);
}

/** Makes calls one after the other until all have been begun. */
async function work(left: { calls: number }): Promise<void> {
  while (left.calls > 0) {
    left.calls -= 1;
    await call();
  }
}

process.on('disconnect', () => process.exit());
process.on('message', ({ calls }: { calls: number }) => {
  const left = { calls };
  Promise.all(Array.from({ length: Number(connections) }, () => work(left))).then(
    () => process.send?.({ result: 'done' }),
    (error: unknown) => process.send?.({ failure: String(error) }),
  );
});
process.send?.({ result: 'ready' });
