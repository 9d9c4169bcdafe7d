/** Taking applications from elsewhere into an account, with the ids they have there. */

import type { Clock } from '../clock.ts';
import type { Application } from '../domain/application.ts';
import { findIdFault } from '../domain/application-id.ts';
import { type Fault, JackfieldError } from '../errors.ts';
import { lockAccount } from '../storage/accounts.ts';
import {
  findApplication,
  insertApplication,
  type StoredApplication,
  updateApplication,
} from '../storage/applications.ts';
import type { Database, Write } from '../storage/database.ts';
import { forgetGone } from '../storage/gone-addresses.ts';
import { accountNotFound } from './accounts.ts';
import { type Actor, type Change, recordChange, SERVER } from './audit.ts';

/** An application as it came, not yet looked at; `place` names where it came from, such as a line. */
export interface ImportItem {
  readonly place: string;
  readonly text: string;
}

/** What becomes of an application whose id is there already. */
export type OnConflict = 'error' | 'skip' | 'replace';

/** What the use case works with. */
export interface ImportOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly account: string;
  readonly onConflict: OnConflict;
  /** Who imports them, for the audit. */
  readonly by?: Actor;
  /** Called with how many items have been dealt with. */
  onProgress?(done: number): void;
}

/** How many applications met which fate. */
export interface ImportOutcome {
  created: number;
  replaced: number;
  skipped: number;
}

/** Items that are written together; the writer groups their units into a few commits. */
const BATCH = 100;

/** An application that others change at the same moment is looked at anew this often. */
const MAX_RACES = 16;

/**
 * Imports applications in their order. Each is checked as the body of a POST would be; when there is a fault, its batch
 * is left out whole, and what came before stays.
 *
 * @throws `import_invalid` with all faults of a batch; `application_exists`, `account_not_found`, `storage_unavailable`.
 */
export async function importApplications(
  options: ImportOptions,
  items: AsyncIterable<ImportItem>,
): Promise<ImportOutcome> {
  const outcome: ImportOutcome = { created: 0, replaced: 0, skipped: 0 };
  let batch: ImportItem[] = [];
  let done = 0;
  const flush = async () => {
    await importBatch(options, batch, outcome);
    done += batch.length;
    batch = [];
    options.onProgress?.(done);
  };
  for await (const item of items) {
    batch.push(item);
    if (batch.length === BATCH) await flush();
  }
  if (batch.length > 0) await flush();
  return outcome;
}

async function importBatch(
  options: ImportOptions,
  batch: readonly ImportItem[],
  outcome: ImportOutcome,
): Promise<void> {
  const applications = await parseItems(batch);
  // From a file or another server, not from a request.
  options.database.refresh();
  const results = await Promise.allSettled(
    applications.map((application) => importApplication(options, application)),
  );
  for (const result of results) {
    if (result.status === 'fulfilled') outcome[result.value] += 1;
  }
  const failure = results.find((result) => result.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}

/** @throws `import_invalid` with the faults of all items. */
async function parseItems(batch: readonly ImportItem[]): Promise<Application[]> {
  const { parseApplicationBody } = await import('../domain/application.ts');
  const faults: Fault[] = [];
  const applications = batch.flatMap((item) => {
    try {
      return [parseItem(item, parseApplicationBody)];
    } catch (error) {
      if (!(error instanceof JackfieldError)) throw error;
      faults.push(...error.faults.map(({ name, reason }) => ({ name: `${item.place}: ${name}`, reason })));
      return [];
    }
  });
  if (faults.length === 0) return applications;
  throw new JackfieldError('import_invalid', 'Something of what is to be imported is not as it must be', {
    faults,
  });
}

function parseItem(
  { text }: ImportItem,
  parse: typeof import('../domain/application.ts').parseApplicationBody,
): Application {
  const value = parseJson(text);
  const id: unknown = Object(value)['id'];
  const draft = parse(value, { text });
  const reason = findIdFault(id);
  if (reason !== undefined) throw invalid('id', reason);
  // A new pair would have a private key that nobody ever sees.
  if (draft.publicKey === undefined) throw invalid('keys.public_key', 'is required');
  return {
    id: String(id),
    name: draft.name,
    publicKey: draft.publicKey,
    improveAi: draft.improveAi ?? true,
    capabilities: draft.capabilities,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('body', 'must be valid JSON');
  }
}

function invalid(name: string, reason: string): JackfieldError {
  return new JackfieldError('import_invalid', reason, { faults: [{ name, reason }] });
}

/** The one way in which an application comes in with an id of its own. */
async function importApplication(
  options: ImportOptions,
  application: Application,
): Promise<keyof ImportOutcome> {
  const { database, account, onConflict } = options;
  const { writeDocument } = await import('../domain/application.ts');
  const { id } = application;
  const document = writeDocument(application);
  for (let race = 0; race < MAX_RACES; race += 1) {
    const stored = await findApplication(database, { account, id });
    if (stored !== undefined && onConflict === 'error') {
      throw new JackfieldError('application_exists', `There is an application ${JSON.stringify(id)} already`);
    }
    if (stored !== undefined && (onConflict === 'skip' || stored.document === document)) return 'skipped';
    const result = await database.write(await composeUnit(options, application, stored));
    if (result.ok) return stored === undefined ? 'created' : 'replaced';
    if (result.failed === 0) throw accountNotFound(account);
    // Somebody else was at it: what is there now is no longer what was seen.
    database.refresh();
  }
  throw new JackfieldError('storage_unavailable', `Others keep changing the application ${id}`);
}

/** The unit that adds an application or takes the place of the one stored; it fails at 0 when the account is gone. */
async function composeUnit(
  { account, clock, by = SERVER }: ImportOptions,
  application: Application,
  stored: StoredApplication | undefined,
): Promise<Write[]> {
  const { readDocument, writeDocument } = await import('../domain/application.ts');
  const { describeCreation, describeUpdate } = await import('../domain/application-changes.ts');
  const { id } = application;
  const key = { account, id };
  const now = clock.now();
  const document = writeDocument(application);
  const record = (action: Change['action'], details: object) =>
    recordChange(account, now, by, { action, subject: id, details: { ...details, imported: true } });
  if (stored === undefined) {
    const details = describeCreation(application, false);
    return [...insertApplication(key, document, now), record('application.created', details)];
  }
  const details = describeUpdate(readDocument(stored.document), application);
  return [
    lockAccount(account),
    ...updateApplication(key, stored, document, now),
    forgetGone(account, id),
    record('application.updated', details),
  ];
}
