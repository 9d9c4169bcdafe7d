/** The use cases of applications: create, find, list, update, remove, each within one account. */

import type { Clock, Ids } from '../clock.ts';
import type { Application, ApplicationDraft } from '../domain/application.ts';
import type { Leniency } from '../domain/leniency.ts';
import { JackfieldError } from '../errors.ts';
import { onFirstUse } from '../first-use.ts';
import { lockAccount } from '../storage/accounts.ts';
import {
  deleteApplication,
  findApplication,
  findApplicationPage,
  insertApplication,
  requireUnchanged,
  type StoredApplication,
  type StoredPage,
  updateApplication,
} from '../storage/applications.ts';
import { chain, type Database, type Key, type MaybePromise, type Write } from '../storage/database.ts';
import { abandonDeliveries } from '../storage/delivery-retention.ts';
import { forgetGone, hasGone } from '../storage/gone-addresses.ts';
import { type Actor, recordChange, SERVER } from './audit.ts';
import { Idempotency } from './idempotency.ts';
import type { KeyPool } from './key-pool.ts';
import { judgeReplacement } from './retired-key.ts';

/** What the use cases work with. */
export interface ApplicationsOptions {
  readonly database: Database;
  readonly keys: KeyPool;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Seals a private key for repeats of its create; without it none is kept. */
  readonly masterKey?: Buffer | undefined;
}

/** A body as it was sent: the value, undefined when there was none, and the text it was parsed from. */
export interface SentBody {
  readonly value: unknown;
  readonly text: string;
}

/** A new application; the private key is there when the server made the pair, and nowhere else in the clear. */
export interface CreatedApplication {
  readonly id: string;
  readonly document: string;
  readonly privateKey: string | undefined;
  /** It was made before, and is answered again. */
  readonly replayed: boolean;
}

/** An application after an update; whether it kept its key because the one sent had been retired by a rotation. */
export interface UpdatedApplication {
  readonly document: string;
  readonly keptKey: boolean;
}

/** What is known of a create besides what it makes. */
export interface CreateOptions {
  /** Who makes it; the server itself where nobody is named. */
  readonly by?: Actor;
  /** A name of this create, made up by the client: a repeat makes nothing. */
  readonly idempotencyKey?: string | undefined;
}

/** What is known of a change besides what it is. */
export interface ChangeOptions {
  /** Who makes it; the server itself where nobody is named. */
  readonly by?: Actor;
  /** Looks at the document that is about to be changed, and throws when the change was not meant for it. */
  readonly demand?: ((document: string) => void) | undefined;
}

/** A change that loses this many races in a row is told to come back. */
const MAX_RACES = 16;

/** The applications of all accounts; a document is the JSON of a list's item. */
export class Applications {
  readonly #options: ApplicationsOptions;
  readonly #idempotency: Idempotency;
  /** The schemas and their validator come with the first write: start and reads do without (100 ms, 15 MB). */
  readonly #loadRules = onFirstUse(loadRules);

  constructor(options: ApplicationsOptions) {
    this.#options = options;
    const { database, clock, masterKey } = options;
    this.#idempotency = new Idempotency({ database, clock, masterKey });
  }

  /** Differs once anything but deliveries was written; documents found before may be stale then. */
  version(): number {
    return this.#options.database.version();
  }

  find(account: string, id: string): MaybePromise<string | undefined> {
    return chain(findApplication(this.#options.database, { account, id }), (found) => found?.document);
  }

  /** @param page counted from 1. */
  list(account: string, page: number, pageSize: number): MaybePromise<StoredPage> {
    return findApplicationPage(this.#options.database, {
      account,
      limit: pageSize,
      offset: (page - 1) * pageSize,
    });
  }

  /**
   * Creates an application; it is on disk when this resolves.
   *
   * @throws `payload_invalid`, `overloaded`, `storage_unavailable`, `unauthorized` when the account has just gone,
   *   `idempotency_conflict`, `idempotency_mismatch`.
   */
  async create(
    account: string,
    body: SentBody,
    leniency: Leniency,
    { by = SERVER, idempotencyKey: key }: CreateOptions = {},
  ): Promise<CreatedApplication> {
    const { parseApplicationBody } = await this.#loadRules();
    const draft = parseApplicationBody(body.value, { leniency, text: body.text });
    const created =
      key === undefined
        ? await this.#insert(account, draft, by)
        : await this.#idempotency.answer({ account, key, text: body.text }, (remember) =>
            this.#insert(account, draft, by, remember),
          );
    if (created === undefined)
      throw new JackfieldError('unauthorized', 'You did not provide correct credentials.');
    return created;
  }

  /**
   * Makes the application of a draft.
   *
   * @param remember what else belongs into its unit.
   * @returns undefined when the unit did not hold: the account has gone, or what else belongs into it.
   */
  async #insert(
    account: string,
    draft: ApplicationDraft,
    by: Actor,
    remember?: (created: CreatedApplication) => Write[],
  ): Promise<CreatedApplication | undefined> {
    const { database, keys, clock, ids } = this.#options;
    const { describeCreation, writeDocument } = await this.#loadRules();
    const pair = draft.publicKey === undefined ? await keys.take() : undefined;
    const application: Application = {
      id: ids.uuid(),
      name: draft.name,
      publicKey: draft.publicKey ?? pair?.publicKey ?? '',
      improveAi: draft.improveAi ?? true,
      capabilities: draft.capabilities,
    };
    const document = writeDocument(application);
    const { id } = application;
    const now = clock.now();
    const created = { id, document, privateKey: pair?.privateKey, replayed: false };
    const details = describeCreation(application, pair !== undefined);
    const unit = insertApplication({ account, id }, document, now);
    if (remember !== undefined) unit.push(...remember(created));
    unit.push(recordChange(account, now, by, { action: 'application.created', subject: id, details }));
    return (await database.write(unit)).ok ? created : undefined;
  }

  /**
   * Replaces an application (W06); a key that was retired by a rotation does not come back (W10).
   *
   * @throws `payload_invalid`, `application_not_found`, `overloaded`, `storage_unavailable`, what the demand throws.
   */
  async update(
    account: string,
    id: string,
    body: SentBody,
    leniency: Leniency,
    options: ChangeOptions = {},
  ): Promise<UpdatedApplication> {
    const { database } = this.#options;
    const { parseApplicationBody, readDocument } = await this.#loadRules();
    const key = { account, id };
    for (let race = 0; race < MAX_RACES; race += 1) {
      const stored = await findApplication(database, key);
      const current = stored && readDocument(stored.document);
      const draft = parseApplicationBody(body.value, {
        stored: current?.capabilities,
        leniency,
        text: body.text,
      });
      if (stored === undefined || current === undefined) throw notFound(id);
      options.demand?.(stored.document);
      const updated = await this.#replace(key, { ...stored, current }, draft, options.by ?? SERVER);
      if (updated !== undefined) return updated;
    }
    throw tooManyRaces();
  }

  /** @returns undefined when somebody else was faster. */
  async #replace(
    key: Key,
    stored: StoredApplication & { readonly current: Application },
    draft: ApplicationDraft,
    by: Actor,
  ): Promise<UpdatedApplication | undefined> {
    const { database, clock } = this.#options;
    const { describeUpdate, writeDocument } = await this.#loadRules();
    const { current } = stored;
    const { account, id } = key;
    const now = clock.now();
    const { isRetired, writes } = await judgeReplacement(database, key, { current, draft, now });
    const next = replace(current, isRetired ? { ...draft, publicKey: undefined } : draft);
    const updated = { document: writeDocument(next), keptKey: isRetired };
    const isSame = updated.document === stored.document;
    // What is gone of it is called again, also when it is written as it was (D30).
    if (isSame && !(await hasGone(database, account, id))) return updated;
    const details = describeUpdate(current, next);
    const unit = [
      lockAccount(account),
      ...updateApplication(key, stored, updated.document, now),
      ...writes,
      forgetGone(account, id),
      recordChange(account, now, by, { action: 'application.updated', subject: id, details }),
    ];
    return (await database.write(unit)).ok ? updated : undefined;
  }

  /** @throws `application_not_found`, `overloaded`, `storage_unavailable`, what the demand throws. */
  async remove(account: string, id: string, { by = SERVER, demand }: ChangeOptions = {}): Promise<void> {
    const { database, clock } = this.#options;
    const key = { account, id };
    const now = clock.now();
    const unit = [
      ...deleteApplication(key),
      ...abandonDeliveries(account, id, now),
      recordChange(account, now, by, { action: 'application.deleted', subject: id }),
    ];
    if (demand === undefined) {
      if (!(await database.write(unit)).ok) throw notFound(id);
      return;
    }
    for (let race = 0; race < MAX_RACES; race += 1) {
      const stored = await findApplication(database, key);
      if (stored === undefined) throw notFound(id);
      demand(stored.document);
      if ((await database.write([...requireUnchanged(key, stored), ...unit])).ok) return;
    }
    throw tooManyRaces();
  }
}

async function loadRules() {
  const [application, changes] = await Promise.all([
    import('../domain/application.ts'),
    import('../domain/application-changes.ts'),
  ]);
  return { ...application, ...changes };
}

/** The error for an id the account does not have, whether another one has it or nobody (W55). */
export function notFound(id: string): JackfieldError {
  return new JackfieldError('application_not_found', `ID '${id}' does not exist, or you do not have access`);
}

/** The error of a change that has lost too many races. */
export function tooManyRaces(): JackfieldError {
  return new JackfieldError('overloaded', 'Too many updates of one application at a time', { retryAfter: 1 });
}

function replace(current: Application, draft: ApplicationDraft): Application {
  return {
    id: current.id,
    name: draft.name,
    publicKey: draft.publicKey ?? current.publicKey,
    improveAi: draft.improveAi ?? current.improveAi,
    capabilities: draft.capabilities,
  };
}

export type { StoredPage };
