import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAbsoluteUri, isWebhookAddress, originOf } from './webhook-address.ts';

describe('a webhook address', () => {
  it('W18 is an absolute http or https URL', () => {
    const taken = [
      'http://example.com',
      'https://example.com/webhooks/answer?a=1#b',
      'HTTPS://Example.com',
      'hTTp://localhost:3000',
      'http://127.0.0.1:1/x',
      'http://[::1]:8080/x',
      'https://bücher.example/straße',
      'https://example.com/a@b?c@d#e@f',
      'https://example.com/%zz|<>',
    ];
    for (const address of taken) assert.equal(isWebhookAddress(address), true, address);
  });

  it('W18 is nothing else', () => {
    const refused = [
      'example.com',
      '/webhooks',
      '//example.com',
      'ftp://example.com',
      'ws://example.com',
      'javascript:alert(1)',
      'http:example.com',
      'http:/example.com',
      'http://',
      'https://?x',
      'http://exa mple.com',
      'http://[::1',
      'http://256.256.256.256',
      'http://example.com:99999',
      'x http://example.com',
    ];
    for (const address of refused) assert.equal(isWebhookAddress(address), false, address);
  });

  it('W18 has no user info', () => {
    const refused = [
      'http://user@example.com',
      'http://user:pass@example.com/x',
      'http://@example.com',
      'https://:@example.com',
      'http:///user@example.com',
      'http:////a:b@example.com',
    ];
    for (const address of refused) assert.equal(isWebhookAddress(address), false, address);
  });

  it('W18 has no white space, control characters or back slash', () => {
    const ugly = [
      ' ',
      '\t',
      '\n',
      '\r',
      '\0',
      '\x1b',
      '\x7f',
      '\x85',
      '\xa0',
      '\u2028',
      '\u3000',
      '\ufeff',
      '\\',
    ];
    for (const character of ugly) {
      for (const address of [
        `http://e.com/${character}`,
        `${character}http://e.com`,
        `http://e.com/a${character}b`,
      ]) {
        assert.equal(isWebhookAddress(address), false, JSON.stringify(address));
      }
    }
  });
});

describe('the origin of an address', () => {
  it('is that of the WHATWG parser, whether it needed one or not', () => {
    const schemes = ['http://', 'https://', 'HTTP://', 'ftp://'];
    const hosts = [
      ...['a', 'a.b', 'a..b', '.a', 'a.', '-a-.b-', 'a--b.c', 'a_b', 'A.b', 'bücher.example', 'e.com:80'],
      ...[
        'e.com:8080',
        'e.com:',
        '1',
        '1.2',
        '1.2.3.4',
        '0x7f.1',
        'a.0x1',
        'a.1',
        '1.a',
        '0a',
        'a1',
        'xn--a',
        'xn--',
      ],
      ...[
        'a.xn--bcher-kva',
        'bxn--a',
        'ab--c',
        `${'a'.repeat(70)}.b`,
        '[::1]',
        'u@e.com',
        '',
        'a%41',
        'a%',
        'a^b',
      ],
    ];
    const rests = ['', '/', '//', '/a', '/a?b#c', '/[x]', '/%zz', '/a|"<>`{}^', '?a', '#a', '/ü', '/@', '/:'];
    for (const scheme of schemes) {
      for (const host of hosts) {
        for (const rest of rests) {
          const address = `${scheme}${host}${rest}`;
          assert.equal(originOf(address), URL.parse(address)?.origin, address);
          if (isWebhookAddress(address)) assert.ok(URL.canParse(address), address);
        }
      }
    }
  });
});

describe('an absolute URI', () => {
  it('W13 has a scheme, then only characters and whole escapes of RFC 3986', () => {
    const taken = [
      'https://example.com/redirect?a=[b]'.replace('[b]', '%5Bb%5D'),
      'http://user@example.com:80/a;b=c/./d?x/y?z#f?/',
      'com.example.app:/callback',
      'com.example.app://callback',
      'urn:ietf:wg:oauth:2.0:oob',
      'mailto:a@example.com',
      'file:///etc/hosts',
      'a+b-c.1:x',
      'http://[::1]:3000/x',
      'http://[2001:db8::7]',
    ];
    for (const uri of taken) assert.equal(isAbsoluteUri(uri), true, uri);
  });

  it('W13 is nothing else', () => {
    const refused = [
      '',
      'example.com/x',
      '/redirect',
      '//example.com',
      '1http://example.com',
      ':x',
      'http:',
      'http://',
      'http://exa mple.com',
      'http://example.com/%',
      'http://example.com/%4',
      'http://example.com/%zz',
      'http://example.com/é',
      'http://example.com/a|b',
      'http://example.com/"',
      'http://example.com/<x>',
      'http://example.com/a\\b',
      'http://example.com/^`{}',
      'http://example.com/[x]',
      'http://example.com/#a#b',
      'http://[::1',
      'http://[1:2]',
      'http://example.com:port',
      'http://example.com/\n',
      ' http://example.com',
    ];
    for (const uri of refused) assert.equal(isAbsoluteUri(uri), false, uri);
  });
});
