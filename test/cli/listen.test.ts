/** `jackfield listen`: what it says of calls, how it answers them, and how it passes them on. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { DEV_ACCOUNT } from '../../src/cli/dev-account.ts';
import { type Call, writeCall } from '../../src/domain/event.ts';
import { writePayload } from '../../src/domain/payload.ts';
import { importSignatureSecret, signCall } from '../../src/domain/signature.ts';
import { openFolder } from '../folder.ts';
import { type RunningCommand, runFailing, start } from './command.ts';

/** A call as `listen --json` tells of it. */
interface Told {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly body: unknown;
  readonly signature: { readonly holds: boolean; readonly reason?: string };
  readonly payload_hash: { readonly holds: boolean };
  readonly claims?: Record<string, unknown>;
  readonly delivery?: string;
  readonly repeat?: number;
  readonly status: number;
  readonly fault?: string;
}

/** A receiver that runs in a process of its own. */
async function openListener(...words: string[]) {
  const folder = await openFolder();
  const command = start(['listen', '--port', '0', '--json', ...words], { cwd: folder.path });
  const { url } = JSON.parse(await command.line((line) => line.startsWith('{"url"'))) as { url: string };
  return {
    url,
    command,
    folder,
    /** The first call that `test` accepts, as it is told. */
    told: async (test: (told: Told) => boolean): Promise<Told> =>
      JSON.parse(
        await command.line((line) => line.startsWith('{"received_at"') && test(JSON.parse(line) as Told)),
      ) as Told,
    [Symbol.asyncDispose]: async () => {
      await command[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** A call signed as Jackfield signs it. */
function sign(
  method: 'GET' | 'POST',
  address: string,
  payload: object,
  secret = DEV_ACCOUNT.signatureSecret,
) {
  const call: Call = writeCall({
    webhook: { address, method },
    payload: writePayload({ ...payload }),
    version: '0',
  });
  const authorization = signCall(importSignatureSecret(secret), {
    now: Date.now(),
    attemptId: 'attempt-1',
    issuer: 'Vonage',
    payloadHash: call.payloadHash,
    apiKey: 'abcd1234',
    applicationId: 'application-1',
  });
  const body = call.body === undefined ? {} : { body: new Uint8Array(call.body) };
  return {
    url: call.url,
    method,
    headers: new Headers({ ...call.headers, Authorization: authorization }),
    ...body,
  };
}

const send = ({ url, ...request }: ReturnType<typeof sign>) => fetch(url, request);

/** Sends a signal and answers how the command ended. */
async function stop(command: RunningCommand, signal: NodeJS.Signals = 'SIGINT') {
  command.signal(signal);
  return await command.ended;
}

describe('jackfield listen', () => {
  it('says that signature and payload hold, by POST and by GET, and ends with 0', async () => {
    await using listener = await openListener();
    const posted = await send(sign('POST', `${listener.url}/event?own=1`, { text: 'Grüße' }));
    assert.equal(posted.status, 200);
    const post = await listener.told(({ method }) => method === 'POST');
    assert.deepEqual([post.signature, post.payload_hash], [{ holds: true }, { holds: true }]);
    assert.deepEqual([post.path, post.query, post.body], ['/event', { own: '1' }, { text: 'Grüße' }]);
    assert.equal(post.claims?.['jti'], 'attempt-1');
    await send(sign('GET', `${listener.url}/answer?own=a+b`, { to: '447700900000', nested: { a: 1 } }));
    const get = await listener.told(({ method }) => method === 'GET');
    assert.deepEqual([get.signature, get.payload_hash], [{ holds: true }, { holds: true }]);
    assert.deepEqual(get.query, { own: 'a b', to: '447700900000', nested: '{"a":1}' });
    assert.equal((await stop(listener.command)).code, 0);
  });

  it('says what does not hold, and refuses it only when told to', async () => {
    await using listener = await openListener();
    await using strict = await openListener('--require-signature');
    const statuses = async (url: string) => {
      const tampered = { ...sign('POST', `${url}/tampered`, { a: 1 }), body: '{"a":2}' };
      const other = sign('POST', `${url}/other`, { a: 1 }, 'another secret of at least 32 bytes');
      const unsigned = { url: `${url}/unsigned`, method: 'POST', body: '{}' };
      const answers = [tampered, other, unsigned].map(({ url: at, ...request }) => fetch(at, request));
      return (await Promise.all(answers)).map(({ status }) => status);
    };
    assert.deepEqual(await statuses(listener.url), [200, 200, 200]);
    assert.deepEqual(await statuses(strict.url), [401, 401, 401]);
    assert.equal((await send(sign('POST', `${strict.url}/good`, { a: 1 }))).status, 200);
    const at = (path: string) => listener.told((told) => told.path === path);
    const tampered = await at('/tampered');
    assert.deepEqual([tampered.signature.holds, tampered.payload_hash.holds], [true, false]);
    const other = await at('/other');
    assert.deepEqual([other.signature.holds, other.payload_hash.holds], [false, true]);
    assert.match((await at('/unsigned')).signature.reason ?? '', /not signed/);
  });

  it('takes secrets from files, several while one is being changed', async () => {
    await using folder = await openFolder();
    const secrets = [
      'the secret before, of at least 32 bytes',
      'the secret from now on, of 32 bytes or more',
    ];
    const words = [];
    for (const [index, secret] of secrets.entries()) {
      await writeFile(folder.file(`${index}`), `${secret}\n`);
      words.push('--signature-secret-file', folder.file(`${index}`));
    }
    await using listener = await openListener('--require-signature', ...words);
    for (const secret of secrets) {
      assert.equal((await send(sign('POST', `${listener.url}/`, {}, secret))).status, 200);
    }
    assert.equal((await send(sign('POST', `${listener.url}/`, {}))).status, 401, 'the dev secret no longer');
  });

  it('marks a delivery that was here before', async () => {
    await using listener = await openListener();
    for (const repeat of [1, 2]) {
      const call = sign('POST', `${listener.url}/`, {});
      call.headers.set('X-Jackfield-Delivery', 'delivery-1');
      await send(call);
      assert.equal((await listener.told((told) => told.repeat === repeat)).delivery, 'delivery-1');
    }
  });

  it('answers with an NCCO, a status and a delay of one’s choice', async () => {
    await using folder = await openFolder();
    const file = folder.file('ncco.json');
    await writeFile(file, '[{"action":"talk","text":"Hello"}]');
    await using listener = await openListener('--answer', file, '--status', '202', '--delay', '20');
    const answer = await send(sign('GET', `${listener.url}/answer`, {}));
    assert.equal(answer.status, 202);
    assert.equal(answer.headers.get('content-type'), 'application/json');
    assert.deepEqual(await answer.json(), [{ action: 'talk', text: 'Hello' }]);
    await writeFile(file, '{"action":"talk"}');
    const error = await runFailing(['listen', '--port', '0', '--answer', file], { cwd: folder.path });
    assert.deepEqual([error.exit, error.code], [3, 'file_unusable']);
  });

  it('ends at once while a call waits for its answer, and tells when a caller has left', async () => {
    await using listener = await openListener('--delay', '600000');
    const { port } = new URL(listener.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('GET /left HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'ready');
    socket.destroySoon();
    await listener.told(({ path, fault }) => path === '/left' && /the caller left/.test(fault ?? ''));
    const waiting = connect(Number(port), '127.0.0.1');
    waiting.on('error', () => undefined);
    waiting.write('GET /waiting HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(waiting, 'ready');
    assert.equal((await stop(listener.command, 'SIGTERM')).code, 0);
    waiting.destroy();
  });

  it('refuses a body that is too long, and goes on', async () => {
    await using listener = await openListener();
    const body = Buffer.alloc(1024 * 1024 + 1, 'x');
    const status = await fetch(listener.url, { method: 'POST', body }).then(
      (answer) => answer.status,
      () => 'cut',
    );
    assert.ok(status === 413 || status === 'cut', `${status}`);
    assert.equal((await send(sign('POST', `${listener.url}/`, {}))).status, 200);
  });

  it('prints for people what a call was, and gives no orders to the terminal', async () => {
    await using folder = await openFolder();
    await using listener = start(['listen', '--port', '0'], { cwd: folder.path });
    const [url = ''] = /http:\S+/.exec(await listener.line((line) => line.startsWith('Listening on'))) ?? [];
    await send(sign('POST', `${url}/event`, { text: '\u001b[2J\u009b1m' }));
    await fetch(`${url}/raw`, { method: 'POST', body: '\u001b]0;title\u0007' });
    await listener.line((line) => line.includes('/raw'));
    const { code, stdout } = await stop(listener);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /POST \/event {2}\d+ bytes\n {2}signature {2}holds\n {2}payload {4}is the one that was signed/,
    );
    assert.match(stdout, /claims {5}iat \d+, jti attempt-1, iss Vonage, api_key abcd1234, .* \(\d s old\)/);
    assert.match(stdout, /^ {6}"text": "/m);
    assert.match(stdout, /signature {2}DOES NOT HOLD: the call is not signed/);
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it('listens on other addresses than loopback only when told to', async () => {
    await using folder = await openFolder();
    const error = await runFailing(['listen', '--port', '0', '--host', '0.0.0.0'], { cwd: folder.path });
    assert.equal(error.exit, 3);
    assert.match(error.fix, /--allow-remote/);
    await using listener = await openListener('--host', '0.0.0.0', '--allow-remote');
    assert.match(listener.url, /^http:\/\/0\.0\.0\.0:/);
    const { port } = new URL(listener.url);
    const taken = await runFailing(['listen', '--port', port], { cwd: folder.path });
    assert.deepEqual([taken.exit, taken.code], [8, 'cannot_listen']);
  });
});

/** A server of somebody's own, which answers as it is told. */
async function openApplication(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('jackfield listen --forward', () => {
  it('passes a call on as it is, less what belongs to the connection, and answers with the answer', async () => {
    const got = Promise.withResolvers<{ request: IncomingMessage; body: string }>();
    await using application = await openApplication(async (request, response) => {
      got.resolve({ request, body: await text(request) });
      response.writeHead(418, 'Teapot', [
        'Set-Cookie',
        'a=1',
        'Set-Cookie',
        'b=2',
        'Keep-Alive',
        'timeout=9',
      ]);
      response.end('short and stout');
    });
    await using listener = await openListener('--forward', `${application.url}/base/`);
    const { headers, ...call } = sign('POST', `${listener.url}/in?own=%27a%27&b=+`, { text: 'Grüße' });
    const more = {
      ...Object.fromEntries(headers),
      'X-Mine': 'kept',
      Connection: 'close, X-Hop',
      'X-Hop': 'gone',
      TE: 'trailers',
    };
    const { port } = new URL(listener.url);
    const socket = connect(Number(port), '127.0.0.1');
    const lines = Object.entries(more).map(([name, value]) => `${name}: ${value}\r\n`);
    const body = Buffer.from(call.body ?? []);
    socket.write(
      `POST /in?own=%27a%27&b=+ HTTP/1.1\r\nHost: x\r\n${lines.join('')}Content-Length: ${body.length}\r\n\r\n`,
    );
    socket.write(body);
    const answer = await text(socket);
    const { request, body: passed } = await got.promise;
    assert.equal(request.url, '/base/in?own=%27a%27&b=+');
    assert.equal(passed, '{"text":"Grüße"}');
    assert.equal(request.headers['authorization'], headers.get('authorization'));
    assert.equal(request.headers['x-mine'], 'kept');
    assert.equal(request.headers.host, new URL(application.url).host);
    assert.deepEqual([request.headers['x-hop'], request.headers['te']], [undefined, undefined]);
    assert.match(answer, /^HTTP\/1\.1 418 /);
    assert.match(answer, /Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n/);
    assert.doesNotMatch(answer, /timeout=9/);
    assert.match(answer, /short and stout$/);
    const told = await listener.told(({ method }) => method === 'POST');
    assert.deepEqual([told.status, told.signature.holds, told.payload_hash.holds], [418, true, true]);
  });

  it('answers 504 when the other takes too long, and 502 when nobody is there', async () => {
    await using application = await openApplication(() => undefined);
    await using slow = await openListener('--forward', application.url, '--forward-timeout', '50');
    assert.equal((await fetch(`${slow.url}/slow`)).status, 504);
    assert.match((await slow.told(({ path }) => path === '/slow')).fault ?? '', /too long/);
    const gone = await openApplication(() => undefined);
    await gone[Symbol.asyncDispose]();
    await using lonely = await openListener('--forward', gone.url);
    assert.equal((await fetch(`${lonely.url}/gone`)).status, 502);
    assert.match((await lonely.told(({ path }) => path === '/gone')).fault ?? '', /ECONNREFUSED/);
  });

  it('does not pass calls on to itself, nor to what is no address', async () => {
    await using folder = await openFolder();
    const free = await openApplication(() => undefined);
    await free[Symbol.asyncDispose]();
    const { port } = new URL(free.url);
    for (const forward of [`http://localhost:${port}`, 'nonsense', 'ftp://localhost']) {
      const error = await runFailing(['listen', '--port', port, '--forward', forward], { cwd: folder.path });
      assert.deepEqual([error.exit, error.code], [2, 'usage'], forward);
    }
  });
});
