/** Answers are cached until anything but deliveries is written; here several processes write to one file, and none may answer what was. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { findApplication, insertApplication } from '../src/storage/applications.ts';
import { type Child, openChild } from './child.ts';
import { type Jackfield, startJackfield, TEST_MASTER_KEY } from './jackfield.ts';
import { BASE, type Client, createClient, page } from './wire/client.ts';
import { body } from './wire/sample.ts';

const ROUNDS = 20;

const LIST = '?page_size=100';

describe('an answer given after a write', () => {
  let server: Jackfield;
  let others: [server: Child, writer: Child];
  /** The same account at the server of this process and at that of another. */
  let clients: [here: Client, there: Client];

  before(async () => {
    server = await startJackfield();
    others = [await openChild('server'), await openChild('database')];
    const [otherServer, writer] = others;
    const url = await otherServer.call<string>('open', {
      JACKFIELD_DATABASE_URL: server.databaseUrl,
      JACKFIELD_MASTER_KEY: TEST_MASTER_KEY,
    });
    await writer.call('open', { url: server.databaseUrl });
    const [account] = server.accounts;
    clients = [createClient(server.url, account), createClient(url, account)];
  });
  after(async () => {
    for (const child of others) await child.kill();
    await server.close();
  });

  /** What every server says an application is called, alone and in the list; undefined where it has none. */
  async function readNames(id: string): Promise<(string | undefined)[]> {
    const reads = clients.map(async (client) => {
      const [item, list] = await Promise.all([client.read(id), client.list(LIST)]);
      const listed = page(list)._embedded.applications.find((application) => application.id === id);
      if (item.status === 404) return [undefined, listed?.name];
      return [(item.json as { name: string }).name, listed?.name];
    });
    return (await Promise.all(reads)).flat();
  }

  /** Asserts that all say `name`, and says it again, so that every answer is cached. */
  async function assertNames(id: string, name: string | undefined): Promise<void> {
    const expected = clients.flatMap(() => [name, name]);
    assert.deepEqual(await readNames(id), expected);
    assert.deepEqual(await readNames(id), expected);
  }

  for (const [at, where] of ['of this process', 'of another process'].entries()) {
    it(`shows it at both servers, when the server ${where} wrote`, async () => {
      const client = clients[at];
      assert.ok(client !== undefined);
      const { id } = await client.given(body({ name: 'new' }));
      await assertNames(id, 'new');
      for (let round = 0; round < ROUNDS; round += 1) {
        assert.equal((await client.update(id, body({ name: `round ${round}` }))).status, 200);
        await assertNames(id, `round ${round}`);
      }
      assert.equal((await client.remove(id)).status, 204);
      await assertNames(id, undefined);
    });
  }

  it('shows it at both servers, when a process without a server wrote', async () => {
    const [, writer] = others;
    const account = server.accounts[0].apiKey;
    const made = { account, body: body({ name: 'new' }) };
    const { id } = await writer.call<{ id: string }>('createApplication', made);
    await assertNames(id, 'new');
    for (let round = 0; round < ROUNDS; round += 1) {
      const name = `round ${round}`;
      await writer.call('updateApplication', { account, id, body: body({ name }) });
      await assertNames(id, name);
    }
    await writer.call('deleteApplication', { account, id });
    await assertNames(id, undefined);
  });

  it('shows it when all write at once, to each the own last write', async () => {
    const line = async (writer: Client, reader: Client) => {
      const { id } = await writer.given(body({ name: 'new' }));
      for (let round = 0; round < ROUNDS; round += 1) {
        const name = `round ${round}`;
        assert.equal((await writer.update(id, body({ name }))).status, 200);
        assert.equal((await reader.found(id)).name, name);
        const listed = page(await reader.list(LIST))._embedded.applications;
        assert.equal(listed.find((application) => application.id === id)?.name, name);
      }
    };
    const [here, there] = clients;
    await Promise.all([line(here, here), line(here, there), line(there, here), line(there, there)]);
  });

  it('W70 has the same tag at both servers, and another one once either has written', async () => {
    const id = (await clients[0].given(body())).id;
    const tagsOf = async () => {
      const answers = await Promise.all([...clients, ...clients].map((client) => client.read(id)));
      const tags = new Set(answers.map(({ headers }) => headers['etag']));
      assert.equal(tags.size, 1);
      return [...tags][0] ?? '';
    };
    let tag = await tagsOf();
    for (let round = 0; round < ROUNDS; round += 1) {
      const [writer, reader] = round % 2 === 0 ? clients : clients.toReversed();
      assert.equal((await writer?.update(id, body({ name: `round ${round}` })))?.status, 200);
      const headers = { 'if-none-match': tag };
      const fresh = await reader?.send({ path: `${BASE}/${id}`, headers });
      assert.equal(fresh?.status, 200);
      const next = await tagsOf();
      assert.notEqual(next, tag);
      tag = next;
    }
  });

  it('W72 lets one of the changes through that both servers are sent for the same state', async () => {
    const { id } = await clients[0].given(body());
    for (let round = 0; round < ROUNDS; round += 1) {
      const headers = { 'if-match': (await clients[0].read(id)).headers['etag'] };
      const changes = [...clients, ...clients].map((client, n) =>
        client.send({
          method: 'PUT',
          path: `${BASE}/${id}`,
          headers,
          json: body({ name: `round ${round} ${n}` }),
        }),
      );
      const answers = await Promise.all(changes);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412, 412, 412]);
      const winner = answers.find(({ status }) => status === 200);
      for (const client of clients) assert.deepEqual(await client.found(id), winner?.json);
    }
  });

  it('W70 has another tag for an id that was deleted and came back as something else', async () => {
    const [here] = clients;
    const { id } = await here.given(body({ name: 'first' }));
    const key = { account: server.accounts[0].apiKey, id };
    const old = await here.read(id);
    const stored = await findApplication(server.context.database, key);
    assert.equal((await here.remove(id)).status, 204);
    const document = (stored?.document ?? '').replace('first', 'again');
    assert.ok((await server.context.database.write(insertApplication(key, document, 1))).ok);
    const headers = { 'if-match': old.headers['etag'] };
    for (const client of clients) {
      const sending = { path: `${BASE}/${id}`, headers };
      assert.equal((await client.send({ ...sending, method: 'PUT', json: body() })).status, 412);
      assert.equal((await client.send({ ...sending, method: 'DELETE' })).status, 412);
      assert.equal((await client.found(id)).name, 'again');
    }
  });

  it('has no answer of one account for another, whatever is cached', async () => {
    const [here] = clients;
    const other = createClient(server.url, server.accounts[1]);
    const { id } = await here.given(body());
    await here.found(id);
    await here.found(id);
    assert.equal((await other.read(id)).status, 404);
    assert.equal(await other.total(), 0);
    await here.found(id);
  });
});
