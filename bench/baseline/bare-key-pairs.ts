/** Baseline of the creates with a generated key: nothing but key pairs, as many under way as there are cores. */

import { generateKeyPair } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';

const makePair = promisify(generateKeyPair);

/** Makes key pairs, one after the other, until the time given; resolves with their number. */
async function makePairs(endsAt: number): Promise<number> {
  let count = 0;
  while (performance.now() < endsAt) {
    await makePair('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    count++;
  }
  return count;
}

process.on('disconnect', () => process.exit());
process.on('message', async ({ seconds }: { seconds: number }) => {
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;
  const counts = await Promise.all(Array.from({ length: availableParallelism() }, () => makePairs(endsAt)));
  const count = counts.reduce((sum, value) => sum + value, 0);
  process.send?.({ result: { count, seconds: (performance.now() - startedAt) / 1000 } });
});
process.send?.({ result: 'ready' });
