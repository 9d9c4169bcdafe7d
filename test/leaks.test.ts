/** Plants canaries through a real server and looks for them wherever they must not be: files, log, metrics, errors. */

import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { readWholeAudit } from '../src/registry/audit.ts';
import { until } from './condition.ts';
import { type Jackfield, startJackfield } from './jackfield.ts';
import { type Answer, application, BASE, basic, type Client, createClient } from './wire/client.ts';
import { openRaw } from './wire/raw.ts';
import { body } from './wire/sample.ts';

/** Something secret, in every form in which it might turn up. */
interface Canary {
  readonly name: string;
  readonly forms: readonly Buffer[];
}

const WRONG_SECRET = 'CanaryWrongSecret1';
/** A token that is asked about, and the payload of an event that is refused. */
const TOKEN = 'CanaryTokenHead.CanaryTokenPayload.CanaryTokenMark';
const PAYLOAD = 'canary-payload';

const VIDEO_SECRETS = ['canary-webhook-secret', 'canary-storage-credential', 'canary-storage-key'] as const;

const VIDEO = {
  webhooks: { archive_status: { address: 'https://example.com/v', secret: VIDEO_SECRETS[0] } },
  storage: { type: 'S3', credential: VIDEO_SECRETS[1], credentials: { access_key: VIDEO_SECRETS[2] } },
};

function createCanary(name: string, ...texts: readonly string[]): Canary {
  const forms = texts.flatMap((text) => [
    Buffer.from(text),
    Buffer.from(Buffer.from(text).toString('base64')),
  ]);
  return { name, forms };
}

/** A private key by lines of its PEM, by its bytes, and by its exponent as JWK and in hexadecimal. */
function createKeyCanary(name: string, pem: string): Canary {
  const key = createPrivateKey(pem);
  const { d = '' } = key.export({ format: 'jwk' });
  const der = key.export({ type: 'pkcs8', format: 'der' });
  // The first half of the encoding is the public key; the rest is not.
  const lines = pem.split('\n').filter((line) => line.length === 64);
  const secret = lines.slice(lines.length / 2).map((line) => Buffer.from(line));
  const exponent = Buffer.from(d, 'base64url');
  const forms = [Buffer.from(d), exponent, Buffer.from(exponent.toString('hex')), der.subarray(-48)];
  return { name, forms: [...secret, ...forms] };
}

function createSecretCanary(name: string, apiKey: string, secret: string): Canary {
  const header = basic({ apiKey, apiSecret: secret }).slice('Basic '.length);
  return { name, forms: [...createCanary(name, secret).forms, Buffer.from(header)] };
}

/** The names of those canaries that are found in `bytes`. */
function find(canaries: readonly Canary[], bytes: Buffer | string): string[] {
  const hay = Buffer.from(bytes);
  return canaries.filter(({ forms }) => forms.some((form) => hay.includes(form))).map(({ name }) => name);
}

/** Requests that end in errors, each with everything secret in it. */
function provoke(api: Client, id: string, pem: string): Promise<Answer>[] {
  const faulty = body({ name: 5, keys: { public_key: pem }, capabilities: { video: VIDEO, vbc: 7 } });
  const text = JSON.stringify(faulty);
  const query = `?api_key=aaaa1111&api_secret=${WRONG_SECRET}`;
  const headers = { authorization: basic({ apiKey: 'aaaa1111', apiSecret: WRONG_SECRET }) };
  return [
    api.create(body({ keys: { public_key: pem } })),
    api.create(body({ keys: { public_key: pem, private_key: pem } })),
    api.create(faulty),
    api.update(id, faulty),
    api.update('00000000-0000-7000-8000-000000000000', body({ capabilities: { video: VIDEO } })),
    api.send({ method: 'POST', body: text.slice(0, -1) }),
    api.send({ method: 'POST', body: text, headers: { 'content-type': 'text/plain' } }),
    api.send({ method: 'POST', body: text, headers: { accept: 'text/html' } }),
    api.send({ method: 'POST', body: text, headers }),
    api.send({ method: 'PATCH', body: text }),
    ...provokeOwn(api, id),
    api.send({ path: `/v2/nothing${query}`, headers }),
    api.send({ path: `${BASE}${query}&page_size=${WRONG_SECRET}`, headers }),
    api.send({ path: BASE + query, headers: { authorization: `Bearer ${WRONG_SECRET}` } }),
    api.send({ path: BASE + query, headers: { authorization: WRONG_SECRET } }),
  ];
}

/** The same of Jackfield's own API. */
function provokeOwn(api: Client, id: string): Promise<Answer>[] {
  const sent: readonly [string, unknown][] = [
    ['tokens/verify', { token: [TOKEN], more: TOKEN }],
    [`applications/${id}/keys`, { token: TOKEN, payload: PAYLOAD }],
    [`applications/${id}/events`, { webhook: 'rtc.event_url', payload: { text: PAYLOAD } }],
  ];
  return sent.map(([path, json]) => api.send({ method: 'POST', path: `/jackfield/v1/${path}`, json }));
}

describe('what is secret', () => {
  let server: Jackfield;
  let keys: Canary[];
  let apiSecrets: Canary[];
  let errors: Answer[];
  const capabilitySecrets = VIDEO_SECRETS.map((secret) => createCanary(secret, secret));

  before(async () => {
    server = await startJackfield({ JACKFIELD_LOG_LEVEL: 'trace', JACKFIELD_METRICS_PORT: '0' });
    const [account] = server.accounts;
    const api = createClient(server.url, account);
    const made = await api.given({ name: 'generated', capabilities: { video: VIDEO } });
    const pasted = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    }).privateKey;
    const rotation = { method: 'POST', path: `/jackfield/v1/applications/${made.id}/keys` };
    const rotated = application(await api.send(rotation), 201);
    await api.send({ method: 'POST', path: '/jackfield/v1/tokens/verify', json: { token: TOKEN } });
    keys = [
      createKeyCanary('the rotated private key', rotated.keys.private_key ?? ''),
      createKeyCanary('the generated private key', made.keys.private_key ?? ''),
      createKeyCanary('the pasted private key', pasted),
    ];
    apiSecrets = [
      createSecretCanary('the API secret', account.apiKey, account.apiSecret),
      createSecretCanary('the wrong API secret', account.apiKey, WRONG_SECRET),
      createSecretCanary('the signature secret', account.apiKey, account.signatureSecret),
      createCanary('the judged token', TOKEN),
      createCanary('the payload of a refused event', PAYLOAD),
    ];
    application(await api.update(made.id, { name: 'again', capabilities: { video: VIDEO } }));
    errors = await Promise.all(provoke(api, made.id, pasted));
  });
  after(() => server.close());

  /** What the database has on disk, by file. */
  const readFiles = (): [name: string, bytes: Buffer][] =>
    globSync(`${server.databasePath}*`).map((path) => [
      path.slice(server.databasePath.length),
      readFileSync(path),
    ]);

  it('is not in the database, its log or its index, but for what capabilities hold', () => {
    const files = readFiles();
    assert.deepEqual(files.map(([name]) => name).sort(), ['', '-shm', '-wal']);
    for (const [name, bytes] of files) {
      assert.deepEqual(find([...keys, ...apiSecrets], bytes), [], name);
      assert.ok(!bytes.includes('PRIVATE KEY'), name);
    }
    const whole = Buffer.concat(files.map(([, bytes]) => bytes));
    assert.deepEqual(find(capabilitySecrets, whole), [...VIDEO_SECRETS], 'the search finds what is there');
  });

  it('is in no error', () => {
    for (const { status, text } of errors) {
      assert.ok(status >= 400 && status < 500, `${status} ${text}`);
      assert.deepEqual(find([...keys, ...apiSecrets, ...capabilitySecrets], text), [], text);
      assert.ok(!text.includes('PRIVATE KEY'), text);
    }
  });

  it('is in no metric', async () => {
    const metrics = await (await fetch(`${server.metricsUrl}/metrics`)).text();
    assert.match(metrics, /jackfield_http_requests_total\{[^}]*status="401"\} [1-9]/);
    assert.deepEqual(find([...keys, ...apiSecrets, ...capabilitySecrets], metrics), []);
  });

  it('is in no entry of the audit, also when it comes, is changed and goes', async () => {
    const api = createClient(server.url, server.accounts[0]);
    const token = 'canary-address-token';
    const canaries = [...keys, ...apiSecrets, ...capabilitySecrets, createCanary(token, token)];
    const voice = {
      webhooks: { event_url: { address: `https://example.com/${token}?${token}` } },
    };
    const { id } = await api.given({ name: 'audited', capabilities: { voice, video: VIDEO } });
    const updates = [
      { video: { ...VIDEO, storage: { credential: token } } },
      {},
      { voice, video: VIDEO, bulk: { token } },
    ];
    for (const capabilities of updates) application(await api.update(id, { name: 'audited', capabilities }));
    assert.equal((await api.remove(id)).status, 204);
    const entries = await readWholeAudit(server.context.database, { since: 0, limit: 1000 });
    const text = JSON.stringify(entries);
    assert.ok(text.includes('/capabilities/video/storage/credential'), 'the search has something to find');
    assert.equal(entries.filter(({ entry }) => entry['subject'] === id).length, 5);
    assert.deepEqual(find(canaries, text), []);
  });

  it('is in no line of the log, also when the database fails beneath a request', async () => {
    const api = createClient(server.url, server.accounts[0]);
    assert.equal((await api.list()).status, 200);
    await server.context.database.close();
    const failed = await api.create(body({ capabilities: { video: VIDEO } }));
    assert.ok(failed.status >= 500, failed.text);
    assert.deepEqual(find([...apiSecrets, ...capabilitySecrets], failed.text), []);
    await until('the failure is logged', () => server.logLines().some((line) => line.includes('failed')));
    const log = server.logLines().join('');
    assert.ok(
      log.includes(errors[0]?.headers['x-request-id'] ?? 'an id'),
      'the search has something to find',
    );
    assert.deepEqual(find([...keys, ...apiSecrets, ...capabilitySecrets], log), []);
    assert.ok(!log.includes('PRIVATE KEY'));
  });
});

describe('the log', () => {
  /** The lines that tell of requests. */
  const requestLines = (server: Jackfield) =>
    server
      .logLines()
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === 'request');

  it('has one line for each request: id, method, route, status, duration, API key', async () => {
    await using server = await startJackfield();
    const [account] = server.accounts;
    const api = createClient(server.url, account);
    const stranger = createClient(server.url);
    const { id } = await api.given(body());
    const answers = [
      await api.list('?page_size=1'),
      await api.read(id),
      await stranger.read(id),
      await api.send({ method: 'PATCH' }),
      await stranger.send({ path: '/nothing' }),
      await stranger.send({ path: '/healthz' }),
      await api.remove(id),
    ];
    await until('every request has its line', () => requestLines(server).length > answers.length);
    const [, ...lines] = requestLines(server);
    const told = lines.map(({ request_id, method, route, status, api_key }) => [
      request_id,
      `${method} ${route} ${status} ${api_key}`,
    ]);
    const { apiKey } = account;
    const expected = [
      `GET /v2/applications 200 ${apiKey}`,
      `GET /v2/applications/{id} 200 ${apiKey}`,
      'GET /v2/applications/{id} 401 ',
      'PATCH unknown 405 ',
      'GET unknown 404 ',
      'GET /healthz 200 ',
      `DELETE /v2/applications/{id} 204 ${apiKey}`,
    ];
    assert.deepEqual(
      told,
      answers.map(({ headers }, at) => [headers['x-request-id'], expected[at]]),
    );
    for (const { ms } of lines) assert.ok(typeof ms === 'number' && ms >= 0);
  });

  it('has a request whose client has gone as 499, once', async () => {
    await using server = await startJackfield();
    const [account] = server.accounts;
    const api = createClient(server.url, account);
    await api.list();
    const connection = await openRaw(server.url);
    connection.write(
      `POST ${BASE} HTTP/1.1\r\nHost: a\r\nAuthorization: ${basic(account)}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n{"name":',
    );
    // The server has the head of the request once it asks for the rest.
    await until('the request is under way', () => connection.rest.includes('100 Continue'));
    connection[Symbol.dispose]();
    const gone = () => requestLines(server).filter(({ status }) => status === 499);
    await until('the line is there', () => gone().length > 0);
    assert.equal((await api.list()).status, 200);
    const [line, ...more] = gone();
    assert.deepEqual(more, []);
    assert.match(String(line?.['request_id']), /^[0-9a-f]{32}$/);
    assert.equal(line?.['route'], '/v2/applications');
    assert.equal(line?.['api_key'], account.apiKey);
    assert.equal(requestLines(server).length, 3);
  });

  it('has each of several requests that were sent at once, when their client has gone', async () => {
    await using server = await startJackfield();
    const [{ apiKey }] = server.accounts;
    const connection = await openRaw(server.url);
    const pipelined = [1, 2, 3].map((number) => {
      const authorization = basic({ apiKey, apiSecret: `Wrong${number}` });
      return `GET ${BASE} HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\n\r\n`;
    });
    connection.write(pipelined.join(''));
    // Each waits for its slow hash; nobody is left for the answer to the first.
    connection[Symbol.dispose]();
    await until('every request has its line', () => requestLines(server).length >= pipelined.length);
    await createClient(server.url).list();
    const lines = requestLines(server);
    assert.equal(lines.length, pipelined.length + 1);
    assert.equal(new Set(lines.map(({ request_id }) => request_id)).size, lines.length);
  });

  it('has requests whose head is not taken', async () => {
    await using server = await startJackfield();
    const client = createClient(server.url);
    using connection = await openRaw(server.url);
    connection.write('GET / HTTP/1.1\r\n\r\n');
    using other = await openRaw(server.url);
    // What is sent before an error is nobody's to read either.
    other.write(`GET /?secret=${WRONG_SECRET} HTTP/1.1\r\nHost: a\r\nAuthorization ${WRONG_SECRET}\r\n\r\n`);
    // Node itself counts names and values; what stands between them is counted by us.
    const answers = [
      await connection.answer(),
      await other.answer(),
      await client.send({
        headers: Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`${n}`, '1'])),
      }),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [400, 400, 431],
    );
    await until('every request has its line', () => requestLines(server).length === answers.length);
    assert.ok(!server.logLines().join('').includes(WRONG_SECRET));
    assert.deepEqual(
      requestLines(server).map(({ request_id, status }) => [request_id, status]),
      answers.map(({ status, headers }) => [headers['x-request-id'], status]),
    );
  });
});
