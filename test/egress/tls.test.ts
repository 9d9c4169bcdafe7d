/** TLS of calls: certificates are checked, names are told, and what the environment says of proxies and of checks does not count. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer as createPlainServer, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  answering,
  callOf,
  LONG,
  openReceiver,
  openSender,
} from '../../src/delivery/receiver.test-support.ts';
import { openFolder } from '../folder.ts';
import { CERTIFICATE, PRIVATE_KEY } from './certificate.ts';

const CHILD = fileURLToPath(new URL('../children/https-call.ts', import.meta.url));

/** A receiver behind TLS, and the names that callers told it. */
async function openSecureReceiver(t: TestContext) {
  const names: (string | false | null)[] = [];
  const server = createServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, (socket: TLSSocket) => {
    names.push(socket.servername);
  });
  server.on('tlsClientError', () => {});
  const receiver = await openReceiver(t, answering(200), server);
  return { ...receiver, names };
}

/** Calls from a process of its own, whose environment has more than ours. */
async function callApart(url: string, env: Record<string, string>) {
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD, url, '127.0.0.1'], {
    env: { ...process.env, ...env },
  });
  return JSON.parse(stdout);
}

describe('a call by https', () => {
  it('D02 is a tls_error where nobody vouches for the certificate, and no request is sent', async (t) => {
    const receiver = await openSecureReceiver(t);
    const { outcome, reason } = await openSender(t).send(callOf(`https://127.0.0.1:${receiver.port}`), LONG);
    assert.equal(outcome, 'tls_error');
    assert.match(reason ?? '', /DEPTH_ZERO_SELF_SIGNED_CERT/);
    assert.equal(receiver.requests.length, 0);
  });

  it('D02 is a tls_error where no TLS is spoken, and a reset where the connection is closed instead', async (t) => {
    const outcomes: string[] = [];
    for (const greet of [
      (socket: Socket) => socket.write('220 mail.example\r\n'),
      (socket: Socket) => socket.destroy(),
    ]) {
      const server = createPlainServer((socket) => {
        socket.on('error', () => {});
        greet(socket);
      });
      const receiver = await openReceiver(t, () => {}, server);
      const { outcome } = await openSender(t).send(callOf(`https://127.0.0.1:${receiver.port}`), LONG);
      outcomes.push(outcome);
    }
    assert.deepEqual(outcomes, ['tls_error', 'reset']);
  });

  it('D02 reaches who has a certificate that NODE_EXTRA_CA_CERTS vouches for, under its own name only', async (t) => {
    const receiver = await openSecureReceiver(t);
    await using folder = await openFolder();
    const file = folder.file('ca.pem');
    writeFileSync(file, CERTIFICATE);
    const env = { NODE_EXTRA_CA_CERTS: file };
    const [named, byAddress, wrong] = await Promise.all([
      callApart(`https://receiver.example:${receiver.port}/`, env),
      callApart(`https://127.0.0.1:${receiver.port}/`, env),
      callApart(`https://other.example:${receiver.port}/`, env),
    ]);
    assert.equal(named.statusCode, 200);
    assert.equal(byAddress.statusCode, 200);
    assert.equal(wrong.outcome, 'tls_error');
    assert.match(wrong.reason, /ERR_TLS_CERT_ALTNAME_INVALID/);
    assert.ok(receiver.names.includes('receiver.example') && receiver.names.includes(false));
    assert.equal(receiver.requests.length, 2);
  });

  it('D02 checks certificates and uses no proxy, whatever the environment says', async (t) => {
    const receiver = await openSecureReceiver(t);
    const proxy = await openReceiver(t, answering(200));
    const env = {
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      NODE_USE_ENV_PROXY: '1',
      HTTP_PROXY: proxy.url,
      HTTPS_PROXY: proxy.url,
      http_proxy: proxy.url,
      https_proxy: proxy.url,
      ALL_PROXY: proxy.url,
    };
    const plain = await openReceiver(t, answering(204));
    assert.equal((await callApart(`https://receiver.example:${receiver.port}/`, env)).outcome, 'tls_error');
    assert.equal((await callApart(`http://receiver.example:${plain.port}/`, env)).statusCode, 204);
    assert.equal(proxy.connections, 0);
  });
});
