/** The API reference in a real browser. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { OpenApiDocument } from '../../src/contract/openapi.ts';
import { type Jackfield, startJackfield } from '../jackfield.ts';
import { openPage, skipWithoutChromium, type WatchedPage } from './chromium.ts';

describe('the API reference in Chromium', { skip: skipWithoutChromium }, () => {
  let jackfield: Jackfield;
  before(async () => {
    jackfield = await startJackfield();
  });
  after(() => jackfield.close());

  const openReference = async (
    options?: Parameters<typeof openPage>[1],
    path = '/docs',
  ): Promise<WatchedPage> => {
    const watched = await openPage(jackfield.url, options);
    try {
      await watched.page.goto(jackfield.url + path);
      await watched.page.locator('.opblock').first().waitFor();
      return watched;
    } catch (error) {
      const told = [...watched.errors, ...(await watched.violations())];
      await watched[Symbol.asyncDispose]();
      throw new Error(`${path} shows no operation: ${told.join('; ')}`, { cause: error });
    }
  };

  const assertClean = async ({ foreign, errors, violations }: WatchedPage) => {
    assert.deepEqual(await violations(), []);
    assert.deepEqual(errors, []);
    assert.deepEqual(foreign, []);
  };

  for (const place of ['', '/jackfield'])
    it(`shows every operation of ${place}/openapi.json, opened and closed, within its policy`, async () => {
      const answer = await fetch(`${jackfield.url}${place}/openapi.json`);
      const { paths, info } = (await answer.json()) as OpenApiDocument;
      await using watched = await openReference({}, `${place}/docs`);
      const { page } = watched;
      assert.match((await page.locator('.info .title').textContent()) ?? '', new RegExp(`^${info['title']}`));
      const operations = Object.entries(paths).flatMap(([path, item]) =>
        Object.entries(item).flatMap(([method, operation]) =>
          'operationId' in operation ? [{ path, method, id: operation.operationId }] : [],
        ),
      );
      assert.equal(await page.locator('.opblock').count(), operations.length);
      for (const { path, method, id } of operations) {
        const block = page.locator(`[id$="-${id}"]`);
        // One by one: to open all at once stops the page for half a minute on a slow machine.
        await block.locator('.opblock-summary-control').click();
        assert.equal(await block.locator('.opblock-summary-method').textContent(), method.toUpperCase());
        // A zero-width space lets long paths wrap.
        const shown = await block.locator('.opblock-summary-path').textContent();
        assert.equal(shown?.replaceAll('\u200b', ''), path);
        await block.locator('.responses-table .response').first().waitFor();
      }
      await assertClean(watched);
    });

  it('lets people try an operation with their credentials', async () => {
    const { apiKey, apiSecret } = jackfield.accounts[0];
    await using watched = await openReference();
    const { page } = watched;
    await page.getByRole('button', { name: 'Authorize' }).first().click();
    await page.getByLabel('Username').fill(apiKey);
    await page.getByLabel('Password').fill(apiSecret);
    await page.getByRole('button', { name: 'Apply credentials' }).click();
    await page.locator('.modal-ux .btn-done').click();
    const block = page.locator('[id$="-listApplication"]');
    await block.locator('.opblock-summary-control').click();
    await block.getByRole('button', { name: 'Try it out' }).click();
    await block.getByRole('button', { name: 'Execute' }).click();
    const answer = block.locator('.live-responses-table .response');
    await answer.waitFor();
    assert.equal((await answer.locator('.response-col_status').textContent())?.trim(), '200');
    assert.match((await answer.textContent()) ?? '', /"total_items": 0/);
    await assertClean(watched);
  });

  it('follows the colours of the system, and fits a narrow screen', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await using watched = await openReference({ colorScheme, width: 400 });
      const { page } = watched;
      const dark = await page.evaluate("document.documentElement.classList.contains('dark-mode')");
      assert.equal(dark, colorScheme === 'dark');
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 400);
      await assertClean(watched);
    }
  });
});
