/** Random lifecycles of two accounts: what the API answers is what a small model in memory expects, always. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { startJackfield } from './jackfield.ts';
import { type Answer, type Application, application, createClient, page } from './wire/client.ts';
import { problem, problems } from './wire/problem.ts';
import { OTHER_KEY, OWN_KEY } from './wire/sample.ts';

const server = await startJackfield();
after(() => server.close());
const clients = server.accounts.map((account) => createClient(server.url, account));

/** What is sent: a small part of the contract whose answer the model can tell by itself. */
interface Draft {
  readonly name: string;
  readonly keys?: { readonly public_key: string };
  readonly privacy?: { readonly improve_ai: boolean };
  readonly capabilities?: { readonly vbc?: object; readonly rtc?: object; readonly voice?: DraftVoice };
}

interface DraftVoice {
  readonly webhooks: { readonly event_url: { readonly address: string; readonly connect_timeout?: number } };
  readonly conversation_ttl?: number;
}

/** The applications of each account, oldest first, and ids that nobody has any more. */
interface Model {
  readonly accounts: readonly [Application[], Application[]];
  readonly gone: string[];
}

type Side = 0 | 1;
type Command = fc.AsyncCommand<Model, null>;

function completeVoice({ webhooks, conversation_ttl = 48 }: DraftVoice) {
  const { address, connect_timeout = 1000 } = webhooks.event_url;
  const timeouts = { connection_timeout: connect_timeout, connect_timeout, socket_timeout: 10000 };
  return {
    webhooks: { event_url: { address, http_method: 'POST', ...timeouts } },
    signed_callbacks: true,
    conversation_ttl,
    conversations_ttl: conversation_ttl,
    leg_persistence_time: 7,
  };
}

/** What the API must answer for a draft; `before` is what a PUT may keep something of. */
function complete(id: string, draft: Draft, before?: Application): Application {
  const { vbc, rtc, voice } = draft.capabilities ?? {};
  return {
    id,
    name: draft.name.trim(),
    keys: { public_key: draft.keys?.public_key ?? before?.keys.public_key ?? OWN_KEY },
    privacy: draft.privacy ?? before?.privacy ?? { improve_ai: true },
    capabilities: {
      ...(vbc === undefined ? {} : { vbc: {} }),
      ...(rtc === undefined ? {} : { rtc: { webhooks: {}, ...rtc } }),
      ...(voice === undefined ? {} : { voice: completeVoice(voice) }),
    },
  };
}

const linked = (expected: Application) => ({
  ...expected,
  _links: { self: { href: `/v2/applications/${expected.id}` } },
});

/** Asks on behalf of one account. */
function on(side: Side) {
  const client = clients[side];
  assert.ok(client !== undefined);
  return client;
}

/** The application that a number drawn by lot means, if the account has any. */
const pick = (applications: readonly Application[], lot: number) =>
  applications.length === 0 ? undefined : applications[lot % applications.length];

const command = (name: string, run: (model: Model) => Promise<void>): Command => ({
  check: () => true,
  run,
  toString: () => name,
});

const create = (side: Side, draft: Draft) =>
  command(`create(${side}, ${JSON.stringify(draft)})`, async ({ accounts }) => {
    const sent = { keys: { public_key: OWN_KEY }, ...draft };
    const created = application(await on(side).create(sent), 201);
    const expected = complete(created.id, sent);
    assert.deepEqual(created, linked(expected));
    accounts[side].push(expected);
  });

const read = (side: Side, lot: number) =>
  command(`read(${side}, ${lot})`, async ({ accounts }) => {
    const expected = pick(accounts[side], lot);
    if (expected !== undefined) assert.deepEqual(await on(side).found(expected.id), linked(expected));
  });

const update = (side: Side, lot: number, draft: Draft) =>
  command(`update(${side}, ${lot}, ${JSON.stringify(draft)})`, async ({ accounts }) => {
    const before = pick(accounts[side], lot);
    if (before === undefined) return;
    const expected = complete(before.id, draft, before);
    assert.deepEqual(application(await on(side).update(before.id, draft)), linked(expected));
    accounts[side][accounts[side].indexOf(before)] = expected;
  });

const remove = (side: Side, lot: number) =>
  command(`remove(${side}, ${lot})`, async ({ accounts, gone }) => {
    const before = pick(accounts[side], lot);
    if (before === undefined) return;
    assert.equal((await on(side).remove(before.id)).status, 204);
    accounts[side].splice(accounts[side].indexOf(before), 1);
    gone.push(before.id);
  });

const list = (side: Side, size: number, number: number) =>
  command(`list(${side}, ${size}, ${number})`, async ({ accounts }) => {
    const all = accounts[side];
    const seen = page(await on(side).list(`?page_size=${size}&page=${number}`));
    assert.deepEqual(seen._embedded.applications, all.slice((number - 1) * size, number * size));
    assert.equal(seen.total_items, all.length);
    assert.equal(seen.total_pages, Math.max(1, Math.ceil(all.length / size)));
    assert.equal(seen._links['next'] !== undefined, number * size < all.length);
    assert.equal(
      seen._links['prev'] !== undefined,
      number > 1 && (number - 1) * size < Math.max(1, all.length),
    );
  });

const invalid = (side: Side, lot: number) =>
  command(`invalid(${side}, ${lot})`, async ({ accounts }) => {
    const fault = problems.payload(['capabilities.sms', 'is not a known property']);
    const sent = { name: 'never', capabilities: { sms: {} } };
    problem(await on(side).create(sent), fault);
    const before = pick(accounts[side], lot);
    if (before !== undefined) problem(await on(side).update(before.id, sent), fault);
  });

/** Every way to touch an id that the account has not: it is not there. */
async function assertAbsent(side: Side, id: string, draft: Draft): Promise<void> {
  const answers: Answer[] = [
    await on(side).read(id),
    await on(side).update(id, draft),
    await on(side).remove(id),
  ];
  for (const answer of answers) problem(answer, problems.application(id));
}

const trespass = (side: Side, lot: number, draft: Draft) =>
  command(`trespass(${side}, ${lot})`, async ({ accounts }) => {
    const foreign = pick(accounts[side === 0 ? 1 : 0], lot);
    if (foreign !== undefined) await assertAbsent(side, foreign.id, draft);
  });

const haunt = (side: Side, lot: number, draft: Draft) =>
  command(`haunt(${side}, ${lot})`, async ({ gone }) => {
    const id = gone[lot % Math.max(1, gone.length)];
    if (id !== undefined) await assertAbsent(side, id, draft);
  });

/** Objects as JSON gives them, so that they compare equal to answers. */
const plain = { noNullPrototype: true } as const;

const maybe = <T>(name: string, value: fc.Arbitrary<T>) =>
  fc.record({ [name]: value }, { requiredKeys: [], ...plain }) as fc.Arbitrary<Record<string, T>>;

const merged = <T>(...parts: fc.Arbitrary<object>[]) =>
  fc.tuple(...parts).map((drawn) => Object.assign({}, ...drawn) as T);

const eventUrl = merged<DraftVoice['webhooks']['event_url']>(
  fc.record({ address: fc.webUrl() }, plain),
  maybe('connect_timeout', fc.integer({ min: 300, max: 1000 })),
);

const draft = merged<Draft>(
  fc.record({ name: fc.constantFrom('a', 'b', ' trimmed ', 'ü🎈', 'x'.repeat(255)) }, plain),
  maybe(
    'keys',
    fc.constantFrom(OWN_KEY, OTHER_KEY).map((public_key) => ({ public_key })),
  ),
  maybe('privacy', fc.record({ improve_ai: fc.boolean() }, plain)),
  maybe(
    'capabilities',
    merged(
      maybe('vbc', fc.constant({})),
      maybe('rtc', fc.constantFrom({}, { signed_callbacks: false }, { leg_persistence_time: 3 })),
      maybe(
        'voice',
        merged(
          fc.record({ webhooks: fc.record({ event_url: eventUrl }, plain) }, plain),
          maybe('conversation_ttl', fc.integer({ min: 0, max: 9000 })),
        ),
      ),
    ),
  ),
);

const side = fc.constantFrom<Side>(0, 1);
const lot = fc.nat(1000);
const size = fc.integer({ min: 1, max: 5 });
const commands = fc.commands(
  [
    fc.tuple(side, draft).map((drawn) => create(...drawn)),
    fc.tuple(side, draft).map((drawn) => create(...drawn)),
    fc.tuple(side, lot).map((drawn) => read(...drawn)),
    fc.tuple(side, lot, draft).map((drawn) => update(...drawn)),
    fc.tuple(side, lot).map((drawn) => remove(...drawn)),
    fc.tuple(side, size, size).map((drawn) => list(...drawn)),
    fc.tuple(side, lot).map((drawn) => invalid(...drawn)),
    fc.tuple(side, lot, draft).map((drawn) => trespass(...drawn)),
    fc.tuple(side, lot, draft).map((drawn) => haunt(...drawn)),
  ],
  { maxCommands: 60, size: 'max' },
);

describe('two accounts', () => {
  it('answer like the model through random lifecycles, and never show each other anything (W55)', async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (drawn) => {
        await Promise.all(clients.map((client) => client.clear()));
        const model: Model = { accounts: [[], []], gone: [] };
        await fc.asyncModelRun(() => ({ model, real: null }), drawn);
        for (const number of [0, 1] as const) {
          const listed = page(await on(number).list('?page_size=100'));
          assert.deepEqual(listed._embedded.applications, model.accounts[number]);
        }
      }),
      { numRuns: 60 },
    );
  });
});
