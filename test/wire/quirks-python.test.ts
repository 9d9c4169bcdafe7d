/** Python's client: past the last page it is told that there are as many pages as it asked for. */

import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { type Client, createClient, page } from './client.ts';
import { body } from './sample.ts';
import { openTarget, startConfigured } from './target.ts';

const target = await openTarget();
after(() => target.close());
const PYTHON = 'vonage-python-sdk/4.7.2 python/3.11.7';
const as = (agent: string) => createClient(target.url, target.accounts[0], { 'user-agent': agent });
const python = as(PYTHON);

async function fill(client: Client, count: number): Promise<void> {
  await client.clear();
  for (let made = 0; made < count; made++) await client.given(body());
}

describe('Python', () => {
  beforeEach(() => fill(python, 5));

  it('W63 is told of as many pages as it asked for, past the last', async () => {
    for (const number of [4, 5, 99, 2147483647]) {
      const past = page(await python.list(`?page_size=2&page=${number}`));
      assert.deepEqual([past.page, past.total_pages, past.total_items], [number, number, 5]);
      assert.deepEqual(past._embedded.applications, []);
      assert.deepEqual(past._links, {
        self: { href: `/v2/applications?page_size=2&page=${number}` },
        first: { href: '/v2/applications?page_size=2' },
        last: { href: '/v2/applications?page_size=2&page=3' },
      });
    }
  });

  it('W63 is told the truth on pages that there are', async () => {
    for (const number of [1, 2, 3]) {
      assert.equal(page(await python.list(`?page_size=2&page=${number}`)).total_pages, 3);
    }
  });

  it('W63 is told the truth of an empty account on its first page, not on later ones', async () => {
    await python.clear();
    assert.equal(page(await python.list()).total_pages, 1);
    assert.equal(page(await python.list('?page=2')).total_pages, 2);
  });

  it('W63 comes to the end of a clean-up that deletes while it pages', async () => {
    let next: number | undefined = 1;
    for (let calls = 0; next !== undefined; calls++) {
      assert.ok(calls < 20, 'it never ends');
      const { page: number, total_pages, _embedded } = page(await python.list(`?page_size=2&page=${next}`));
      for (const { id } of _embedded.applications) await python.remove(id);
      next = number === total_pages ? undefined : number + 1;
    }
  });

  it('W63 is for nobody else', async () => {
    const agents = [
      'vonage-java-sdk/9.13.0 java/17',
      'vonage-dotnet/8.35.0 dotnet/8',
      'vonage-php/4.2.0 php/8.3',
      '@vonage/server-sdk/3.0.0, node/24.21.0,',
      'vonage-ruby/7.35.0 ruby/3.3',
      'vonage-go/0.13.1 Go/go1.22',
      'python-requests/2.32 vonage-python-sdk/4.7.2',
      'vonage-python-sdkx/4',
      `(${PYTHON})`,
      'vonage-python',
      '',
    ];
    for (const agent of agents) {
      assert.equal(page(await as(agent).list('?page_size=2&page=9')).total_pages, 3, agent);
    }
  });

  it('W63 is for nobody with quirks off', async () => {
    await using server = await startConfigured({ JACKFIELD_CLIENT_QUIRKS: 'off' });
    const client = createClient(server.url, server.accounts[0], { 'user-agent': PYTHON });
    await fill(client, 3);
    assert.equal(page(await client.list('?page_size=2&page=7')).total_pages, 2);
  });
});
