/** What is remembered of a URL is what would be found anew. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createEgressRules } from '../domain/egress-rules.ts';
import { Destinations } from './destinations.ts';

describe('where a URL leads', () => {
  it('D40 is refused again and again where its address may not be called', () => {
    const destinations = new Destinations(createEgressRules('public'));
    const others = Array.from({ length: 1100 }, (_, number) => `http://a.example/${number}`);
    for (const url of [
      'http://127.1/x',
      `http://10.0.0.1/${'x'.repeat(3000)}`,
      ...others,
      'http://127.1/x',
    ]) {
      const first = destinations.find(url);
      assert.deepEqual(destinations.find(url), first);
      assert.equal('outcome' in first && first.outcome, url.includes('a.example') ? false : 'egress_refused');
    }
  });

  it('is told apart by the whole URL', () => {
    const destinations = new Destinations(createEgressRules('local'));
    const paths = ['/a', '/b', '/a?x=1'].map((path) => {
      const found = destinations.find(`http://127.0.0.1:8080${path}`);
      return 'path' in found ? found.path : found.outcome;
    });
    assert.deepEqual(paths, ['/a', '/b', '/a?x=1']);
  });
});
