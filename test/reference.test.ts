/** The API reference over HTTP: what it is made of, and the headers that keep it closed. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Jackfield, startJackfield } from './jackfield.ts';
import { type Client, createClient } from './wire/client.ts';

const ASSETS = [
  ['/docs/reference.css', 'text/css; charset=utf-8'],
  ['/docs/reference.js', 'text/javascript; charset=utf-8'],
  ['/jackfield/docs/reference.js', 'text/javascript; charset=utf-8'],
  ['/docs/swagger-ui.css', 'text/css; charset=utf-8'],
  ['/docs/swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
] as const;

const PAGES = ['/docs', '/jackfield/docs'] as const;

describe('the API references', () => {
  let jackfield: Jackfield;
  let anybody: Client;
  before(async () => {
    jackfield = await startJackfield();
    anybody = createClient(jackfield.url);
  });
  after(() => jackfield.close());

  for (const path of PAGES)
    it(`is a page that everybody may read (${path})`, async () => {
      const { status, headers, text } = await anybody.send({ path });
      assert.equal(status, 200);
      assert.equal(headers['content-type'], 'text/html; charset=utf-8');
      assert.match(text, /^<!doctype html>\n<html lang="en">/);
    });

  for (const path of PAGES)
    it(`allows nothing inline, evaluated or from elsewhere (${path})`, async () => {
      const { headers } = await anybody.send({ path });
      const policy = new Map(
        (headers['content-security-policy'] ?? '').split('; ').map((directive) => {
          const [name = '', ...sources] = directive.split(' ');
          return [name, sources.join(' ')] as const;
        }),
      );
      assert.equal(policy.get('default-src'), "'none'");
      for (const name of ['script-src', 'style-src', 'connect-src', 'font-src']) {
        assert.equal(policy.get(name), "'self'", name);
      }
      assert.equal(policy.get('img-src'), "'self' data:");
      for (const name of ['base-uri', 'form-action', 'frame-ancestors'])
        assert.equal(policy.get(name), "'none'", name);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.equal(headers['x-frame-options'], 'DENY');
    });

  for (const path of PAGES)
    it(`names what it loads by paths of this server (${path})`, async () => {
      const { text } = await anybody.send({ path });
      const loaded = [...text.matchAll(/<(?:script|link)[^>]* (?:src|href)="([^"]*)"/g)].map(
        ([, url]) => url ?? '',
      );
      const assets = loaded.filter((url) => !url.startsWith('data:'));
      const own = ASSETS.map(([asset]) => asset).filter((asset) => !/reference.js$/.test(asset));
      assert.deepEqual(assets.sort(), [...own, `${path}/reference.js`].sort());
      assert.doesNotMatch(text, /<style|<script>|\sstyle=|\son\w+=/);
    });

  for (const [path, type] of ASSETS) {
    it(`serves ${path} from the server itself`, async () => {
      const get = await anybody.send({ path });
      assert.equal(get.status, 200);
      assert.equal(get.headers['content-type'], type);
      assert.equal(get.headers['x-content-type-options'], 'nosniff');
      assert.equal(get.headers['cross-origin-resource-policy'], 'same-origin');
      const head = await anybody.send({ method: 'HEAD', path });
      assert.equal(head.text, '');
      assert.equal(head.headers['content-length'], `${Buffer.byteLength(get.text)}`);
      const again = await anybody.send({ path, headers: { 'if-none-match': get.headers['etag'] } });
      assert.equal(again.status, 304);
      assert.equal(again.text, '');
    });
  }

  it('link to each other, and each shows its own document', async () => {
    const textOf = async (path: string) => (await anybody.send({ path })).text;
    assert.match(await textOf('/docs'), /href="\/jackfield\/docs".* href="\/openapi\.json"/);
    assert.match(await textOf('/jackfield/docs'), /href="\/docs".* href="\/jackfield\/openapi\.json"/);
    assert.match(await textOf('/docs/reference.js'), /url: '\/openapi\.json'/);
    assert.match(await textOf('/jackfield/docs/reference.js'), /url: '\/jackfield\/openapi\.json'/);
    const { _links } = JSON.parse(await textOf('/'));
    assert.equal(_links.jackfield_docs.href, '/jackfield/docs');
    assert.equal(_links.jackfield_openapi.href, '/jackfield/openapi.json');
  });

  it('has no other assets', async () => {
    for (const path of ['/docs/other.js', '/docs/../package.json', '/docs/%2e%2e/package.json']) {
      assert.equal((await anybody.send({ path })).status, 404, path);
    }
  });
});
