/** The API references at `/docs` and `/jackfield/docs`: Swagger UI out of its package, in a page of ours, under a strict policy. */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { type DocumentRoute, registerDocument } from './document.ts';
import type { Reference } from './reference-page.ts';

const loadPages = () => import('./reference-page.ts');

/** Nothing from elsewhere, nothing inline, nothing evaluated; the icons of the style sheet are `data:` images. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE_HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'x-frame-options': 'DENY',
} as const;

const ASSET_HEADERS = { 'cross-origin-resource-policy': 'same-origin' } as const;

const SCRIPT_TYPE = 'text/javascript; charset=utf-8';
const STYLE_TYPE = 'text/css; charset=utf-8';

const CONTRACT = { title: 'API', url: '/docs' };
const OWN = { title: "Jackfield's own API", url: '/jackfield/docs' };

const REFERENCES: readonly Reference[] = [
  { ...CONTRACT, document: '/openapi', other: OWN },
  {
    ...OWN,
    title: 'own API',
    document: '/jackfield/openapi',
    other: { ...CONTRACT, title: 'Application API' },
  },
];

/** Serves the references and what they load, all of it from this server; nothing is read before the first request. */
export function registerReferences(app: FastifyInstance): void {
  for (const reference of REFERENCES) {
    const { url } = reference;
    registerDocument(app, {
      url,
      contentType: 'text/html; charset=utf-8',
      headers: PAGE_HEADERS,
      load: async () => (await loadPages()).createReferencePage(reference),
    });
    registerDocument(app, {
      url: `${url}/reference.js`,
      contentType: SCRIPT_TYPE,
      headers: ASSET_HEADERS,
      load: async () => (await loadPages()).createReferenceScript(reference),
    });
  }
  for (const asset of ASSETS) registerDocument(app, { ...asset, headers: ASSET_HEADERS });
}

const ASSETS: readonly DocumentRoute[] = [
  {
    url: '/docs/reference.css',
    contentType: STYLE_TYPE,
    load: async () => (await loadPages()).REFERENCE_STYLE,
  },
  {
    url: '/docs/swagger-ui.css',
    contentType: STYLE_TYPE,
    load: () => readPackaged(import.meta.resolve('@fastify/swagger-ui/static/swagger-ui.css')),
  },
  {
    url: '/docs/swagger-ui-bundle.js',
    contentType: SCRIPT_TYPE,
    load: () => readPackaged(import.meta.resolve('@fastify/swagger-ui/static/swagger-ui-bundle.js')),
  },
];

function readPackaged(url: string): Promise<Buffer> {
  return readFile(fileURLToPath(url));
}
