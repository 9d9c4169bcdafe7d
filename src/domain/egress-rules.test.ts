import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createEgressRules, judgeAddress } from './egress-rules.ts';
import { isWithin, parseAddress, parseRange } from './ip-address.ts';

const open = createEgressRules('public');
const local = createEgressRules('local');

describe('an address', () => {
  it('is read as Node.js reads it, and nothing else is', () => {
    const texts = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.ipV4Extended(),
      fc.string({ unit: fc.constantFrom(...'0123456789abf:.%/x'), maxLength: 20 }),
    );
    const check = (text: string) => {
      const bytes = parseAddress(text);
      assert.equal(bytes?.length ?? 0, { 0: 0, 4: 4, 6: 16 }[isIP(text)], text);
      if (bytes === undefined || text.includes('%')) return;
      const host = new URL(`http://${bytes.length === 4 ? text : `[${text}]`}`).hostname;
      assert.deepEqual(parseAddress(host.replace(/[[\]]/g, '')), bytes);
    };
    for (const text of ['::%', '::%/', '::%lo', '::%a.b-1:2', '::1%%', '1.2.3.4%a']) check(text);
    fc.assert(fc.property(texts, check), { numRuns: 2000 });
  });

  it('stands in a range when the first bits are the same', () => {
    const within = (address: string, range: string) =>
      isWithin(parseAddress(address) ?? assert.fail(address), parseRange(range));
    assert.ok(within('10.255.0.1', '10.0.0.0/8') && within('10.1.2.3', '10.9.9.9/8'));
    assert.ok(within('172.31.255.255', '172.16.0.0/12') && !within('172.32.0.0', '172.16.0.0/12'));
    assert.ok(
      within('1.2.3.4', '0.0.0.0/0') && within('1.2.3.4', '1.2.3.4') && !within('1.2.3.5', '1.2.3.4'),
    );
    assert.ok(within('febf::1', 'fe80::/10') && !within('fec0::1', 'fe80::/10'));
    assert.ok(!within('0.0.0.1', '::/0') && !within('::1', '0.0.0.0/0'));
  });

  it('is no range when it is none', () => {
    for (const text of [
      '',
      '10.0.0.0/33',
      '::/129',
      '10.0.0.0/-1',
      '10.0.0.0/',
      '10/8',
      'a/8',
      '::1%lo',
      '1.2.3.4/8/8',
    ]) {
      assert.throws(() => parseRange(text), RangeError, text);
    }
  });
});

describe('the rules of egress', () => {
  it('D40 allow what is public', () => {
    const addresses = [
      '1.1.1.1',
      '9.255.255.255',
      '11.0.0.0',
      '172.15.0.1',
      '172.32.0.1',
      '223.255.255.255',
      '2606:4700::1111',
      '2a00::1',
      '64:ff9b::8.8.8.8',
      '::ffff:8.8.8.8',
    ];
    for (const address of addresses) {
      assert.equal(judgeAddress(address, open), undefined, address);
      assert.equal(judgeAddress(address, local), undefined, address);
    }
  });

  it('D40 refuse every address of the special ranges and none beside them, wherever IPv6 carries it', () => {
    const check = (address: string) => {
      const plain = judgeAddress(address, open);
      const around = [`::ffff:${address}`, `64:ff9b::${address}`];
      for (const text of around) {
        assert.equal(judgeAddress(text, open) === undefined, plain === undefined, text);
      }
      for (const text of [`::${address}`, `64:ff9b:1::${address}`, `::ffff:0:${address}`]) {
        assert.notEqual(judgeAddress(text, open), undefined, text);
      }
    };
    fc.assert(fc.property(fc.ipV4(), check), { numRuns: 1000 });
  });

  it('D41 allow loopback and private networks locally, and nothing else that is not public', () => {
    for (const address of [
      '127.0.0.1',
      '127.9.9.9',
      '10.0.0.1',
      '172.16.0.1',
      '192.168.1.1',
      '::1',
      'fd00::1',
      '::ffff:127.0.0.1',
    ]) {
      assert.notEqual(judgeAddress(address, open), undefined, address);
      assert.equal(judgeAddress(address, local), undefined, address);
    }
    for (const address of [
      '169.254.169.254',
      '169.254.0.1',
      '0.0.0.0',
      '0.1.2.3',
      '::',
      '224.0.0.1',
      'ff02::1',
      'fe80::1',
      'fe80::1%lo',
      'fd00:ec2::254',
      '::ffff:169.254.169.254',
      '64:ff9b::169.254.169.254',
      '255.255.255.255',
      '100.64.0.1',
      '2002:7f00:1::',
      '::127.0.0.1',
    ]) {
      assert.notEqual(judgeAddress(address, local), undefined, address);
    }
  });

  it('D41 allow what the operator adds, and an address inside IPv6 only by its own range', () => {
    const rules = createEgressRules('public', ['127.0.0.0/8', '169.254.169.254', 'fe80::/10']);
    for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '169.254.169.254', 'fe80::1%lo']) {
      assert.equal(judgeAddress(address, rules), undefined, address);
    }
    assert.notEqual(judgeAddress('10.0.0.1', rules), undefined);
    const everySix = createEgressRules('public', ['::/0']);
    for (const address of ['::1', 'fd00::1', '2002:808:808::', '::8.8.8.8']) {
      assert.equal(judgeAddress(address, everySix), undefined, address);
    }
    const carried = [
      '::ffff:10.0.0.1',
      '::10.0.0.1',
      '64:ff9b::10.0.0.1',
      '64:ff9b:1::10.0.0.1',
      '64:ff9b:1:a00:0:100:808:808',
      '2002:a00:1::1',
      '2001:0:a00:1:0:0:f7f7:f7f7',
      '2001:0:808:808:0:0:f5ff:fffe',
    ];
    for (const address of carried) {
      assert.match(judgeAddress(address, everySix) ?? '', /private address inside IPv6/, address);
    }
  });

  it('D42 say what an address is and never which', () => {
    assert.equal(judgeAddress('10.0.0.1', open), 'a private address');
    assert.equal(judgeAddress('::ffff:10.0.0.1', open), 'a private address inside IPv6');
    assert.equal(judgeAddress('nonsense', open), 'no IP address');
    assert.equal(judgeAddress('', local), 'no IP address');
  });
});
