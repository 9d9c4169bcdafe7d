/** What is remembered of a URL is what would be found anew, and no more is remembered than there may be. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createEgressRules } from '../domain/egress-rules.ts';
import type { WebhookMethod } from '../domain/webhook.ts';
import { Destinations } from './destinations.ts';

const open = (allowed: 'public' | 'local') => {
  const destinations = new Destinations(createEgressRules(allowed));
  return (url: string, method: WebhookMethod = 'POST') => destinations.find({ url, method });
};

/** The longest URL that is kept, and longer ones. */
const urlOf = (length: number) => 'http://a.example/'.padEnd(length, 'x');

describe('where a URL leads', () => {
  it('D40 is refused again and again where its address may not be called', () => {
    const find = open('public');
    for (const url of ['http://127.1/x', `http://10.0.0.1/${'x'.repeat(3000)}`, 'http://127.1/x']) {
      const first = find(url);
      assert.deepEqual(find(url), first);
      assert.equal('outcome' in first && first.outcome, 'egress_refused');
    }
  });

  it('is told apart by the whole URL', () => {
    const find = open('local');
    const paths = ['/a', '/b', '/a?x=1'].map((path) => {
      const found = find(`http://127.0.0.1:8080${path}`);
      return 'path' in found ? found.path : found.outcome;
    });
    assert.deepEqual(paths, ['/a', '/b', '/a?x=1']);
  });

  it('is remembered of a thousand URLs, and of none any more when there is one more', () => {
    const find = open('public');
    const first = find('http://a.example/1');
    for (let number = 2; number <= 1000; number += 1) find(`http://a.example/${number}`);
    assert.equal(find('http://a.example/1'), first);
    find('http://a.example/1001');
    assert.notEqual(find('http://a.example/1'), first);
  });

  it('is remembered of no URL that is longer than 2048 signs', () => {
    const find = open('public');
    assert.equal(find(urlOf(2048)), find(urlOf(2048)));
    assert.notEqual(find(urlOf(2049)), find(urlOf(2049)));
  });

  it('D34 is remembered of no URL that holds a payload, nor forgotten of others by it', () => {
    const find = open('public');
    const first = find('http://a.example/1');
    for (let number = 1; number <= 1000; number += 1) find(`http://a.example/?text=${number}`, 'GET');
    assert.notEqual(find('http://a.example/?text=1', 'GET'), find('http://a.example/?text=1', 'GET'));
    assert.equal(find('http://a.example/1'), first);
  });
});
