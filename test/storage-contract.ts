/**
 * What every database must do, whichever it is.
 *
 * A test file of a database calls `describeStorage` with the way to make one; nothing here knows which it is.
 */

import { describe } from 'node:test';
import { describeAccounts } from './storage-contract/accounts.ts';
import { describeApplications } from './storage-contract/applications.ts';
import { describeAudit } from './storage-contract/audit.ts';
import { describeDeliveries } from './storage-contract/deliveries.ts';
import { describeIdempotency } from './storage-contract/idempotency.ts';
import { describeRetiredKeys } from './storage-contract/retired-keys.ts';
import { describeSecrets } from './storage-contract/secrets.ts';
import { describeUnits } from './storage-contract/units.ts';
import { describeVersions } from './storage-contract/versions.ts';
import type { PrepareStorage } from './storage-contract/world.ts';

/** Declares the tests of a database; `prepare` makes one that is empty and nobody else's. */
export function describeStorage(name: string, prepare: PrepareStorage): void {
  describe(name, () => {
    describeUnits(prepare);
    describeApplications(prepare);
    describeAccounts(prepare);
    describeSecrets(prepare);
    describeIdempotency(prepare);
    describeRetiredKeys(prepare);
    describeDeliveries(prepare);
    describeVersions(prepare);
    describeAudit(prepare);
  });
}
