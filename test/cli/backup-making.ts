/** A server on a database, what it lists, and a backup made beside it. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { insertAccount } from '../../src/storage/accounts.ts';
import { insertApplication } from '../../src/storage/applications.ts';
import { type Child, openChild } from '../child.ts';
import type { Folder } from '../folder.ts';
import { type Application, type Client, createClient, page } from '../wire/client.ts';
import { body } from '../wire/sample.ts';
import { runJson } from './command.ts';
import { open, optionsFor } from './databases.ts';

export const ACCOUNT = 'aaaa1111';

interface Served extends AsyncDisposable {
  readonly child: Child;
  readonly url: string;
}

/** A server process on a database. */
export async function serve(databaseUrl: string): Promise<Served> {
  const child = await openChild('server');
  const url = await child.call<string>('open', { JACKFIELD_DATABASE_URL: databaseUrl });
  return { child, url, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
}

export async function listAll(client: Client): Promise<Application[]> {
  const all: Application[] = [];
  for (let number = 1; ; number += 1) {
    const one = page(await client.list(`?page_size=100&page=${number}`));
    all.push(...one._embedded.applications);
    if (number >= one.total_pages) {
      assert.equal(all.length, one.total_items);
      return all;
    }
  }
}

/** A database with one account and some applications, and its backup. */
export async function makeBackup(folder: Folder, names: readonly string[] = ['one', 'two']) {
  const options = optionsFor(folder, `sqlite:${folder.file('made.db')}`);
  const made = await runJson<{ api_key: string; api_secret: string }>(
    ['account', 'create', '--key', ACCOUNT],
    options,
  );
  await using server = await serve(options.env?.['JACKFIELD_DATABASE_URL'] ?? '');
  const account = { apiKey: ACCOUNT, apiSecret: made.api_secret };
  const client = createClient(server.url, account);
  for (const name of names) await client.given(body({ name }));
  await runJson(['backup', 'made.backup'], options);
  return { options, account, path: folder.file('made.backup') };
}

/** How many applications `fillLarge` makes. */
export const LARGE = 2000;

/** Fills a database so that it takes a while to move. */
export async function fillLarge(url: string): Promise<void> {
  await using database = await open(url);
  await database.write([insertAccount({ key: ACCOUNT, name: '', salt: Buffer.of(1), now: 1 })]);
  for (let number = 0; number < LARGE; number += 100) {
    const units = Array.from({ length: 100 }, (_, index) => {
      const document = JSON.stringify(randomBytes(15_000).toString('hex'));
      return insertApplication({ account: ACCOUNT, id: `id-${number + index}` }, document, 1);
    });
    assert.deepEqual(await database.write(units.flat()), { ok: true });
  }
}
