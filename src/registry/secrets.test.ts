import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { openFolder } from '../../test/folder.ts';
import { systemClock, systemIds } from '../clock.ts';
import { isApiSecret } from '../domain/account.ts';
import { openSqlite } from '../storage/sqlite.ts';
import { createAccount, removeAccount } from './accounts.ts';
import { assertMasterKey } from './seal.ts';
import {
  createSecret,
  isSecretOf,
  listSecrets,
  readSignatureSecrets,
  revokeSecret,
  revokeSignatureSecret,
  rotateMasterKey,
  rotateSignatureSecret,
} from './secrets.ts';

const KEY = randomBytes(32);
const API_KEY = 'aaaa1111';

/** A database with one account. */
async function openRegistry() {
  const folder = await openFolder();
  const database = await openSqlite({ path: folder.file('test.db'), writer: 'inline' });
  const options = { database, clock: systemClock, ids: systemIds };
  await assertMasterKey(database, KEY);
  const account = await createAccount(options, KEY, { apiKey: API_KEY });
  const close = async () => {
    await database.close();
    await folder[Symbol.asyncDispose]();
  };
  return { options, account, [Symbol.asyncDispose]: close };
}

describe('API secrets', () => {
  it('are two at the most', async () => {
    await using registry = await openRegistry();
    const { options } = registry;
    const { id, secret } = await createSecret(options, API_KEY);
    assert.ok(isApiSecret(secret));
    await assert.rejects(createSecret(options, API_KEY), { code: 'too_many_secrets' });
    await revokeSecret(options, API_KEY, id);
    assert.equal((await createSecret(options, API_KEY, 'Chosen01')).secret, 'Chosen01');
  });

  it('are refused when they are weak, without being repeated', async () => {
    await using registry = await openRegistry();
    for (const weak of ['Sh0rt', 'alllowercase1', 'ALLUPPERCASE1', 'NoDigitsHere', `Aa1${'x'.repeat(23)}`]) {
      await assert.rejects(
        createSecret(registry.options, API_KEY, weak),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'secret_invalid');
          return !JSON.stringify({ ...error, message: error.message }).includes(weak);
        },
      );
    }
  });

  it('may all be revoked, also the last', async () => {
    await using registry = await openRegistry();
    const { options } = registry;
    const [only] = await listSecrets(options, 'api', API_KEY);
    await revokeSecret(options, API_KEY, only?.id ?? '');
    assert.deepEqual(await listSecrets(options, 'api', API_KEY), []);
    await assert.rejects(revokeSecret(options, API_KEY, only?.id ?? ''), { code: 'secret_not_found' });
  });

  it('are told from others', async () => {
    await using registry = await openRegistry();
    const { options, account } = registry;
    assert.equal(await isSecretOf(options, API_KEY, account.apiSecret), true);
    assert.equal(await isSecretOf(options, API_KEY, 'Another0Secret'), false);
    await createSecret(options, API_KEY, 'Another0Secret');
    assert.equal(await isSecretOf(options, API_KEY, 'Another0Secret'), true);
    await assert.rejects(isSecretOf(options, 'bbbb2222', 'x'), { code: 'account_not_found' });
  });

  it('are nobody’s where there is no account', async () => {
    await using registry = await openRegistry();
    const { options } = registry;
    const missing = { code: 'account_not_found' };
    await assert.rejects(createSecret(options, 'bbbb2222'), missing);
    await assert.rejects(listSecrets(options, 'api', 'bbbb2222'), missing);
    await assert.rejects(revokeSecret(options, 'bbbb2222', 'x'), missing);
    await assert.rejects(rotateSignatureSecret(options, KEY, 'bbbb2222'), missing);
    await assert.rejects(readSignatureSecrets(options, KEY, 'bbbb2222'), missing);
  });
});

describe('signature secrets', () => {
  it('can be read again, oldest first, and overlap', async () => {
    await using registry = await openRegistry();
    const { options, account } = registry;
    const next = await rotateSignatureSecret(options, KEY, API_KEY);
    const read = async () => (await readSignatureSecrets(options, KEY, API_KEY)).map(({ secret }) => secret);
    assert.deepEqual(await read(), [account.signatureSecret, next.secret]);
    await assert.rejects(rotateSignatureSecret(options, KEY, API_KEY), { code: 'too_many_secrets' });
    const [old] = await listSecrets(options, 'signature', API_KEY);
    await revokeSignatureSecret(options, API_KEY, old?.id ?? '');
    assert.deepEqual(await read(), [next.secret]);
    await assert.rejects(revokeSignatureSecret(options, API_KEY, next.id), { code: 'secret_last' });
  });

  it('are refused under 32 bytes', async () => {
    await using registry = await openRegistry();
    const { options } = registry;
    await assert.rejects(rotateSignatureSecret(options, KEY, API_KEY, 'x'.repeat(31)), {
      code: 'secret_invalid',
    });
    await rotateSignatureSecret(options, KEY, API_KEY, 'x'.repeat(32));
  });

  it('open with the new master key after it was changed, and with no other', async () => {
    await using registry = await openRegistry();
    const { options, account } = registry;
    const next = randomBytes(32);
    assert.equal(await rotateMasterKey(options, KEY, next), 1);
    const [secret] = await readSignatureSecrets(options, next, API_KEY);
    assert.equal(secret?.secret, account.signatureSecret);
    await assert.rejects(readSignatureSecrets(options, KEY, API_KEY), { code: 'master_key_wrong' });
    await assert.rejects(assertMasterKey(options.database, KEY), { code: 'master_key_wrong' });
    await assert.rejects(rotateMasterKey(options, KEY, next), { code: 'master_key_wrong' });
  });

  it('all open with one master key, whatever is made while it is changed', async () => {
    await using registry = await openRegistry();
    const { options } = registry;
    const next = randomBytes(32);
    // Its secrets are sealed after a slow hash, during which the key changes.
    const creating = createAccount(options, KEY, { apiKey: 'bbbb2222' });
    const rotated = rotateMasterKey(options, KEY, next);
    await assert.rejects(creating, { code: 'master_key_wrong' });
    assert.equal(await rotated, 1);
    let current = next;
    for (let round = 0; round < 6; round += 1) {
      const to = randomBytes(32);
      const changes = [
        () => rotateMasterKey(options, current, to),
        () => rotateSignatureSecret(options, current, API_KEY),
      ];
      if (round % 2 === 1) changes.reverse();
      const outcomes = await Promise.allSettled(changes.map((change) => change()));
      if (outcomes[round % 2]?.status === 'fulfilled') current = to;
      const secrets = await readSignatureSecrets(options, current, API_KEY);
      for (const { id } of secrets.slice(1)) await revokeSignatureSecret(options, API_KEY, id);
    }
  });

  it('change their master key once when two do it at a time', async () => {
    await using registry = await openRegistry();
    const { options } = registry;
    const keys = [randomBytes(32), randomBytes(32)] as const;
    const outcomes = await Promise.allSettled(keys.map((key) => rotateMasterKey(options, KEY, key)));
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    const current = outcomes[0]?.status === 'fulfilled' ? keys[0] : keys[1];
    assert.equal((await readSignatureSecrets(options, current, API_KEY)).length, 1);
  });

  it('keep one when both are revoked at a time', async () => {
    await using registry = await openRegistry();
    const { options } = registry;
    await rotateSignatureSecret(options, KEY, API_KEY);
    const both = await listSecrets(options, 'signature', API_KEY);
    const outcomes = await Promise.allSettled(
      both.map(({ id }) => revokeSignatureSecret(options, API_KEY, id)),
    );
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'revoked')),
      ['revoked', 'secret_last'],
    );
    assert.equal((await listSecrets(options, 'signature', API_KEY)).length, 1);
    await assert.rejects(revokeSignatureSecret(options, API_KEY, 'x'), { code: 'secret_not_found' });
  });

  it('do not move to a new master key under a wrong old one, also when there are none', async () => {
    await using registry = await openRegistry();
    const { options } = registry;
    const wrong = { code: 'master_key_wrong' };
    await assert.rejects(rotateMasterKey(options, randomBytes(32), randomBytes(32)), wrong);
    await assertMasterKey(options.database, KEY);
    await removeAccount(options, API_KEY, true);
    await assert.rejects(rotateMasterKey(options, randomBytes(32), randomBytes(32)), wrong);
    await assertMasterKey(options.database, KEY);
  });
});
