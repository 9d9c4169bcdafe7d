import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findQuirks, NO_QUIRKS, type Quirks } from './quirks.ts';

const LOOSENED: readonly (readonly [row: string, userAgent: string, loosened: Partial<Quirks>])[] = [
  ['W60', 'vonage-java-sdk/9.3.1 java/17', { maxPageSize: 1000 }],
  ['W61', 'vonage-dotnet/8.1.0 dotnet/6', { raiseSocketTimeout: true }],
  ['W62', 'vonage-php/4.12.0 php/8.3', { digitStringTimeouts: true }],
  ['W63', 'vonage-python-sdk/4.4.1 python/3.12', { endlessPages: true }],
];

describe('the quirks of a client', () => {
  for (const [row, userAgent, loosened] of LOOSENED) {
    it(`${row} loosen one rule: ${userAgent}`, () => {
      assert.deepEqual(findQuirks(userAgent), { ...NO_QUIRKS, ...loosened });
    });
  }

  const STRANGERS = [
    undefined,
    '',
    'curl/8.5.0',
    'vonage-java-sdk',
    'curl/8.5.0 vonage-java-sdk/9.3.1',
    '(vonage-java-sdk/9.3.1)',
    'Vonage-Java-SDK/9.3.1',
    'my-vonage-java-sdk/9.3.1',
    'vonage-java-sdk-next/1',
    '__proto__/1',
    'constructor/1',
  ];
  for (const userAgent of STRANGERS) {
    it(`are none for ${userAgent ?? 'nobody'}`, () => assert.equal(findQuirks(userAgent), NO_QUIRKS));
  }
});
