/** Lists in pages: what the query may say and what is answered. */

import Type from 'typebox';
import { ApplicationItem } from './application.ts';
import { EXAMPLE_ITEM } from './examples.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE, MAX_PAGE_SIZE } from './limits.ts';
import { CLOSED } from './members.ts';

/** The query of a list; `parsePageQuery` of `domain/page.ts` reads it. */
export const PageQuery = Type.Object({
  page_size: Type.Optional(
    Type.Integer({
      description: 'How many applications a page holds.',
      minimum: 1,
      maximum: MAX_PAGE_SIZE,
      default: DEFAULT_PAGE_SIZE,
      examples: [10],
    }),
  ),
  page: Type.Optional(
    Type.Integer({
      description: 'The page, counted from 1.',
      minimum: 1,
      maximum: MAX_PAGE,
      default: 1,
      examples: [1],
    }),
  ),
});

function link(description: string, example: string) {
  return Type.Object(
    { href: Type.String({ description: 'The path.', format: 'uri-reference', examples: [example] }) },
    { ...CLOSED, description },
  );
}

const links = Type.Object(
  {
    self: link('This page.', '/v2/applications?page_size=10&page=1'),
    first: link('The first page.', '/v2/applications?page_size=10'),
    last: link('The last page.', '/v2/applications?page_size=10&page=1'),
    prev: Type.Optional(link('The page before, where there is one.', '/v2/applications?page_size=10&page=1')),
    next: Type.Optional(link('The page after, where there is one.', '/v2/applications?page_size=10&page=2')),
  },
  { ...CLOSED, description: 'Where this page and its neighbours are.' },
);

const href = '/v2/applications?page_size=10&page=1';

/** What a list answers (W32). */
export const ApplicationCollection = Type.Object(
  {
    page_size: Type.Integer({
      description: 'How many applications a page holds.',
      minimum: 1,
      examples: [10],
    }),
    page: Type.Integer({ description: 'The page, counted from 1.', minimum: 1, examples: [1] }),
    total_items: Type.Integer({
      description: 'How many applications there are.',
      minimum: 0,
      examples: [1],
    }),
    total_pages: Type.Integer({
      description: 'How many pages there are; an empty list has one.',
      minimum: 1,
      examples: [1],
    }),
    _embedded: Type.Object(
      {
        applications: Type.Array(ApplicationItem, {
          description: 'The applications of this page, oldest first.',
        }),
      },
      { ...CLOSED, description: 'What the page holds.' },
    ),
    _links: links,
  },
  {
    ...CLOSED,
    description: 'A page of the list of applications.',
    examples: [
      {
        page_size: 10,
        page: 1,
        total_items: 1,
        total_pages: 1,
        _embedded: { applications: [EXAMPLE_ITEM] },
        _links: { self: { href }, first: { href: '/v2/applications?page_size=10' }, last: { href } },
      },
    ],
  },
);
