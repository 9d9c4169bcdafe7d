/** A child that opens databases and works on them like a command of the CLI: no server, writer inline. */

import { systemClock, systemIds } from '../../src/clock.ts';
import { parseStoreConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/context.ts';
import { createAccount, enableAccount, removeAccount } from '../../src/registry/accounts.ts';
import { Applications } from '../../src/registry/applications.ts';
import { KeyPool } from '../../src/registry/key-pool.ts';
import { createSecret, revokeSecret } from '../../src/registry/secrets.ts';
import { insertAccount } from '../../src/storage/accounts.ts';
import { deleteApplication, insertApplication } from '../../src/storage/applications.ts';
import type { Database } from '../../src/storage/database.ts';
import { answerCalls, tell } from './calls.ts';

let database: Database | undefined;

/** The database that was opened last, and what the use cases need besides. */
function opened() {
  if (database === undefined) throw new Error('nothing is open');
  return { database, clock: systemClock, ids: systemIds };
}

function applications(): Applications {
  const keys = new KeyPool({ bits: 2048, poolSize: 0, maxWaiting: 1 });
  return new Applications({ ...opened(), keys });
}

const LENIENCY = { raiseSocketTimeout: false, digitStringTimeouts: false };

/** Creates application after application, and tells the parent of each that was answered. */
async function createWithoutEnd({ account, prefix }: { account: string; prefix: string }): Promise<void> {
  for (let number = 0; ; number += 1) {
    const id = `${prefix}-${number}`;
    const { ok } = await opened().database.write(insertApplication({ account, id }, JSON.stringify(id), 1));
    if (ok) tell({ created: id });
  }
}

answerCalls({
  open: async ({ url, writer = 'inline' }: { url: string; writer?: 'thread' | 'inline' }) => {
    const config = parseStoreConfig('serve', { databaseUrl: { by: 'url', text: url } });
    database = await openDatabase(config.database, writer);
  },
  close: () => opened().database.close(),
  addAccount: (key: string) =>
    opened().database.write([insertAccount({ key, name: '', salt: Buffer.of(1), now: 1 })]),

  createAccount: ({ masterKey, ...given }: { masterKey: string; apiKey: string; apiSecret?: string }) =>
    createAccount(opened(), Buffer.from(masterKey, 'hex'), given),
  enableAccount: ({ apiKey, enabled }: { apiKey: string; enabled: boolean }) =>
    enableAccount(opened(), apiKey, enabled),
  removeAccount: (apiKey: string) => removeAccount(opened(), apiKey, true),
  createSecret: ({ apiKey, secret }: { apiKey: string; secret?: string }) =>
    createSecret(opened(), apiKey, secret),
  revokeSecret: ({ apiKey, id }: { apiKey: string; id: string }) => revokeSecret(opened(), apiKey, id),
  createWithoutEnd: ({
    account,
    prefix,
    parallel,
  }: {
    account: string;
    prefix: string;
    parallel: number;
  }) => {
    for (let line = 0; line < parallel; line += 1) {
      void createWithoutEnd({ account, prefix: `${prefix}-${line}` });
    }
  },

  createApplication: ({ account, body }: { account: string; body: unknown }) =>
    applications().create(account, { value: body, text: JSON.stringify(body) }, LENIENCY),
  updateApplication: ({ account, id, body }: { account: string; id: string; body: unknown }) =>
    applications().update(account, id, { value: body, text: JSON.stringify(body) }, LENIENCY),
  deleteApplication: (key: { account: string; id: string }) =>
    opened().database.write(deleteApplication(key)),
});
