/** Listing applications: pages, links, bounds, order. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { BASE, createClient, page } from './client.ts';
import { type Fault, problem, problems } from './problem.ts';
import { body } from './sample.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const MEMBERS = ['page_size', 'page', 'total_items', 'total_pages', '_embedded', '_links'];
const SIZE = 'must be between 1 and 100';
const NUMBER = 'must be between 1 and 2147483647';
const ONCE = 'must be given once';

const names = async (query: string) =>
  page(await api.list(query))._embedded.applications.map(({ name }) => name);
const hrefs = async (query: string) => {
  const { _links } = page(await api.list(query));
  return Object.fromEntries(Object.entries(_links).map(([name, link]) => [name, link?.href]));
};
const href = (size: number, number?: number) =>
  `${BASE}?page_size=${size}${number === undefined ? '' : `&page=${number}`}`;

describe('an empty list', () => {
  before(() => api.clear());

  it('W34 has one page, of nothing', async () => {
    const answer = await api.list();
    assert.deepEqual(answer.json, {
      page_size: 10,
      page: 1,
      total_items: 0,
      total_pages: 1,
      _embedded: { applications: [] },
      _links: { self: { href: href(10, 1) }, first: { href: href(10) }, last: { href: href(10, 1) } },
    });
    assert.deepEqual(Object.keys(answer.json as object), MEMBERS);
  });

  it('W34 answers a page after the last', async () => {
    const { page: number, total_pages, total_items, _embedded } = page(await api.list('?page=2'));
    assert.deepEqual([number, total_pages, total_items, _embedded.applications], [2, 1, 0, []]);
    assert.deepEqual(await hrefs('?page=2'), { self: href(10, 2), first: href(10), last: href(10, 1) });
  });
});

describe('a list of twelve', () => {
  const twelve = Array.from({ length: 12 }, (_, index) => `n${index}`);
  before(async () => {
    await api.clear();
    for (const name of twelve) await api.given(body({ name }));
  });

  it('W33 shows ten on its first page by default', async () => {
    const { page_size, page: number, total_items, total_pages } = page(await api.list());
    assert.deepEqual([page_size, number, total_items, total_pages], [10, 1, 12, 2]);
    assert.deepEqual(await names(''), twelve.slice(0, 10));
    assert.deepEqual(await names('?page=2'), twelve.slice(10));
  });

  it('W32 answers its members in their order', async () => {
    const { json } = await api.list('?page_size=5&page=2');
    assert.deepEqual(Object.keys(json as object), MEMBERS);
    assert.deepEqual(Object.keys(page(await api.list())._embedded), ['applications']);
  });

  it('W32 links to pages that exist, relative, first without a number', async () => {
    const of = (number: number, more: object) => ({
      self: href(5, number),
      first: href(5),
      last: href(5, 3),
      ...more,
    });
    assert.deepEqual(await hrefs('?page_size=5'), of(1, { next: href(5, 2) }));
    assert.deepEqual(await hrefs('?page_size=5&page=2'), of(2, { prev: href(5, 1), next: href(5, 3) }));
    assert.deepEqual(await hrefs('?page_size=5&page=3'), of(3, { prev: href(5, 2) }));
    assert.deepEqual(await hrefs('?page_size=12'), {
      self: href(12, 1),
      first: href(12),
      last: href(12, 1),
    });
  });

  it('W32 repeats no other parameter in its links, and writes numbers plainly', async () => {
    const links = await hrefs('?page_index=1&x=%0d%0a&page=0002&page_size=05&size=1');
    assert.deepEqual(links, {
      self: href(5, 2),
      first: href(5),
      last: href(5, 3),
      prev: href(5, 1),
      next: href(5, 3),
    });
  });

  it('W32 leads by its links through every application once', async () => {
    const seen: string[] = [];
    for (let next: string | undefined = href(5); next !== undefined; ) {
      const { _embedded, _links } = page(await api.send({ path: next }));
      seen.push(..._embedded.applications.map(({ name }) => name));
      next = _links['next']?.href;
    }
    assert.deepEqual(seen, twelve);
  });

  for (const size of [1, 5, 12, 13, 100]) {
    it(`W33 shows pages of ${size}`, async () => {
      const { page_size, total_pages } = page(await api.list(`?page_size=${size}`));
      assert.deepEqual([page_size, total_pages], [size, Math.ceil(12 / size)]);
      assert.deepEqual(await names(`?page_size=${size}`), twelve.slice(0, size));
    });
  }

  for (const number of ['4', '999', '2147483647']) {
    it(`W34 is empty on page ${number} of 3, and its totals stay true`, async () => {
      const query = `?page_size=5&page=${number}`;
      const { page: shown, total_items, total_pages, _embedded } = page(await api.list(query));
      assert.deepEqual([shown, total_items, total_pages], [Number(number), 12, 3]);
      assert.deepEqual(_embedded.applications, []);
      assert.deepEqual(await hrefs(query), {
        self: href(5, Number(number)),
        first: href(5),
        last: href(5, 3),
      });
    });
  }
});

describe('the parameters of a list', () => {
  const fine: readonly [query: string, size: number, number: number][] = [
    ['', 10, 1],
    ['?', 10, 1],
    ['?page_size=1&page=1', 1, 1],
    ['?page_size=100&page=2147483647', 100, 2147483647],
    ['?page_size=007&page=0002', 7, 2],
    [`?page_size=${'0'.repeat(50)}9`, 9, 1],
    ['?page_size=10&page=1&', 10, 1],
    ['?&&page=3', 10, 3],
    ['?page%5Fsize=%35', 5, 1],
    ['?size=1&page_index=5&pagesize=0', 10, 1],
    ['?x=1&x=2&page_size[]=5&page[a]=5', 10, 1],
    ['?Page=5&PAGE_SIZE=5', 10, 1],
    ['?__proto__=1&constructor=2&toString=3', 10, 1],
    ['?x=%zz&%=%&%ff', 10, 1],
    ['?api_key=x&page=2#page=3', 10, 2],
  ];
  for (const [query, size, number] of fine) {
    it(`W33 takes ${query || 'none'}`, async () => {
      const { page_size, page: shown } = page(await api.list(query.split('#')[0]));
      assert.deepEqual([page_size, shown], [size, number]);
    });
  }

  const faulty: readonly [query: string, ...faults: Fault[]][] = [
    ...[
      '0',
      '101',
      '1000',
      '-1',
      '+1',
      'abc',
      '',
      '1.5',
      '1.0',
      '1e1',
      '0x10',
      '%201',
      '1%20',
      '1,2',
      'null',
    ].map((size): [string, Fault] => [`page_size=${size}`, ['page_size', SIZE]]),
    ['page_size', ['page_size', SIZE]],
    ['page_size=%EF%BC%91', ['page_size', SIZE]],
    ['page_size=%D9%A1', ['page_size', SIZE]],
    ['page_size=9'.padEnd(500, '9'), ['page_size', SIZE]],
    ['page_size=%zz', ['page_size', SIZE]],
    ['page_size=1%00', ['page_size', SIZE]],
    ...[
      '0',
      '2147483648',
      '-1',
      'x',
      '',
      '1.5',
      '9'.repeat(400),
      '+2',
      '1e3',
      '%31%0a',
      'Infinity',
      'NaN',
    ].map((number): [string, Fault] => [`page=${number}`, ['page', NUMBER]]),
    ['page=1&page=1', ['page', ONCE]],
    ['page=1&page=x', ['page', ONCE]],
    ['page_size=5&x=1&page%5fsize=5', ['page_size', ONCE]],
    ['page=1&page=2&page=3', ['page', ONCE]],
  ];
  for (const [query, ...faults] of faulty) {
    it(`W41 refuses ${query.slice(0, 40)} (W33)`, async () => {
      problem(await api.list(`?${query}`), problems.list(...faults));
      assert.equal((await api.send({ method: 'HEAD', path: `${BASE}?${query}` })).status, 400);
    });
  }

  it('W41 reports both faults at once', async () => {
    problem(await api.list('?page_size=0&page=0'), problems.list(['page_size', SIZE], ['page', NUMBER]));
    const repeated = problems.list(['page_size', ONCE], ['page', ONCE]);
    problem(await api.list('?page_size=1&page_size=2&page=3&page=4'), repeated);
  });

  it('W33 are no matter to a POST', async () => {
    const answer = await api.send({ method: 'POST', path: `${BASE}?page=0&page_size=x`, json: body() });
    assert.equal(answer.status, 201);
  });
});

describe('the order of a list', () => {
  it('W35 is that of creation, oldest first, and stays under insert, update and delete', async () => {
    await api.clear();
    const made = [];
    for (const name of ['c', 'a', 'b', 'e', 'd']) made.push(await api.given(body({ name })));
    assert.deepEqual(await names(''), ['c', 'a', 'b', 'e', 'd']);
    await api.update(made[1]?.id ?? '', body({ name: 'A' }));
    assert.deepEqual(await names(''), ['c', 'A', 'b', 'e', 'd']);
    await api.remove(made[2]?.id ?? '');
    assert.deepEqual(await names(''), ['c', 'A', 'e', 'd']);
    await api.remove(made[4]?.id ?? '');
    await api.given(body({ name: 'last' }));
    assert.deepEqual(await names(''), ['c', 'A', 'e', 'last']);
    assert.deepEqual(await names('?page_size=2&page=2'), ['e', 'last']);
  });

  it('W35 holds all of many created at once, each on one page only', async () => {
    await api.clear();
    const made = await Promise.all(Array.from({ length: 40 }, () => api.given(body())));
    const seen: string[] = [];
    for (const number of [1, 2, 3, 4, 5, 6]) {
      const { applications } = page(await api.list(`?page_size=7&page=${number}`))._embedded;
      seen.push(...applications.map(({ id }) => id));
    }
    assert.deepEqual(seen.toSorted(), made.map(({ id }) => id).toSorted());
    assert.equal(await api.total(), 40);
    await api.clear();
  });
});
