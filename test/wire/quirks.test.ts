/** Known clients: the one rule that is loosened for each, for nobody else, and only while quirks are on. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { application, at, type Client, createClient, page } from './client.ts';
import { type Fault, problem, problems, refused } from './problem.ts';
import { openRaw, rawRequest } from './raw.ts';
import { body, pathOf, VOICE_WEBHOOKS, type WebhookRule, withMember, withWebhook } from './sample.ts';
import { openTarget, startConfigured } from './target.ts';

const target = await openTarget();
after(() => target.close());
const ADDRESS = 'https://example.com/hook';

const AGENTS = {
  java: 'vonage-java-sdk/9.13.0 java/17.0.2',
  kotlin: 'vonage-java-sdk/9.13.0 java/17.0.2 vonage-kotlin-sdk/2.1.1',
  dotnet: 'vonage-dotnet/8.35.0 dotnet/8.0.0 my-app',
  php: 'vonage-php/4.2.0 php/8.3',
  python: 'vonage-python-sdk/4.7.2 python/3.11.7',
  node: '@vonage/server-sdk/3.0.0, node/24.21.0,',
  cli: '@vonage/server-sdk/3.0.0, node/24.21.0, cli/3.2.1,',
  ruby: 'vonage-ruby/7.35.0 ruby/3.3',
  go: 'vonage-go/0.13.1 Go/go1.22',
  curl: 'curl/8.5.0',
};

/** User agents in which the name of a client stands where it does not count. */
const impostors = (name: string) => [
  `curl/8 ${name}/9.0`,
  `(${name}/9.0)`,
  `curl/8 (${name}/9.0)`,
  `x${name}/9.0`,
  `${name}x/9.0`,
  `/${name}/9.0`,
  `"${name}/9.0"`,
  '@,;:()<>[]{}="\\ \t',
  '/',
  '',
  'x'.repeat(5000),
];

const as = (agent: string, url = target.url): Client =>
  createClient(url, target.accounts[0], { 'user-agent': agent });

const others = (...known: (keyof typeof AGENTS)[]) =>
  Object.entries(AGENTS).flatMap(([name, agent]) => (known.some((one) => one === name) ? [] : [agent]));

async function withoutQuirks(check: (client: (agent: string) => Client) => Promise<void>): Promise<void> {
  await using server = await startConfigured({ JACKFIELD_CLIENT_QUIRKS: 'off' });
  await check((agent) => createClient(server.url, server.accounts[0], { 'user-agent': agent }));
}

describe('a User-Agent that is no product token', () => {
  for (const agent of [AGENTS.node, AGENTS.cli, ...impostors('vonage-java-sdk')]) {
    it(`W60 gets the contract, and no error: ${JSON.stringify(agent.slice(0, 50))}`, async () => {
      const client = as(agent);
      assert.equal((await client.list('?page_size=100')).status, 200);
      const { id } = await client.given(body());
      assert.equal((await client.remove(id)).status, 204);
    });
  }

  it('W60 of bytes beyond ASCII gets the contract', async () => {
    using connection = await openRaw(target.url);
    const { apiKey, apiSecret } = target.accounts[0];
    const authorization = `Authorization: Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;
    const headers = ['Host: x', authorization, 'User-Agent: vonage-\xff\xfe/9'];
    connection.write(rawRequest('GET /v2/applications', headers));
    assert.equal((await connection.answer()).status, 200);
  });
});

describe('Java and Kotlin', () => {
  const LARGE: Fault = ['page_size', 'must be between 1 and 1000'];
  const SMALL: Fault = ['page_size', 'must be between 1 and 100'];

  for (const agent of [AGENTS.java, AGENTS.kotlin]) {
    it(`W60 may ask for pages of 1000: ${agent}`, async () => {
      const client = as(agent);
      await client.clear();
      for (let count = 0; count < 105; count++) await client.given(body());
      const { page_size, total_pages, _embedded, _links } = page(await client.list('?page_size=1000'));
      assert.deepEqual([page_size, total_pages, _embedded.applications.length], [1000, 1, 105]);
      assert.equal(_links['self']?.href, '/v2/applications?page_size=1000&page=1');
      const [first, second] = [
        page(await client.list('?page_size=101')),
        page(await client.list('?page_size=101&page=2')),
      ];
      assert.deepEqual([first._embedded.applications.length, second._embedded.applications.length], [101, 4]);
      await client.clear();
    });

    it(`W60 may not ask for more: ${agent}`, async () => {
      for (const size of ['1001', '0', '-1', 'x', '', '99999999999']) {
        problem(await as(agent).list(`?page_size=${size}`), problems.list(LARGE));
      }
      const twice = await as(agent).list('?page_size=5&page_size=5');
      problem(twice, problems.list(['page_size', 'must be given once']));
      assert.equal(page(await as(agent).list()).page_size, 10, 'the default is everybody’s');
    });
  }

  it('W60 is for nobody else', async () => {
    for (const agent of [...others('java', 'kotlin'), ...impostors('vonage-java-sdk')]) {
      for (const size of [101, 1000]) {
        problem(await as(agent).list(`?page_size=${size}`), problems.list(SMALL));
      }
    }
  });

  it('W60 is for nobody with quirks off', () =>
    withoutQuirks(async (client) => {
      problem(await client(AGENTS.java).list('?page_size=1000'), problems.list(SMALL));
    }));
});

const hook = (rule: WebhookRule, members: object) => withWebhook(rule, { address: ADDRESS, ...members });

describe('.NET', () => {
  const socket = (rule: WebhookRule): string => `${pathOf(rule)}.socket_timeout`;
  const range = (rule: (typeof VOICE_WEBHOOKS)[number]) => `must be between 1000 and ${rule.timeouts.socket}`;

  for (const rule of VOICE_WEBHOOKS) {
    it(`W61 has a socket_timeout below the minimum raised to it: ${rule.webhook}`, async () => {
      const client = as(AGENTS.dotnet);
      for (const [sent, kept] of [
        [500, 1000],
        [999, 1000],
        [0, 1000],
        [-1, 1000],
        [1000, 1000],
        [1001, 1001],
      ] as const) {
        const created = await client.given(hook(rule, { socket_timeout: sent }));
        assert.equal(at(created, socket(rule)), kept);
        const updated = application(await client.update(created.id, hook(rule, { socket_timeout: sent })));
        assert.equal(at(updated, socket(rule)), kept);
      }
    });

    it(`W61 is held to the contract otherwise: ${rule.webhook}`, async () => {
      const client = as(AGENTS.dotnet);
      refused(await client.create(hook(rule, { socket_timeout: rule.timeouts.socket + 1 })), [
        socket(rule),
        range(rule),
      ]);
      refused(await client.create(hook(rule, { socket_timeout: 500.5 })), [
        socket(rule),
        'must be an integer',
      ]);
      refused(await client.create(hook(rule, { socket_timeout: '500' })), [
        socket(rule),
        'must be an integer',
      ]);
      for (const name of ['connection_timeout', 'connect_timeout']) {
        const fault: Fault = [`${pathOf(rule)}.${name}`, 'must be between 300 and 1000'];
        refused(await client.create(hook(rule, { [name]: 299 })), fault);
      }
    });

    it(`W61 is for nobody else: ${rule.webhook}`, async () => {
      for (const agent of [...others('dotnet'), ...impostors('vonage-dotnet')]) {
        refused(await as(agent).create(hook(rule, { socket_timeout: 500 })), [socket(rule), range(rule)]);
      }
    });
  }

  it('W61 is for nobody with quirks off', () =>
    withoutQuirks(async (client) => {
      for (const rule of VOICE_WEBHOOKS) {
        const answer = await client(AGENTS.dotnet).create(hook(rule, { socket_timeout: 500 }));
        refused(answer, [socket(rule), range(rule)]);
      }
    }));
});

describe('PHP', () => {
  const members = ['connection_timeout', 'connect_timeout', 'socket_timeout'];

  for (const rule of VOICE_WEBHOOKS) {
    it(`W62 may send timeouts as digit strings: ${rule.webhook}`, async () => {
      const client = as(AGENTS.php);
      const path = pathOf(rule);
      const created = await client.given(hook(rule, { connection_timeout: '500', socket_timeout: '2000' }));
      for (const [name, value] of Object.entries({
        connection_timeout: 500,
        connect_timeout: 500,
        socket_timeout: 2000,
      })) {
        assert.strictEqual(at(created, `${path}.${name}`), value);
      }
      const both = { connection_timeout: '600', connect_timeout: 600 };
      assert.strictEqual(
        at(application(await client.update(created.id, hook(rule, both))), `${path}.connect_timeout`),
        600,
      );
      const changed = { connection_timeout: '600', connect_timeout: '700' };
      const updated = application(await client.update(created.id, hook(rule, changed)));
      assert.strictEqual(at(updated, `${path}.connection_timeout`), 700, 'W15 holds of them, too');
      refused(await client.create(hook(rule, changed)), [
        `${path}.connect_timeout`,
        'must equal connection_timeout',
      ]);
    });

    it(`W62 is held to the contract otherwise: ${rule.webhook}`, async () => {
      const client = as(AGENTS.php);
      const ranges = [1000, 1000, rule.timeouts.socket];
      for (const [index, name] of members.entries()) {
        const path = `${pathOf(rule)}.${name}`;
        const range = `must be between ${name === 'socket_timeout' ? 1000 : 300} and ${ranges[index]}`;
        for (const value of ['299', '10001', '0', '99999999999999999999']) {
          refused(await client.create(hook(rule, { [name]: value })), [path, range]);
        }
        for (const value of [
          '',
          'x',
          '500.0',
          '5e2',
          ' 500',
          '500 ',
          '+500',
          '-500',
          '0x1f4',
          '٥٠٠',
          '500\n',
          true,
          [],
        ]) {
          refused(await client.create(hook(rule, { [name]: value })), [path, 'must be an integer']);
        }
      }
    });

    it(`W62 is for nobody else: ${rule.webhook}`, async () => {
      for (const agent of [...others('php'), ...impostors('vonage-php')]) {
        for (const name of members) {
          const answer = await as(agent).create(hook(rule, { [name]: '1000' }));
          refused(answer, [`${pathOf(rule)}.${name}`, 'must be an integer']);
        }
      }
    });
  }

  it('W62 loosens no other number', async () => {
    const paths = [
      'voice.conversation_ttl',
      'voice.conversations_ttl',
      'voice.leg_persistence_time',
      'rtc.leg_persistence_time',
    ];
    for (const path of paths.map((name) => `capabilities.${name}`)) {
      refused(await as(AGENTS.php).create(withMember(path, '30')), [path, 'must be an integer']);
    }
    refused(await as(AGENTS.php).create(body({ privacy: { improve_ai: '1' } })), [
      'privacy.improve_ai',
      'must be a boolean',
    ]);
  });

  it('W62 is for nobody with quirks off', () =>
    withoutQuirks(async (client) => {
      for (const rule of VOICE_WEBHOOKS) {
        const answer = await client(AGENTS.php).create(hook(rule, { socket_timeout: '1000' }));
        refused(answer, [`${pathOf(rule)}.socket_timeout`, 'must be an integer']);
      }
    }));
});
