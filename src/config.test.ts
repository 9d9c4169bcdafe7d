import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { openFolder } from '../test/folder.ts';
import { ConfigError, type Mode, parseConfig, readEnv, readNewMasterKey } from './config.ts';

const MASTER_KEY = '0f'.repeat(32);

const parse = (env: Record<string, string>, mode: Mode = 'serve') =>
  parseConfig(mode, readEnv({ JACKFIELD_MASTER_KEY: MASTER_KEY, ...env }));

/** The names of the settings that are refused; every refusal also says why and what to do. */
function refused(env: Record<string, string>, mode: Mode = 'serve'): string[] {
  try {
    parse(env, mode);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    for (const { setting, problem, fix } of error.faults) {
      assert.ok(problem !== '' && fix.endsWith('.'), setting);
      assert.ok(error.message.includes(`${setting} ${problem}. ${fix}`));
    }
    return error.faults.map(({ setting }) => setting);
  }
  return [];
}

describe('the configuration', () => {
  it('has a default for everything but the master key', () => {
    const { http, limits, cacheBytes, masterKey, metrics, database } = parse({});
    assert.equal(http.host, '127.0.0.1');
    assert.equal(http.port, 4020);
    assert.equal(http.trustProxy, undefined);
    assert.equal(metrics.port, undefined);
    assert.equal(cacheBytes, 32 * 1024 * 1024);
    assert.deepEqual(limits, { perSecond: 170, failuresPerMinute: 20 });
    assert.deepEqual(database, { kind: 'sqlite', path: './jackfield.db', ephemeral: false });
    assert.equal(masterKey?.toString('hex'), MASTER_KEY);
    assert.deepEqual(parse({}, 'dev').limits, { perSecond: 0, failuresPerMinute: 0 });
  });

  it('takes a variable that is empty for one that is not set', () => {
    assert.equal(parse({ JACKFIELD_PORT: '', JACKFIELD_METRICS_PORT: '' }).http.port, 4020);
    assert.deepEqual(refused({ JACKFIELD_MASTER_KEY: '' }), ['JACKFIELD_MASTER_KEY']);
  });

  it('names everything that is wrong at once', () => {
    const wrong = {
      JACKFIELD_PORT: '65536',
      JACKFIELD_DATABASE_URL: 'mysql://x',
      JACKFIELD_TRUST_PROXY: '10.0.0.0/33',
      JACKFIELD_KEY_BITS: '1024',
      JACKFIELD_CLIENT_QUIRKS: 'maybe',
      JACKFIELD_LOG_LEVEL: 'loud',
    };
    assert.deepEqual(refused(wrong).sort(), Object.keys(wrong).sort());
  });

  for (const port of ['-1', '1.5', '0x10', ' 80', 'http', '1e3']) {
    it(`takes no port such as ${JSON.stringify(port)}`, () => {
      assert.deepEqual(refused({ JACKFIELD_PORT: port }), ['JACKFIELD_PORT']);
    });
  }

  it('takes a master key in hexadecimal digits and in base64, and never repeats one', () => {
    const bytes = Buffer.from(MASTER_KEY, 'hex');
    assert.deepEqual(parse({ JACKFIELD_MASTER_KEY: bytes.toString('base64') }).masterKey, bytes);
    assert.deepEqual(parse({ JACKFIELD_MASTER_KEY: MASTER_KEY.toUpperCase() }).masterKey, bytes);
    for (const key of [MASTER_KEY.slice(2), `${MASTER_KEY}0f`, `${'A'.repeat(42)}==`, 'canary'.repeat(9)]) {
      assert.throws(
        () => parse({ JACKFIELD_MASTER_KEY: key }),
        (error: Error) => !error.message.includes(key),
      );
    }
  });

  it('reads a secret from the file that NAME_FILE names, and not from both', async () => {
    await using folder = await openFolder();
    const file = folder.file('key');
    writeFileSync(file, `  ${MASTER_KEY}\n`);
    const both = { JACKFIELD_MASTER_KEY_FILE: file };
    const alone = { ...both, JACKFIELD_MASTER_KEY: '' };
    assert.equal(parse(alone).masterKey?.toString('hex'), MASTER_KEY);
    assert.deepEqual(refused(both), ['JACKFIELD_MASTER_KEY_FILE']);
    const missing = { JACKFIELD_MASTER_KEY: '', JACKFIELD_MASTER_KEY_FILE: folder.file('none') };
    assert.deepEqual(refused(missing), ['JACKFIELD_MASTER_KEY_FILE']);
    writeFileSync(file, 'no key');
    assert.deepEqual(refused(alone), ['JACKFIELD_MASTER_KEY_FILE']);
  });

  it('refuses settings that contradict each other', () => {
    const times = { JACKFIELD_HEADERS_TIMEOUT_MS: '2000', JACKFIELD_REQUEST_TIMEOUT_MS: '1999' };
    assert.deepEqual(refused(times), ['JACKFIELD_REQUEST_TIMEOUT_MS']);
    const open = { JACKFIELD_HOST: '0.0.0.0' };
    assert.deepEqual(refused(open, 'dev'), ['JACKFIELD_HOST']);
    assert.deepEqual(refused({ ...open, JACKFIELD_ALLOW_REMOTE: 'on' }, 'dev'), []);
    assert.deepEqual(refused(open, 'serve'), []);
    for (const host of ['localhost', '127.8.0.1', '::1']) {
      assert.deepEqual(refused({ JACKFIELD_HOST: host }, 'dev'), []);
    }
  });

  it('does not take a database that is to be kept for one that is not', () => {
    const ephemeral = { JACKFIELD_EPHEMERAL: 'on' };
    const database = { JACKFIELD_DATABASE_URL: 'sqlite:./a.db' };
    assert.deepEqual(refused({ ...ephemeral, ...database }, 'dev'), ['JACKFIELD_EPHEMERAL']);
    assert.deepEqual(refused(ephemeral, 'dev'), []);
    assert.deepEqual(refused(database, 'dev'), []);
    assert.deepEqual(refused({ ...ephemeral, ...database }, 'serve'), []);
  });

  it('gives the API and the metrics ports of their own', () => {
    const same = { JACKFIELD_PORT: '4000', JACKFIELD_METRICS_PORT: '4000' };
    assert.deepEqual(refused(same), ['JACKFIELD_METRICS_PORT']);
    assert.deepEqual(refused({ ...same, JACKFIELD_HOST: '0.0.0.0' }), ['JACKFIELD_METRICS_PORT']);
    assert.deepEqual(refused({ ...same, JACKFIELD_HOST: 'localhost' }), ['JACKFIELD_METRICS_PORT']);
    assert.deepEqual(refused({ ...same, JACKFIELD_METRICS_HOST: '10.0.0.1' }), []);
    assert.deepEqual(refused({ JACKFIELD_PORT: '0', JACKFIELD_METRICS_PORT: '0' }), []);
  });

  for (const url of ['sqlite://name.db', 'sqlite://localhost/name.db', 'sqlite::memory:', 'sqlite:']) {
    it(`takes no database such as ${url}, and says what to write`, () => {
      const wrong = () => parse({ JACKFIELD_DATABASE_URL: url });
      assert.throws(wrong, /sqlite:\.\/jackfield\.db or sqlite:\/\/\/var/);
    });
  }

  it('believes no address with a zone', () => {
    for (const proxies of ['fe80::1%eth0', '10.0.0.1,fe80::1%1/64']) {
      assert.deepEqual(refused({ JACKFIELD_TRUST_PROXY: proxies }), ['JACKFIELD_TRUST_PROXY']);
    }
  });

  it('keeps the bodies of deliveries by the mode, and deliveries for a month', () => {
    assert.deepEqual(
      [parse({}).webhooks.bodies, parseConfig('dev', {}).webhooks.bodies],
      ['private', 'keep'],
    );
    assert.equal(parse({}).webhooks.retentionDays, 30);
    const { webhooks } = parse({ JACKFIELD_DELIVERY_BODIES: 'DROP', JACKFIELD_DELIVERY_RETENTION_DAYS: '1' });
    assert.deepEqual([webhooks.bodies, webhooks.retentionDays], ['drop', 1]);
    assert.deepEqual(refused({ JACKFIELD_DELIVERY_BODIES: 'some' }), ['JACKFIELD_DELIVERY_BODIES']);
    assert.deepEqual(refused({ JACKFIELD_DELIVERY_RETENTION_DAYS: '0' }), [
      'JACKFIELD_DELIVERY_RETENTION_DAYS',
    ]);
  });

  it('reads what webhooks may call and who signs them', () => {
    const { egressAllow, signatureIssuer } = parse({}).webhooks;
    assert.deepEqual([egressAllow, signatureIssuer], [[], 'Vonage']);
    const { webhooks } = parse({
      JACKFIELD_EGRESS_ALLOW: '10.1.0.0/16, fd00::/8,192.0.2.1',
      JACKFIELD_SIGNATURE_ISSUER: 'Jackfield',
    });
    assert.deepEqual(webhooks.egressAllow, ['10.1.0.0/16', 'fd00::/8', '192.0.2.1']);
    assert.equal(webhooks.signatureIssuer, 'Jackfield');
    for (const list of [
      '10.0.0.0/33',
      '010.0.0.1',
      '10.1',
      'localhost',
      '::1%lo',
      '::1/129',
      '10.0.0.0/',
      ',',
    ]) {
      assert.deepEqual(refused({ JACKFIELD_EGRESS_ALLOW: list }), ['JACKFIELD_EGRESS_ALLOW'], list);
    }
    assert.deepEqual(refused({ JACKFIELD_SIGNATURE_ISSUER: 'a\nb' }), ['JACKFIELD_SIGNATURE_ISSUER']);
  });

  it('reads proxies and databases as they are written', () => {
    const { http, database } = parse({
      JACKFIELD_TRUST_PROXY: '10.0.0.0/8, ::1',
      JACKFIELD_DATABASE_URL: 'sqlite:///var/lib/a.db',
    });
    assert.deepEqual(http.trustProxy, ['10.0.0.0/8', '::1']);
    assert.deepEqual(database, { kind: 'sqlite', path: '/var/lib/a.db', ephemeral: false });
    const postgres = parse({
      JACKFIELD_DATABASE_URL: 'postgres://u:p@h:1/d',
      JACKFIELD_DATABASE_POOLER: 'on',
    });
    assert.deepEqual(postgres.database, {
      kind: 'postgres',
      url: 'postgres://u:p@h:1/d',
      poolSize: 10,
      pooled: true,
      directUrl: undefined,
      statementTimeoutMs: 5000,
    });
    assert.deepEqual(refused({ JACKFIELD_DATABASE_URL: 'postgres://h:port/d' }), ['JACKFIELD_DATABASE_URL']);
  });

  it('has a new master key only where one is given', () => {
    assert.equal(readNewMasterKey('--new-key-file', undefined, {}), undefined);
    const env = { JACKFIELD_NEW_MASTER_KEY: MASTER_KEY };
    assert.equal(readNewMasterKey('--new-key-file', undefined, env)?.toString('hex'), MASTER_KEY);
    assert.throws(
      () => readNewMasterKey('--new-key-file', '/nowhere/at/all', {}),
      /^ConfigError: --new-key-file/,
    );
  });
});
