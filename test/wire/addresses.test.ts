/** The addresses of webhooks: which are taken, which are refused, and when a webhook counts as not given. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { application, at, createClient } from './client.ts';
import { refused } from './problem.ts';
import { body, pathOf, WEBHOOKS, withCapabilities, withWebhook } from './sample.ts';
import { openTarget } from './target.ts';

const target = await openTarget();
after(() => target.close());
const api = createClient(target.url, target.accounts[0]);
const URL_REASON = 'must be an absolute http or https URL';
const long = (length: number, letter = 'x') =>
  `https://e.co/${letter.repeat(length - 'https://e.co/'.length)}`;

const GOOD = [
  'https://example.com/webhooks/answer',
  'http://localhost:3000',
  'HTTP://EXAMPLE.COM/Upper?A=B#C',
  'hTTpS://example.com:443/',
  'https://example.com/?url=http://a@b/',
  'https://example.com/@me?mail=a@b.c#@',
  'http://127.0.0.1:65535/x',
  'http://[::1]:8080/x',
  'https://exämple.com/ü/漢字?q=🎈',
  'https://example.com/%20%zz%',
  "https://example.com/a'b;c|d{e}[f]^g`",
  'https://example.com/a/../b/./c//d',
  'https://xn--exmple-cua.com',
  'https://example.com./',
  long(2048),
  long(2048, '🎈'),
];

const BAD = [
  'example.com/hook',
  '/hook',
  '//example.com/hook',
  'ftp://example.com/',
  'ws://example.com/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:text/plain,x',
  'http:',
  'http:/example.com/',
  'http:example.com',
  'http//example.com',
  'https://',
  'http://?x',
  'http://#x',
  'http://:80/',
  'http://user@example.com/',
  'http://user:secret@example.com/',
  'http://:secret@example.com/',
  'http://@example.com/',
  'http://a@b@example.com/',
  'http://exa mple.com/',
  'https://example.com/a b',
  ' https://example.com/',
  'https://example.com/ ',
  '\thttps://example.com/',
  'https://example.com/\n',
  'https://exam\nple.com/',
  'https://example.com/a\tb',
  'https://example.com/a\u00a0b',
  'https://example.com/a\u3000b',
  'https://example.com/a\u2028b',
  'https://example.com/\ufeff',
  'https://example.com/\u0001',
  'https://example.com/\u007f',
  'https://example.com/\u0085',
  'https:\\\\example.com\\',
  'https://example.com\\path',
  'https://example.com/a\\b',
  'https://example.com/?a\\b',
  'http://example.com:65536/',
  'http://example.com:x/',
  'http://[::1/',
  'http://[zz]/',
  'http://1.2.3.256/',
  'http://%zz/',
  'http://a<b/',
  'null',
  'undefined',
  long(2049),
  long(2049, '🎈'),
  'x'.repeat(10_000),
];

describe('an address', () => {
  const [answerUrl, ...others] = WEBHOOKS;
  assert.ok(answerUrl !== undefined);

  for (const address of GOOD) {
    it(`W18 may be ${JSON.stringify(address.slice(0, 60))} and is answered exactly as sent`, async () => {
      const created = await api.given(withWebhook(answerUrl, { address }));
      const path = `${pathOf(answerUrl)}.address`;
      assert.equal(at(created, path), address);
      assert.equal(at(await api.found(created.id), path), address);
      assert.equal(at(application(await api.update(created.id, created)), path), address);
    });
  }

  for (const address of BAD) {
    it(`W18 may not be ${JSON.stringify(address.slice(0, 60))}`, async () => {
      const fault = /^must be (an absolute http or https URL|at most 2,?048 characters|between 1 and 2,?048)/;
      const reason = [...address].length > 2048 ? fault : URL_REASON;
      refused(await api.create(withWebhook(answerUrl, { address })), [
        `${pathOf(answerUrl)}.address`,
        reason,
      ]);
    });
  }

  for (const rule of others) {
    it(`W18 is held to the same in ${pathOf(rule)}`, async () => {
      for (const address of ['ftp://example.com/', 'http://u@example.com/', 'https://example.com/ ']) {
        refused(await api.create(withWebhook(rule, { address })), [`${pathOf(rule)}.address`, URL_REASON]);
      }
      for (const address of [long(2048), 'HTTPS://[::1]/%zz']) {
        const created = await api.given(withWebhook(rule, { address }));
        assert.equal(at(created, `${pathOf(rule)}.address`), address);
      }
    });
  }

  for (const address of [5, 0, true, false, [], {}, ['https://example.com/']]) {
    it(`W18 may not be ${JSON.stringify(address)}`, async () => {
      for (const rule of WEBHOOKS) {
        refused(await api.create(withWebhook(rule, { address })), [
          `${pathOf(rule)}.address`,
          'must be a string',
        ]);
      }
    });
  }
});

describe('a webhook that is not given', () => {
  for (const rule of WEBHOOKS) {
    it(`W18 is dropped from ${pathOf(rule)}`, async () => {
      const rest = {
        http_method: rule.method,
        ...(rule.timeouts === undefined ? {} : { socket_timeout: 1000 }),
      };
      const absent = [{}, { address: null }, { address: '' }, { address: '', ...rest }, { ...rest }, null];
      for (const webhook of absent) {
        const created = await api.given(withWebhook(rule, webhook));
        assert.deepEqual(at(created, `capabilities.${rule.capability}.webhooks`), {});
      }
    });

    it(`W18 is judged before it is dropped from ${pathOf(rule)}`, async () => {
      const path = pathOf(rule);
      const method = `must be one of: ${rule.methods.join(', ')}`;
      for (const address of [undefined, null, '']) {
        const sent = { address, http_method: 'TRACE', more: null };
        refused(
          await api.create(withWebhook(rule, sent)),
          [`${path}.http_method`, method],
          [`${path}.more`, 'is not a known property'],
        );
      }
    });
  }

  it('W18 white space is an address, and a wrong one', async () => {
    const answer_url = { address: ' ' };
    refused(await api.create(withCapabilities({ voice: { webhooks: { answer_url } } })), [
      'capabilities.voice.webhooks.answer_url.address',
      URL_REASON,
    ]);
  });

  it('W18 takes the stored one away in a PUT', async () => {
    const webhooks = { answer_url: { address: long(20) }, event_url: { address: long(20) } };
    const { id } = await api.given(withCapabilities({ voice: { webhooks } }));
    const sent = { ...webhooks, answer_url: { address: '' } };
    const updated = application(await api.update(id, body({ capabilities: { voice: { webhooks: sent } } })));
    assert.deepEqual(Object.keys(at(updated, 'capabilities.voice.webhooks') as object), ['event_url']);
  });
});
