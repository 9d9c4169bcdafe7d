/** Everything beneath HTTP on a database of a test's own, with an account, and time that the test may own. */

import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { parseConfig, readEnv } from '../../src/config.ts';
import { type Context, openContext } from '../../src/context.ts';
import type { Deliveries } from '../../src/delivery/deliveries.ts';
import type { DeliveryDetail } from '../../src/delivery/record.ts';
import { leastIdAt } from '../../src/domain/delivery.ts';
import { openLog } from '../../src/logger.ts';
import { createAccount } from '../../src/registry/accounts.ts';
import { until } from '../condition.ts';
import { type Folder, openFolder } from '../folder.ts';
import { TEST_MASTER_KEY } from '../jackfield.ts';
import { createTestDatabase } from '../postgres.ts';
import { TestTime } from './test-time.ts';

export const ACCOUNT = 'aaaa1111';
const SIGNATURE_SECRET = 'a-signature-secret-of-at-least-32-bytes';

/** A context whose use cases of deliveries are there. */
export interface DeliveryContext extends Context {
  readonly deliveries: Deliveries;
}

/** What a test of deliveries works with. */
export interface DeliveryWorld extends AsyncDisposable {
  readonly context: DeliveryContext;
  readonly time: TestTime;
  readonly databaseUrl: string;
  readonly logLines: readonly string[];
  /** Opens the database once more, as another process does; it delivers too, unless it is told not to. */
  openOther(options?: { readonly delivers: boolean }): Promise<DeliveryContext>;
}

/** How a world differs from the plain one. */
export interface WorldOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Whether anything is delivered from the beginning. */
  readonly delivers?: boolean;
}

const LENIENCY = { raiseSocketTimeout: false, digitStringTimeouts: false };

/** Opens a world in `serve` mode that may call loopback. */
export async function openDeliveryWorld({
  env = {},
  delivers = true,
}: WorldOptions = {}): Promise<DeliveryWorld> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await openFolder());
  const databaseUrl = await openUrl(folder, opened);
  const time = new TestTime();
  const logLines: string[] = [];
  const config = parseConfig(
    'serve',
    readEnv({
      JACKFIELD_DATABASE_URL: databaseUrl,
      JACKFIELD_MASTER_KEY: TEST_MASTER_KEY,
      JACKFIELD_KEY_POOL_SIZE: '0',
      JACKFIELD_EGRESS_ALLOW: '127.0.0.0/8',
      JACKFIELD_LOG_LEVEL: 'debug',
      JACKFIELD_SHUTDOWN_GRACE_MS: '1000',
      ...env,
    }),
  );
  const sink = { write: (line: string) => void logLines.push(line), flush: async () => undefined };
  const log = await openLog(config.log, 1, sink);
  const others = opened.use(new AsyncDisposableStack());
  const open = async (starts: boolean) => {
    const chance = { fraction: () => 0.5 };
    const overrides = { clock: time, timers: time, chance, ids: countedIds(time) };
    const context = others.use(await openContext(config, log, '0.0.0-test', overrides));
    if (starts) context.courier.start();
    return { ...context, deliveries: await context.loadDeliveries() };
  };
  const context = await open(delivers);
  const masterKey = Buffer.from(TEST_MASTER_KEY, 'hex');
  await createAccount(context, masterKey, { apiKey: ACCOUNT, signatureSecret: SIGNATURE_SECRET });
  const kept = opened.move();
  return {
    context,
    time,
    databaseUrl,
    logLines,
    openOther: (options = { delivers: true }) => open(options.delivers),
    [Symbol.asyncDispose]: async () => {
      // What waits for the end of calls waits by this clock.
      const disposed = kept.disposeAsync();
      const moving = setInterval(() => time.advance(1000), 20);
      await disposed;
      clearInterval(moving);
    },
  };
}

let lastId = 0;

/** Ids that rise in the order in which they are asked for. */
function countedIds(time: TestTime) {
  return {
    uuid: () => {
      lastId += 1;
      return leastIdAt(time.now()).slice(0, -12) + lastId.toString(16).padStart(12, '0');
    },
  };
}

async function openUrl(folder: Folder, opened: AsyncDisposableStack): Promise<string> {
  if (process.env['JACKFIELD_TEST_DATABASE'] !== 'postgres') return `sqlite:${folder.file('test.db')}`;
  return opened.use(await createTestDatabase()).url;
}

/** Creates an application with these capabilities and answers its id. */
export async function createApplication(
  { context }: { context: Context },
  capabilities: unknown,
  privacy: { improve_ai: boolean } = { improve_ai: true },
): Promise<string> {
  const body = { name: 'test', keys: { public_key: PUBLIC_KEY }, capabilities, privacy };
  const sent = { value: body, text: JSON.stringify(body) };
  const { id } = await context.applications.create(ACCOUNT, sent, LENIENCY);
  // Another context of this process is asked in a later turn, as another process would be.
  await setImmediate();
  return id;
}

/** Writes an application by PUT. */
export async function putApplication(
  { context }: { context: Context },
  id: string,
  capabilities: unknown,
): Promise<void> {
  const body = { name: 'test', capabilities, privacy: { improve_ai: true } };
  await context.applications.update(ACCOUNT, id, { value: body, text: JSON.stringify(body) }, LENIENCY);
}

/** The capability `messages` with this inbound address. */
export function messages(url: string) {
  return { messages: { webhooks: { inbound_url: { address: url, http_method: 'POST' } } } };
}

/** Waits until a delivery has a status, and answers it. */
export async function awaitStatus(
  { context }: { context: DeliveryContext },
  id: string,
  ...statuses: string[]
): Promise<DeliveryDetail> {
  let last: DeliveryDetail | undefined;
  await until(
    `${id} is ${statuses.join(' or ')}`,
    async () => {
      context.database.refresh();
      last = await context.deliveries.find(ACCOUNT, id);
      return statuses.includes(last.status);
    },
    5000,
  ).catch((error: Error) => {
    throw new Error(`${error.message}; it is ${JSON.stringify(last)}`);
  });
  assert.ok(last);
  return last;
}

const PUBLIC_KEY = await makePublicKey();

async function makePublicKey(): Promise<string> {
  const { generateKeyPairSync } = await import('node:crypto');
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return publicKey.export({ type: 'spki', format: 'pem' }) as string;
}
