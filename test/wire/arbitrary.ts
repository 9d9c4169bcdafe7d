/** Bodies of applications drawn by lot (fast-check), for what must hold of all of them. */

import fc from 'fast-check';
import { OTHER_KEY, OWN_KEY, WEBHOOKS, type WebhookRule } from './sample.ts';

/** An object in which every member is left out, null or drawn. */
const record = (members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(
    Object.fromEntries(Object.entries(members).map(([name, value]) => [name, fc.option(value, { freq: 8 })])),
    { requiredKeys: [] },
  );

const text = (maxLength: number) =>
  fc
    .string({ unit: 'binary', minLength: 1, maxLength })
    .map((drawn) => drawn.toWellFormed().replaceAll('\u0000', 'x'));

const name = text(40).map((drawn) => `n${drawn.replace(/\p{Cc}/gu, '-')}`);

const address = fc.oneof(
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.constantFrom('', 'HTTP://localhost:3000', 'https://[::1]/%zz', 'https://exämple.com/ü🎈'),
);

/** The two spellings of one value: either, neither, or both alike. */
function twins(one: string, other: string, value: fc.Arbitrary<number>) {
  return fc
    .tuple(value, fc.constantFrom([], [one], [other], [one, other]))
    .map(([drawn, spellings]) => Object.fromEntries(spellings.map((spelling) => [spelling, drawn])));
}

function webhook({ methods, timeouts }: WebhookRule): fc.Arbitrary<unknown> {
  const plain = record({ address, http_method: fc.constantFrom(...methods) });
  if (timeouts === undefined) return plain;
  const connection = fc.integer({ min: 300, max: timeouts.connection });
  const timed = record({ socket_timeout: fc.integer({ min: 1000, max: timeouts.socket }) });
  return fc
    .tuple(plain, timed, twins('connection_timeout', 'connect_timeout', connection))
    .map((parts) => Object.assign({}, ...parts));
}

const webhooks = (capability: string) =>
  record(
    Object.fromEntries(
      WEBHOOKS.filter((rule) => rule.capability === capability).map((rule) => [rule.webhook, webhook(rule)]),
    ),
  );

const gateway = record({ type: text(20), credential: text(20), mode: fc.constantFrom('test', 'live') });
const legTime = fc.integer({ min: 1, max: 31 });

const voice = fc
  .tuple(
    record({
      webhooks: webhooks('voice'),
      signed_callbacks: fc.boolean(),
      leg_persistence_time: legTime,
      region: fc.constantFrom('na-east', 'na-west', 'eu-east', 'eu-west', 'apac-sng', 'apac-australia'),
      payment_enabled: fc.boolean(),
      payments: record({ gateways: fc.array(gateway, { maxLength: 3 }) }),
    }),
    twins('conversation_ttl', 'conversations_ttl', fc.integer({ min: 0, max: 9000 })),
  )
  .map((parts) => Object.assign({}, ...parts));

const memberName = text(8).filter((drawn) => drawn !== '__proto__');

/** Any JSON object, at most six deep. */
const free = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.constantFrom(null, true, false, 0, 1, -1.5, 1e21, ''),
    text(12),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((drawn) => drawn + 0),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(memberName, tie('value'), { maxKeys: 4, noNullPrototype: true }),
})).object;

const networkApis = fc
  .tuple(free, record({ network_application_id: text(20), redirect_uri: fc.webUrl() }))
  .map(([more, known]) => {
    const { network_application_id: _, redirect_uri: __, ...rest } = more;
    return { ...rest, ...known };
  });

const capabilities = record({
  voice,
  messages: record({
    webhooks: webhooks('messages'),
    version: text(10),
    authenticate_inbound_media: fc.boolean(),
  }),
  rtc: record({ webhooks: webhooks('rtc'), signed_callbacks: fc.boolean(), leg_persistence_time: legTime }),
  meetings: record({ webhooks: webhooks('meetings') }),
  verify: record({ webhooks: webhooks('verify'), version: fc.constant('v2') }),
  vbc: fc.constant({}),
  video: free,
  network_apis: networkApis,
  bulk: free,
});

/** A body that POST must take; its public key is one of two, so that no pair is made. */
export const applicationBody = fc
  .tuple(
    fc.record({
      name,
      keys: fc.constantFrom(OWN_KEY, OTHER_KEY).map((public_key) => ({ public_key })),
    }),
    record({ privacy: record({ improve_ai: fc.boolean() }), capabilities }),
  )
  .map(([needed, optional]) => ({ ...needed, ...optional }));
