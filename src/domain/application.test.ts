import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { ApplicationItem } from '../contract/application.ts';
import type { Capabilities } from '../contract/capabilities.ts';
import { EXAMPLE_ID, EXAMPLE_PUBLIC_KEY } from '../contract/examples.ts';
import { JackfieldError } from '../errors.ts';
import { type Application, parseApplicationBody, readDocument, writeDocument } from './application.ts';

describe('the document of an application', () => {
  it('W30 has its members in order', () => {
    const application: Application = {
      id: EXAMPLE_ID,
      name: 'Émile "x" 😀',
      publicKey: EXAMPLE_PUBLIC_KEY,
      improveAi: false,
      capabilities: { vbc: {} },
    };
    const document = writeDocument(application);
    assert.match(
      document,
      /^\{"id":"[^"]+","name":".+","keys":\{"public_key":"[^"]+"\},"privacy":\{"improve_ai":false\},"capabilities":\{"vbc":\{\}\}\}$/,
    );
    assert.deepEqual(readDocument(document), application);
  });
});

/** Members each of which may be absent, null, or what it should be. */
function sent(members: Record<string, fc.Arbitrary<unknown>>) {
  const nullable = Object.fromEntries(
    Object.entries(members).map(([name, member]) => [name, fc.option(member, { freq: 6 })]),
  );
  return fc.record(nullable, { requiredKeys: [] });
}

const address = fc.oneof(fc.constant(''), fc.webUrl({ withQueryParameters: true }));
const shortText = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 255 })
  .filter((text) => !text.includes('\0'));

function webhook(methods: string[], members: Record<string, fc.Arbitrary<unknown>> = {}) {
  return sent({ address, http_method: fc.constantFrom(...methods), ...members });
}

function voiceWebhook(maxSocketTimeout: number) {
  const connection = fc.integer({ min: 300, max: 1000 });
  return fc
    .record({
      webhook: webhook(['GET', 'POST'], { socket_timeout: fc.integer({ min: 1000, max: maxSocketTimeout }) }),
      timeout: connection,
      spellings: fc.subarray(['connection_timeout', 'connect_timeout']),
    })
    .map(({ webhook: members, timeout, spellings }) => ({
      ...members,
      ...Object.fromEntries(spellings.map((name) => [name, timeout])),
    }));
}

const freeForm = fc.dictionary(
  fc.string({ unit: 'binary' }).filter((key) => key !== '__proto__' && !key.includes('\0')),
  fc
    .jsonValue({ maxDepth: 4, stringUnit: 'binary' })
    .filter((value) => !/\\u0000|__proto__/.test(JSON.stringify(value))),
);

const voice = fc
  .record({
    members: sent({
      signed_callbacks: fc.boolean(),
      leg_persistence_time: fc.integer({ min: 1, max: 31 }),
      region: fc.constantFrom('na-east', 'na-west', 'eu-east', 'eu-west', 'apac-sng', 'apac-australia'),
      payment_enabled: fc.boolean(),
      payments: sent({
        gateways: fc.array(
          sent({ type: shortText, credential: shortText, mode: fc.constantFrom('test', 'live') }),
          { maxLength: 3 },
        ),
      }),
      webhooks: sent({
        answer_url: voiceWebhook(5000),
        fallback_answer_url: voiceWebhook(5000),
        event_url: voiceWebhook(10_000),
      }),
    }),
    ttl: fc.integer({ min: 0, max: 9000 }),
    spellings: fc.subarray(['conversation_ttl', 'conversations_ttl']),
  })
  .map(({ members, ttl, spellings }) => ({
    ...Object.fromEntries(spellings.map((name) => [name, ttl])),
    ...members,
  }));

const meetingsWebhook = webhook(['GET', 'POST', 'PUT']);

const capabilities = sent({
  voice,
  messages: sent({
    version: shortText,
    authenticate_inbound_media: fc.boolean(),
    webhooks: sent({ inbound_url: webhook(['POST']), status_url: webhook(['POST']) }),
  }),
  rtc: sent({
    signed_callbacks: fc.boolean(),
    leg_persistence_time: fc.integer({ min: 1, max: 31 }),
    webhooks: sent({ event_url: webhook(['GET', 'POST']) }),
  }),
  meetings: sent({
    webhooks: sent({
      room_changed: meetingsWebhook,
      session_changed: meetingsWebhook,
      recording_changed: meetingsWebhook,
    }),
  }),
  vbc: fc.constant({}),
  verify: sent({ version: fc.constant('v2'), webhooks: sent({ status_url: webhook(['POST']) }) }),
  video: freeForm,
  network_apis: fc
    .tuple(freeForm, sent({ network_application_id: shortText, redirect_uri: fc.webUrl() }))
    .map(([free, known]) => ({ ...free, ...known })),
  bulk: freeForm,
});

/** Bodies that are valid by every rule. */
const validBody = fc
  .record({
    name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((text) => text.trim() !== ''),
    parts: sent({
      capabilities,
      privacy: sent({ improve_ai: fc.boolean() }),
      keys: sent({ public_key: fc.constantFrom('', EXAMPLE_PUBLIC_KEY), private_key: fc.string() }),
    }),
  })
  .map(({ name, parts }) => ({ ...parts, name }));

const isItem = new Ajv2020({
  formats: { uri: (text: string) => URL.canParse(text), uuid: true },
}).compile(ApplicationItem);

/** The application that a POST of `body` would make. */
function create(body: unknown, stored?: Capabilities): Application {
  const { publicKey, improveAi, ...rest } = parseApplicationBody(body, { stored });
  return {
    id: EXAMPLE_ID,
    ...rest,
    publicKey: publicKey ?? EXAMPLE_PUBLIC_KEY,
    improveAi: improveAi ?? true,
  };
}

describe('an answer sent back', () => {
  it('W23 is taken and changes nothing', () => {
    fc.assert(
      fc.property(validBody, fc.boolean(), (body, isPut) => {
        const application = create(JSON.parse(JSON.stringify(body)));
        const document = writeDocument(application);
        const answer = JSON.parse(document);
        const echoed = {
          ...answer,
          keys: { private_key: 'a private key', ...answer.keys },
          _links: { self: { href: `/v2/applications/${EXAMPLE_ID}` } },
        };
        const stored = isPut ? readDocument(document).capabilities : undefined;
        assert.equal(writeDocument(create(echoed, stored)), document);
      }),
      { numRuns: 1000 },
    );
  });

  it('W23 holds no members but those named, and no null but in arrays', () => {
    fc.assert(
      fc.property(validBody, (body) => {
        const item = JSON.parse(writeDocument(create(JSON.parse(JSON.stringify(body)))));
        assert.equal(isItem(item), true, JSON.stringify(isItem.errors));
        assert.doesNotMatch(JSON.stringify(item), /":null[,}]/);
      }),
      { numRuns: 1000 },
    );
  });
});

const knownKeys = fc.constantFrom(
  ...['name', 'keys', 'public_key', 'privacy', 'improve_ai', 'capabilities', 'voice', 'rtc', 'vbc', 'video'],
  ...[
    'webhooks',
    'answer_url',
    'event_url',
    'address',
    'http_method',
    'connect_timeout',
    'connection_timeout',
  ],
  ...[
    'conversation_ttl',
    'payments',
    'gateways',
    'mode',
    'id',
    '_links',
    'constructor',
    '__proto__',
    'toString',
  ],
);

const { anything } = fc.letrec<{ anything: unknown }>((tie) => ({
  anything: fc.oneof(
    { maxDepth: 7, withCrossShrink: true },
    fc.oneof(
      fc.constantFrom(null, 1, 400, 1.5, true, '', '\0', '\ud800', 'GET', 'https://e.com'),
      fc.string(),
    ),
    fc.array(fc.tuple(knownKeys, tie('anything')), { maxLength: 6 }).map((members) => {
      const json = members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value) ?? 'null'}`);
      return JSON.parse(`{${json.join(',')}}`);
    }),
    fc.array(tie('anything'), { maxLength: 3 }),
  ),
}));

describe('a body of any shape', () => {
  it('W05 is read, or refused with faults that each name one path', () => {
    fc.assert(
      fc.property(anything, (body) => {
        const before = JSON.stringify(body);
        try {
          parseApplicationBody(body);
        } catch (error) {
          assert.ok(error instanceof JackfieldError);
          assert.equal(error.code, 'payload_invalid');
          const names = error.faults.map(({ name }) => name);
          assert.ok(names.length > 0);
          assert.equal(new Set(names).size, names.length);
          for (const { reason } of error.faults) assert.match(reason, /^(is|must) [^.]*[^. ]$/);
        }
        assert.equal(JSON.stringify(body), before);
      }),
      { numRuns: 3000 },
    );
  });
});
