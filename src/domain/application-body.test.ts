import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { EXAMPLE_CAPABILITIES, EXAMPLE_CAPABILITIES_BODY, EXAMPLE_PUBLIC_KEY } from '../contract/examples.ts';
import { JackfieldError } from '../errors.ts';
import { parseApplicationBody } from './application-body.ts';

/** The faults of a body, `name reason` each; none if it is taken. */
function faultsOf(body: unknown): string[] {
  try {
    parseApplicationBody(body);
    return [];
  } catch (error) {
    assert.ok(error instanceof JackfieldError);
    assert.equal(error.code, 'payload_invalid');
    assert.equal(error.message, 'The request failed due to validation errors');
    return error.faults.map(({ name, reason }) => `${name} ${reason}`);
  }
}

const NONE = { publicKey: undefined, improveAi: undefined, capabilities: {} };

describe('the body of an application', () => {
  it('W05 is needed, and is an object', () => {
    assert.deepEqual(faultsOf(undefined), ['name is required']);
    for (const body of [null, [], 'x', 1, true, '\0', [[]]]) {
      assert.deepEqual(faultsOf(body), ['body must be an object'], JSON.stringify(body));
    }
  });

  it('W06 needs a name and nothing else', () => {
    assert.deepEqual(parseApplicationBody({ name: 'x' }), { name: 'x', ...NONE });
    assert.deepEqual(faultsOf({}), ['name is required']);
  });

  it('W20 takes null for absent, but for the name', () => {
    const body = { name: 'x', keys: null, privacy: null, capabilities: null };
    assert.deepEqual(parseApplicationBody(body), { name: 'x', ...NONE });
    assert.deepEqual(parseApplicationBody({ name: 'x', privacy: { improve_ai: null } }), {
      name: 'x',
      ...NONE,
    });
    assert.deepEqual(faultsOf({ name: null }), ['name must be a string']);
    assert.deepEqual(faultsOf({ name: 'x', capabilities: [] }), ['capabilities must be an object']);
  });

  it('W07 may echo what is read-only, whatever it is', () => {
    const keys = { private_key: 5, public_key: null };
    for (const echoed of [null, 'x', 7, { self: { href: 1 } }, []]) {
      const body = { id: echoed, _links: echoed, name: 'x', keys: { ...keys, private_key: echoed } };
      assert.deepEqual(parseApplicationBody(body), { name: 'x', ...NONE });
    }
  });

  it('W14 has no other members', () => {
    const body = {
      constructor: 1,
      hasOwnProperty: null,
      Name: 'x',
      name: 'x',
      keys: { publicKey: null, toString: 1 },
      privacy: { improveAi: true },
      capabilities: { valueOf: {}, Voice: null },
    };
    assert.deepEqual(faultsOf(body), [
      'constructor is not a known property',
      'hasOwnProperty is not a known property',
      'Name is not a known property',
      'keys.publicKey is not a known property',
      'keys.toString is not a known property',
      'privacy.improveAi is not a known property',
      'capabilities.valueOf is not a known property',
      'capabilities.Voice is not a known property',
    ]);
  });

  it('W40 has all its faults told at once, in its order, missing members first', () => {
    const body = JSON.parse(`{
      "privacy": {"improve_ai": "yes"},
      "capabilities": {
        "voice": {"webhooks": {"event_url": {"address": "x", "connect_timeout": 5}}, "region": "moon",
                  "payments": {"gateways": [{"mode": "live"}, {"mode": 1}, null]}},
        "network_apis": {"redirect_uri": "no"}, "video": {"a": {"b": "\\u0000"}}
      },
      "keys": {"public_key": "no"}, "nmae": "x", "__proto__": 1
    }`);
    assert.deepEqual(faultsOf(body), [
      'name is required',
      'privacy.improve_ai must be a boolean',
      'capabilities.voice.webhooks.event_url.address must be an absolute http or https URL',
      'capabilities.voice.webhooks.event_url.connect_timeout must be between 300 and 1000',
      'capabilities.voice.region must be one of: na-east, na-west, eu-east, eu-west, apac-sng, apac-australia',
      'capabilities.voice.payments.gateways.1.mode must be a string',
      'capabilities.voice.payments.gateways.2 must be an object',
      'capabilities.network_apis.redirect_uri must be an absolute URI',
      'capabilities.video.a.b must not contain NUL',
      'keys.public_key must be an RSA public key in PEM form',
      'nmae is not a known property',
      '__proto__ is not a known property',
    ]);
  });

  it('W21 is refused however deep or long it is, in the parts that are ignored too', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(120_000)}${']'.repeat(120_000)}`);
    for (const part of [{ _links: deep }, { capabilities: { bulk: { deep } } }, { id: deep }]) {
      assert.match(faultsOf({ name: 'x', ...part }).join(), /^\S+ must not be nested deeper than 32$/);
    }
    const uncleanAndDeep = { name: 'x', capabilities: { video: { a: Array(100).fill('\0'), deep } } };
    assert.equal(faultsOf(uncleanAndDeep).length, 50);
    assert.deepEqual(faultsOf({ name: 'x\ud800' }), ['name must be well-formed Unicode text']);
    assert.deepEqual(faultsOf({ name: 'x', id: '\ud800' }), ['id must be well-formed Unicode text']);
  });
});

describe('the name in a body', () => {
  it('W04 is kept without the white space around it', () => {
    for (const name of ['  x  ', '\t\r\nx\n', '\u00a0x\u3000', '\ufeffx\u2028']) {
      assert.equal(parseApplicationBody({ name }).name, 'x');
    }
    assert.equal(parseApplicationBody({ name: ' a  b ' }).name, 'a  b');
  });

  it('W04 has 1 to 255 code points', () => {
    for (const name of ['x', 'x'.repeat(255), '😀'.repeat(255), ` ${'x'.repeat(255)} `]) {
      assert.equal(parseApplicationBody({ name }).name, name.trim());
    }
    for (const name of ['', ' ', '\n\t', 'x'.repeat(256), '😀'.repeat(256)]) {
      assert.deepEqual(faultsOf({ name }), ['name must be between 1 and 255 characters'], name);
    }
  });

  it('W04 has no control characters', () => {
    for (const character of ['\x01', '\t', '\n', '\x1f', '\x7f', '\x80', '\x85', '\x9f']) {
      assert.deepEqual(faultsOf({ name: `a${character}b` }), ['name must not contain control characters']);
    }
    assert.equal(parseApplicationBody({ name: 'a\u200d\u202eb' }).name, 'a\u200d\u202eb');
  });

  it('W04 is a string', () => {
    for (const name of [1, true, {}, ['x']]) assert.deepEqual(faultsOf({ name }), ['name must be a string']);
  });
});

describe('the keys in a body', () => {
  it('W08 may be there without a key', () => {
    for (const keys of [{}, null, { public_key: null }, { public_key: '' }]) {
      assert.equal(parseApplicationBody({ name: 'x', keys }).publicKey, undefined);
    }
    assert.deepEqual(faultsOf({ name: 'x', keys: { public_key: ' \n' } }), [
      'keys.public_key must be an RSA public key in PEM form',
    ]);
    assert.deepEqual(faultsOf({ name: 'x', keys: { public_key: 1 } }), ['keys.public_key must be a string']);
    assert.deepEqual(faultsOf({ name: 'x', keys: [] }), ['keys must be an object']);
  });

  it('W11 hold a public key, which is kept as SPKI', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const sent = publicKey.export({ type: 'pkcs1', format: 'pem' });
    const draft = parseApplicationBody({ name: 'x', keys: { public_key: sent } });
    assert.equal(draft.publicKey, publicKey.export({ type: 'spki', format: 'pem' }));
  });

  it('W11 never show a private key in the error that refuses it', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const sent = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    assert.throws(
      () => parseApplicationBody({ name: 'x', keys: { public_key: sent } }),
      (error: JackfieldError) => {
        assert.deepEqual(error.faults, [
          { name: 'keys.public_key', reason: 'must be a public key, not a private key' },
        ]);
        assert.equal(JSON.stringify([error.message, error.stack, error.faults]).includes('MII'), false);
        return true;
      },
    );
  });
});

describe('the privacy in a body', () => {
  it('W12 says yes, no or nothing', () => {
    for (const flag of [true, false]) {
      assert.equal(parseApplicationBody({ name: 'x', privacy: { improve_ai: flag } }).improveAi, flag);
    }
    assert.equal(parseApplicationBody({ name: 'x', privacy: {} }).improveAi, undefined);
    for (const flag of ['true', 1, {}]) {
      assert.deepEqual(faultsOf({ name: 'x', privacy: { improve_ai: flag } }), [
        'privacy.improve_ai must be a boolean',
      ]);
    }
  });
});

describe('the examples of the contract', () => {
  it('W17 are what the server would make of them', () => {
    const body = {
      name: 'x',
      keys: { public_key: EXAMPLE_PUBLIC_KEY },
      capabilities: EXAMPLE_CAPABILITIES_BODY,
    };
    const draft = parseApplicationBody(body);
    assert.equal(draft.publicKey, EXAMPLE_PUBLIC_KEY);
    assert.deepEqual(draft.capabilities, EXAMPLE_CAPABILITIES);
  });
});

describe('a body made to be slow', () => {
  const KIB_256 = 262_144;
  const gateways = (items: readonly unknown[]) => ({
    name: 'x',
    capabilities: { voice: { payments: { gateways: items } } },
  });
  const NAME = 'capabilities.voice.payments.gateways';

  it('W21 has one fault for an array of too many items, which are not looked into', () => {
    const items = Array<unknown>(KIB_256 / 2).fill(0);
    assert.deepEqual(faultsOf(gateways(items)), [`${NAME} must have at most 1000 items`]);
    assert.deepEqual(faultsOf(gateways(Array(1001).fill({}))), [`${NAME} must have at most 1000 items`]);
    assert.deepEqual(faultsOf(gateways(Array(1000).fill({}))), []);
    assert.deepEqual(faultsOf({ ...gateways(items), name: 5, x: 1 }), [
      'name must be a string',
      `${NAME} must have at most 1000 items`,
      'x is not a known property',
    ]);
  });

  it('W21 has a thousand faults told, missing members first', () => {
    const { capabilities } = gateways(Array(1000).fill(0));
    const faults = faultsOf({ capabilities });
    assert.equal(faults.length, 1000);
    assert.deepEqual(faults.slice(0, 2), ['name is required', `${NAME}.0 must be an object`]);
    assert.equal(faults.at(-1), `${NAME}.998 must be an object`);
  });

  it('W21 has a thousand unknown members told, and no more looked for', () => {
    const many = Object.fromEntries(Array.from({ length: 30_000 }, (_, index) => [`m${index}`, 0]));
    const places: readonly (readonly [body: object, path: string])[] = [
      [{ ...many }, ''],
      [{ capabilities: many }, 'capabilities.'],
      [{ capabilities: { voice: { webhooks: many } } }, 'capabilities.voice.webhooks.'],
      [gateways([{}, many]), `${NAME}.1.`],
    ];
    for (const [body, path] of places) {
      const faults = faultsOf({ name: 'x', ...body });
      assert.equal(faults.length, 1000);
      assert.equal(faults.at(0), `${path}m0 is not a known property`);
      assert.equal(faults.at(-1), `${path}m999 is not a known property`);
    }
  });

  it('W61 is copied for no client as often as it has members', () => {
    const webhooks = Object.fromEntries(Array.from({ length: 30_000 }, (_, index) => [`m${index}`, {}]));
    const body = { name: 'x', capabilities: { voice: { webhooks } } };
    const leniency = { raiseSocketTimeout: true, digitStringTimeouts: true };
    assert.throws(() => parseApplicationBody(body, { leniency }), { code: 'payload_invalid' });
  });

  it('W14 has its unknown members told in the order of the text, many as they are', () => {
    const names = Array.from({ length: 1500 }, (_, index) => `${2000 - index}`);
    const text = `{"name":"x",${names.map((name) => `"${name}":0`).join(',')}}`;
    assert.throws(
      () => parseApplicationBody(JSON.parse(text), { text }),
      (error: unknown) => {
        assert.ok(error instanceof JackfieldError);
        assert.equal(error.faults.length, 1000);
        const told = error.faults.map(({ name }) => Number(name));
        assert.deepEqual(
          told,
          [...told].sort((one, other) => other - one),
        );
        return true;
      },
    );
  });
});
