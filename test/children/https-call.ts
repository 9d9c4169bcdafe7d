/** Calls the URL it is given, at the address it is given, and prints what came of it. */

import { systemClock } from '../../src/clock.ts';
import { Sender } from '../../src/delivery/send.ts';
import { createEgressRules } from '../../src/domain/egress-rules.ts';

const [url = '', address = ''] = process.argv.slice(2);
const sender = new Sender({
  rules: createEgressRules('local'),
  clock: systemClock,
  lookup: async () => [{ address }],
});
const call = { url, method: 'POST', headers: {}, body: Buffer.from('{}'), payloadHash: '' } as const;
const timeouts = { connectTimeoutMs: 10_000, socketTimeoutMs: 10_000 };
const { outcome, reason = '', statusCode } = await sender.send(call, timeouts);
await sender.close();
process.stdout.write(JSON.stringify({ outcome, reason, statusCode }));
