/** No call reaches what it may not: each vector is tried against listeners that count who comes, and a count of all sockets opened. */

import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { Sender, type SenderOptions, type Sent } from '../../src/delivery/send.ts';
import { createEgressRules, type EgressMode } from '../../src/domain/egress-rules.ts';
import { REFUSED_URLS, VECTORS, type Vector } from './vectors.ts';

const TIMEOUTS = { connectTimeoutMs: 5000, socketTimeoutMs: 5000 };

const servers: Server[] = [];
let port = 0;
let visits = 0;
let opened = 0;

const countSocket = () => {
  opened++;
};

/** Listens on every address of this machine, IPv6 and IPv4, and answers whoever comes. */
before(async () => {
  const server = createServer((socket) => {
    visits++;
    socket.on('error', () => {});
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
  });
  server.listen(0);
  await once(server, 'listening');
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
  servers.push(server);
  subscribe('net.client.socket', countSocket);
});

after(() => {
  unsubscribe('net.client.socket', countSocket);
  for (const server of servers) server.close();
});

/** Sends a call, and counts who reached the listener and how many sockets were opened. */
async function call(url: string, options: Partial<SenderOptions> = {}, mode: EgressMode = 'public') {
  [visits, opened] = [0, 0];
  const sender = new Sender({ rules: createEgressRules(mode), clock: systemClock, ...options });
  const body = Buffer.from('{}');
  const sent = await sender.send({ url, method: 'POST', headers: {}, body, payloadHash: '' }, TIMEOUTS);
  await sender.close();
  return { sent, visits, opened };
}

/** A resolver that knows one name. */
function resolver(answers: readonly string[] = []) {
  const asked: string[] = [];
  const lookup = async (hostname: string) => {
    asked.push(hostname);
    return answers.map((address) => ({ address }));
  };
  return { lookup, asked };
}

function assertRefused({ outcome, reason = '', body }: Sent, url: string): void {
  assert.equal(outcome, 'egress_refused', url);
  assert.match(reason, /^the (?:host is|address) /, url);
  assert.equal(body.length, 0);
}

describe('the corpus of places where no call may go', () => {
  it('D40 has at least 150 hosts and URLs, all of them different', () => {
    const all = [...VECTORS.map(({ host }) => host), ...REFUSED_URLS];
    assert.ok(all.length >= 150, `${all.length}`);
    assert.equal(new Set(all).size, all.length);
  });

  it('is proven by a listener that is reached where the rules allow it', async () => {
    for (const host of ['127.0.0.1', '0x7f.1', 'localhost.', '[::ffff:127.0.0.1]', 'a.example']) {
      const { lookup } = resolver(['127.0.0.1']);
      const reached = await call(`http://${host}:${port}/`, { lookup }, 'local');
      assert.deepEqual([reached.sent.outcome, reached.visits, reached.opened], ['answered', 1, 1], host);
    }
  });

  const name = ({ host, answers }: Vector) =>
    answers === undefined ? host : `${host} (${answers.join(', ')})`;
  for (const vector of VECTORS) {
    it(`D40 refuses ${name(vector)}`, async () => {
      for (const scheme of ['http', 'https']) {
        const { lookup, asked } = resolver(vector.answers);
        const url = `${scheme}://${vector.host}:${port}/x?y`;
        const { sent, ...reached } = await call(url, { lookup });
        assertRefused(sent, url);
        assert.deepEqual(reached, { visits: 0, opened: 0 }, url);
        assert.equal(asked.length, vector.answers === undefined ? 0 : 1, url);
      }
    });
  }

  for (const text of REFUSED_URLS) {
    it(`D40 refuses ${JSON.stringify(text)}, locally as well`, async () => {
      const url = text.replace('PORT', `${port}`);
      for (const mode of ['public', 'local'] as const) {
        const { lookup } = resolver(['127.0.0.1']);
        const { sent, ...reached } = await call(url, { lookup }, mode);
        assertRefused(sent, url);
        assert.deepEqual(reached, { visits: 0, opened: 0 });
      }
    });
  }

  it('D41 is refused locally where it is neither loopback nor private', async () => {
    const hosts = [
      '0.0.0.0',
      '[::]',
      '0',
      '169.254.169.254',
      '[fe80::1]',
      '224.0.0.1',
      '[ff02::1]',
      '[::127.0.0.1]',
    ];
    for (const host of hosts) {
      const { sent, ...reached } = await call(`http://${host}:${port}/`, {}, 'local');
      assertRefused(sent, host);
      assert.deepEqual(reached, { visits: 0, opened: 0 }, host);
    }
  });

  it('D41 is reached where the operator allows it, and only there', async () => {
    const rules = createEgressRules('public', ['127.0.0.1']);
    assert.equal((await call(`http://127.0.0.1:${port}/`, { rules })).sent.outcome, 'answered');
    assert.equal((await call(`http://127.0.0.2:${port}/`, { rules })).sent.outcome, 'egress_refused');
    assert.equal((await call(`http://[::1]:${port}/`, { rules })).sent.outcome, 'egress_refused');
  });
});

describe('a name', () => {
  it('D40 that changes its answer is asked once, and what it said first is where the call goes', async () => {
    const answers = [['127.0.0.1'], ['169.254.169.254']];
    let asked = 0;
    const lookup = async () => (answers[asked++] ?? []).map((address) => ({ address }));
    const { sent, visits: reached } = await call(`http://rebind.example:${port}/`, { lookup }, 'local');
    assert.deepEqual([sent.outcome, reached, asked], ['answered', 1, 1]);
    const second = await call(`http://rebind.example:${port}/`, { lookup }, 'local');
    assert.deepEqual([second.sent.outcome, second.visits, asked], ['egress_refused', 0, 2]);
  });

  it('D40 whose public address leads here all the same sends no byte', async () => {
    let bytes = 0;
    const trap = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        bytes += chunk.length;
      });
    });
    trap.listen(0, '127.0.0.1');
    await once(trap, 'listening');
    servers.push(trap);
    const address = trap.address();
    const place = {
      host: '127.0.0.1',
      port: typeof address === 'object' && address !== null ? address.port : 0,
    };
    for (const scheme of ['http', 'https']) {
      // A network that takes the connection elsewhere, as a NAT does.
      const options = { ...resolver(['1.1.1.1']), connect: (() => connect(place)) as typeof connect };
      const { sent } = await call(`${scheme}://nat.example:${port}/`, options);
      assert.equal(sent.outcome, 'egress_refused');
      assert.match(sent.reason ?? '', /^the connection leads to a loopback address$/);
    }
    assert.equal(bytes, 0);
  });

  it('D42 that does not resolve is a dns_error, and nothing is thrown', async () => {
    const fails = { lookup: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })) };
    const { sent, opened: sockets } = await call(`http://nowhere.example:${port}/`, fails);
    assert.deepEqual([sent.outcome, sockets], ['dns_error', 0]);
    assert.match(sent.reason ?? '', /ENOTFOUND/);
    assert.equal((await call(`http://empty.example:${port}/`, resolver([]))).sent.outcome, 'dns_error');
    assert.equal((await call('http://name.invalid/')).sent.outcome, 'dns_error');
  });

  it('D40 is called at another of its addresses where one does not answer', async () => {
    const { lookup } = resolver(['127.0.0.9', '127.0.0.1']);
    const only = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('HTTP/1.1 204 X\r\n\r\n');
    });
    only.listen(0, '127.0.0.1');
    await once(only, 'listening');
    servers.push(only);
    const address = only.address();
    const here = typeof address === 'object' && address !== null ? address.port : 0;
    const { sent } = await call(`http://two.example:${here}/`, { lookup }, 'local');
    assert.deepEqual([sent.outcome, sent.statusCode], ['answered', 204]);
  });
});

describe('a redirect', () => {
  it('D40 is not followed, so it leads nowhere', async () => {
    const redirecting = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(`HTTP/1.1 302 X\r\nlocation: http://127.0.0.1:${port}/\r\ncontent-length: 0\r\n\r\n`);
    });
    redirecting.listen(0, '127.0.0.1');
    await once(redirecting, 'listening');
    servers.push(redirecting);
    const address = redirecting.address();
    const from = typeof address === 'object' && address !== null ? address.port : 0;
    const { sent, ...reached } = await call(`http://127.0.0.1:${from}/`, {}, 'local');
    assert.deepEqual([sent.statusCode, reached.visits, reached.opened], [302, 0, 1]);
  });
});
