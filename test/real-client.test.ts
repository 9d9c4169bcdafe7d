/** The official Node client lives on the server, unchanged: only its host is another. */

import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, beforeEach, describe, it } from 'node:test';
import { tokenGenerate, verifySignature } from '@vonage/jwt';
import { Vonage } from '@vonage/server-sdk';
import { importSPKI, jwtVerify } from 'jose';
import { type Jackfield, startJackfield } from './jackfield.ts';

type Applications = Vonage['applications'];
type Draft = Parameters<Applications['createApplication']>[0];
type Found = Awaited<ReturnType<Applications['getApplication']>>;

const ADDRESS = 'https://example.com/webhooks';
const post = (path: string) => ({ address: `${ADDRESS}/${path}`, httpMethod: 'POST' as const });

/** Whether the client failed because of an answer of this status. */
const answered = (status: number) => (error: unknown) =>
  (error as { response?: Response }).response?.status === status;

/** A draft that uses every capability the client knows. */
const everything: Draft = {
  name: 'Everything',
  privacy: { improveAi: false },
  capabilities: {
    voice: {
      webhooks: {
        answerUrl: { ...post('answer'), socketTimeout: 3000, connectTimeout: 500 },
        fallbackAnswerUrl: { ...post('fallback'), httpMethod: 'GET', socketTimeout: 1000 },
        eventUrl: { ...post('event'), socketTimeout: 10000, connectTimeout: 300 },
      },
      paymentEnabled: false,
      signedCallbacks: false,
      conversationsTTL: 12,
      region: 'eu-west',
      payments: { gateways: [{ type: 'Stripe', credential: 'c-1', mode: 'test' }] },
    },
    messages: {
      webhooks: { inboundUrl: post('inbound'), statusUrl: post('status') },
      version: 'v0.1',
      authenticateInboundMedia: true,
    },
    rtc: { webhooks: { eventUrl: post('rtc') }, signedCallbacks: true, legPersistenceTime: 7 },
    meetings: {
      webhooks: {
        roomChanged: post('room'),
        sessionChanged: post('session'),
        recordingChanged: post('recording'),
      },
    },
    verify: { webhooks: { statusUrl: post('verify') }, version: 'v2' },
    vbc: {},
    bulk: { webhooks: { listStatusUrl: post('list'), runStatusUrl: post('run') } },
  },
};

describe('the official Node client', () => {
  let server: Jackfield;
  let applications: Applications;

  before(async () => {
    server = await startJackfield();
    const { apiKey, apiSecret } = server.accounts[0];
    applications = new Vonage({ apiKey, apiSecret }, { apiHost: server.url }).applications;
  });
  after(() => server.close());
  beforeEach(async () => {
    for (const { id } of await listed()) await applications.deleteApplication(id ?? '');
  });

  async function listed(pageSize = 100): Promise<Found[]> {
    const found: Found[] = [];
    for await (const application of applications.listAllApplications({ pageSize })) found.push(application);
    return found;
  }

  it('is of the version that this project is tried with', () => {
    const file = new URL('../node_modules/@vonage/server-sdk/package.json', import.meta.url);
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
    assert.equal(version, '3.30.1');
  });

  it('creates an application and gets a key pair that signs and verifies', async () => {
    const created = await applications.createApplication({ name: 'Pair', capabilities: {} });
    const id = created.id ?? '';
    const { privateKey = '', publicKey } = created.keys ?? {};
    const { keys } = await applications.getApplication(id);
    assert.equal(keys?.privateKey, undefined, 'the private key is told once');
    assert.equal(keys?.publicKey, publicKey);
    const token = tokenGenerate(id, privateKey, { sub: 'alice', acl: { paths: { '/*/users/**': {} } } });
    assert.ok(verifySignature(token, keys?.publicKey ?? ''));
    const { payload } = await jwtVerify(token, await importSPKI(keys?.publicKey ?? '', 'RS256'));
    assert.equal(payload['application_id'], id);
    const other = await applications.createApplication({ name: 'Other', capabilities: {} });
    assert.ok(!verifySignature(token, other.keys?.publicKey ?? ''), 'another application’s key does not fit');
  });

  it('creates an application with a key of its own', async () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const created = await applications.createApplication({
      name: 'Own',
      keys: { publicKey },
      capabilities: {},
    });
    assert.equal(created.keys?.publicKey, publicKey);
    assert.equal(created.keys?.privateKey, undefined);
    const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const { keys } = await applications.getApplication(created.id ?? '');
    assert.ok(verifySignature(tokenGenerate(created.id ?? '', privateKey), keys?.publicKey ?? ''));
  });

  it('uses the new key after an update with one', async () => {
    const created = await applications.createApplication({ name: 'Turn', capabilities: {} });
    const id = created.id ?? '';
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    await applications.updateApplication({ id, name: 'Turn', keys: { publicKey }, capabilities: {} });
    const { keys } = await applications.getApplication(id);
    const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    assert.ok(verifySignature(tokenGenerate(id, privateKey), keys?.publicKey ?? ''));
    const old = tokenGenerate(id, created.keys?.privateKey ?? '');
    assert.ok(!verifySignature(old, keys?.publicKey ?? ''));
  });

  it('creates and reads capabilities of all kinds', async () => {
    const created = await applications.createApplication(structuredClone(everything));
    const found = await applications.getApplication(created.id ?? '');
    for (const application of [created, found]) {
      assert.equal(application.name, 'Everything');
      assert.equal(application.privacy?.improveAi, false);
      const { conversationsTTL, ...voice } = everything.capabilities.voice ?? {};
      assert.partialDeepStrictEqual(application.capabilities, { ...everything.capabilities, voice });
      assert.equal(application.capabilities.voice?.conversations_ttl, conversationsTTL);
    }
  });

  it('lists all applications over several pages, each once', async () => {
    const names = Array.from({ length: 7 }, (_, index) => `Application ${index}`);
    const publicKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    const keys = { publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
    for (const name of names) await applications.createApplication({ name, keys, capabilities: {} });
    for (const size of [1, 3, 7, 100]) {
      assert.deepEqual(
        (await listed(size)).map(({ name }) => name),
        names,
      );
    }
    const second = await applications.getApplicationPage({ pageSize: 3, page: 2 });
    assert.deepEqual([second.totalItems, second.totalPages, second.pageSize, second.page], [7, 3, 3, 2]);
    const first = await applications.listApplications({});
    assert.equal(first._embedded.applications.length, 7);
  });

  it('lists an account without applications', async () => {
    assert.deepEqual(await listed(), []);
  });

  it('updates what it got, keys and links and all', async () => {
    const { id = '' } = await applications.createApplication(structuredClone(everything));
    const found = await applications.getApplication(id);
    const updated = await applications.updateApplication({ ...found, name: 'Renamed' });
    assert.equal(updated.name, 'Renamed');
    const again = await applications.getApplication(id);
    assert.deepEqual(again.capabilities, found.capabilities);
    assert.deepEqual(again.keys, found.keys);
    assert.deepEqual(again.privacy, found.privacy);
  });

  it('updates what it created, with the private key still in it', async () => {
    const created = await applications.createApplication({ name: 'Pair', capabilities: {} });
    const updated = await applications.updateApplication({ ...created, name: 'Renamed' });
    assert.equal(updated.keys?.publicKey, created.keys?.publicKey);
    assert.equal(updated.keys?.privateKey, undefined);
  });

  it('W15 changes one timeout and the TTL by its own names, and both spellings answer the new value', async () => {
    const { id = '' } = await applications.createApplication(structuredClone(everything));
    const found = await applications.getApplication(id);
    const { voice } = found.capabilities;
    assert.ok(voice?.webhooks?.answerUrl !== undefined);
    voice.webhooks.answerUrl.connectTimeout = 450;
    voice.conversationsTTL = 24;
    const updated = await applications.updateApplication(found);
    for (const application of [updated, await applications.getApplication(id)]) {
      const after = application.capabilities.voice;
      assert.partialDeepStrictEqual(after, {
        conversation_ttl: 24,
        conversations_ttl: 24,
        webhooks: {
          answer_url: { connection_timeout: 450, connect_timeout: 450, socket_timeout: 3000 },
          event_url: { connection_timeout: 300, connect_timeout: 300 },
        },
      });
    }
  });

  it('takes a webhook and a capability away', async () => {
    const { id = '' } = await applications.createApplication(structuredClone(everything));
    const capabilities = { voice: { webhooks: { eventUrl: post('event') } } };
    const updated = await applications.updateApplication({ id, name: 'Less', capabilities });
    assert.deepEqual(Object.keys(updated.capabilities), ['voice']);
    assert.equal(updated.capabilities.voice?.webhooks?.answerUrl, undefined);
    assert.equal(updated.privacy?.improveAi, false, 'the flag that was not sent is kept');
  });

  it('deletes an application, which is gone then', async () => {
    const { id = '' } = await applications.createApplication({ name: 'Short', capabilities: {} });
    await applications.deleteApplication(id);
    await assert.rejects(applications.getApplication(id), answered(404));
    await assert.rejects(applications.deleteApplication(id), answered(404));
    assert.deepEqual(await listed(), []);
  });

  it('is told what is wrong in a document that it can read', async () => {
    const missing = randomUUID();
    const error = await applications.getApplication(missing).then(
      () => undefined,
      (reason: unknown) => reason as { response: Response },
    );
    assert.equal(error?.response.status, 404);
    const document = (await error.response.json()) as { title: string; detail: string };
    assert.equal(document.detail, `ID '${missing}' does not exist, or you do not have access`);
    await assert.rejects(applications.createApplication({ name: '', capabilities: {} }), answered(400));
    const stranger = new Vonage({ apiKey: 'abcdef00', apiSecret: 'Wrong1234' }, { apiHost: server.url });
    await assert.rejects(stranger.applications.listApplications({}), answered(401));
  });

  it('sees nothing of another account', async () => {
    const { id = '' } = await applications.createApplication({ name: 'Mine', capabilities: {} });
    const { apiKey, apiSecret } = server.accounts[1];
    const other = new Vonage({ apiKey, apiSecret }, { apiHost: server.url }).applications;
    await assert.rejects(other.getApplication(id), answered(404));
    assert.equal((await other.listApplications({})).totalItems, 0);
  });
});
