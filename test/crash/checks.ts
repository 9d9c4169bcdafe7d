/** What has to hold of a database whatever happened to the servers on it. */

import assert from 'node:assert/strict';
import { readAudit, verifyAudit } from '../../src/registry/audit.ts';
import type { Database } from '../../src/storage/database.ts';
import { open } from '../cli/databases.ts';
import type { Store } from './store.ts';

/** Asserts one thing of a database that nobody writes to. */
type Check = (store: Store) => Promise<void>;

/** Counters and positions of accounts that are not what their applications say. */
const WRONG_ACCOUNTS = `
  select api_key, application_count, last_position, live, newest from accounts
  left join (
    select account, count(*) as live, max(position) as newest from applications group by account
  ) as counted on account = api_key
  where application_count <> coalesce(live, 0) or last_position < coalesce(newest, 0)`;

/** Blocks whose count is not that of the applications in them, at any level. */
const WRONG_BLOCKS = `
  select account, level, block, sum(live) as too_few from (
    select account, level, block, -live as live from application_blocks
    union all
    select account, levels.level, position >> (6 * levels.level), 1 from applications,
      (select 1 as level union all select 2 union all select 3) as levels
  ) as counted
  group by account, level, block having sum(live) <> 0`;

/** Counts beneath nothing, which a wrong count of the other sign could hide. */
const NEGATIVE_BLOCKS = 'select account, level, block, live from application_blocks where live < 0';

const assertCounts: Check = async ({ query }) => {
  for (const text of [WRONG_ACCOUNTS, WRONG_BLOCKS, NEGATIVE_BLOCKS]) assert.deepEqual(await query(text), []);
};

/** What the audit says there is of an account: each application with the number of its writes. */
async function replayAudit(database: Database, account: string): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  const everything = { since: 0, limit: Number.MAX_SAFE_INTEGER };
  for await (const { entry } of readAudit(database, account, everything)) {
    const id = String(entry['subject']);
    const action = String(entry['action']);
    if (action === 'application.deleted') assert.ok(versions.delete(id), `${id} was there to be deleted`);
    else if (/^application\.|^key\.rotated$/.test(action)) versions.set(id, (versions.get(id) ?? 0) + 1);
  }
  return versions;
}

/** The audit is one chain for each account, and tells of each write that there was, and of no other. */
const assertAudited: Check = async ({ url, query }) => {
  await using database = await open(url);
  const rows = await query('select account, id, version from applications');
  for await (const { account, brokenAt } of verifyAudit(database, undefined)) {
    assert.equal(brokenAt, undefined, `the audit of ${account}`);
    const stored = rows.filter((row) => row['account'] === account);
    assert.deepEqual(
      await replayAudit(database, account),
      new Map(stored.map(({ id, version }) => [String(id), Number(version)])),
    );
  }
};

const CHECKS: readonly Check[] = [assertCounts, assertAudited];

/** Asserts all of it. */
export async function assertSound(store: Store): Promise<void> {
  for (const check of CHECKS) await check(store);
}
