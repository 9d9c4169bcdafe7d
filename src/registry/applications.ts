/** The use cases of applications: create, find, list, update, remove, each within one account. */

import type { Clock, Ids } from '../clock.ts';
import type { Application, ApplicationDraft } from '../domain/application.ts';
import type { Leniency } from '../domain/leniency.ts';
import { JackfieldError } from '../errors.ts';
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
import type { KeyPool } from './key-pool.ts';
import { judgeReplacement } from './retired-key.ts';

/** What the use cases work with. */
export interface ApplicationsOptions {
  readonly database: Database;
  readonly keys: KeyPool;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** A body as it was sent: the value, undefined when there was none, and the text it was parsed from. */
export interface SentBody {
  readonly value: unknown;
  readonly text: string;
}

/** A new application; the private key is there when the server made the pair, and nowhere else ever. */
export interface CreatedApplication {
  readonly id: string;
  readonly document: string;
  readonly privateKey: string | undefined;
}

/** An application after an update; whether it kept its key because the one sent had been retired by a rotation. */
export interface UpdatedApplication {
  readonly document: string;
  readonly keptKey: boolean;
}

/** What a change may be asked for besides. */
export interface ChangeOptions {
  /** Looks at the document that is about to be changed, and throws when the change was not meant for it. */
  readonly demand?: ((document: string) => void) | undefined;
}

/** A change that loses this many races in a row is told to come back. */
const MAX_RACES = 16;

/** The applications of all accounts; a document is the JSON of a list's item. */
export class Applications {
  readonly #options: ApplicationsOptions;
  #rules: Promise<typeof import('../domain/application.ts')> | undefined;

  constructor(options: ApplicationsOptions) {
    this.#options = options;
  }

  /** Differs once anything was written; documents found before may be stale then. */
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
   * @throws `payload_invalid`, `overloaded`, `storage_unavailable`, `unauthorized` when the account has just gone.
   */
  async create(account: string, body: SentBody, leniency: Leniency): Promise<CreatedApplication> {
    const { database, keys, clock, ids } = this.#options;
    const { parseApplicationBody, writeDocument } = await this.#loadRules();
    const draft = parseApplicationBody(body.value, { leniency, text: body.text });
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
    const { ok } = await database.write(insertApplication({ account, id }, document, clock.now()));
    if (!ok) throw new JackfieldError('unauthorized', 'You did not provide correct credentials.');
    return { id, document, privateKey: pair?.privateKey };
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
    { demand }: ChangeOptions = {},
  ): Promise<UpdatedApplication> {
    const { database, clock } = this.#options;
    const { parseApplicationBody, readDocument, writeDocument } = await this.#loadRules();
    for (let race = 0; race < MAX_RACES; race += 1) {
      const stored = await findApplication(database, { account, id });
      const current = stored && readDocument(stored.document);
      const draft = parseApplicationBody(body.value, {
        stored: current?.capabilities,
        leniency,
        text: body.text,
      });
      if (stored === undefined || current === undefined) throw notFound(id);
      demand?.(stored.document);
      const now = clock.now();
      const { isRetired, writes } = await judgeReplacement(
        database,
        { account, id },
        { current, draft, now },
      );
      const kept = isRetired ? { ...draft, publicKey: undefined } : draft;
      const updated = { document: writeDocument(replace(current, kept)), keptKey: isRetired };
      if (updated.document === stored.document) return updated;
      const unit = updateApplication({ account, id }, updated.document, stored.version, now);
      const demandedUnit = demanded(demand, { account, id }, stored, [...unit, ...writes]);
      if ((await database.write(demandedUnit)).ok) return updated;
    }
    throw tooManyRaces();
  }

  /** @throws `application_not_found`, `overloaded`, `storage_unavailable`, what the demand throws. */
  async remove(account: string, id: string, { demand }: ChangeOptions = {}): Promise<void> {
    const { database } = this.#options;
    const unit = deleteApplication({ account, id });
    if (demand === undefined) {
      if (!(await database.write(unit)).ok) throw notFound(id);
      return;
    }
    for (let race = 0; race < MAX_RACES; race += 1) {
      const stored = await findApplication(database, { account, id });
      if (stored === undefined) throw notFound(id);
      demand(stored.document);
      if ((await database.write(demanded(demand, { account, id }, stored, unit))).ok) return;
    }
    throw tooManyRaces();
  }

  /** The schemas and their validator come with the first write: start and reads do without (100 ms, 15 MB). */
  #loadRules(): Promise<typeof import('../domain/application.ts')> {
    this.#rules ??= import('../domain/application.ts');
    return this.#rules;
  }
}

/** The error for an id the account does not have, whether another one has it or nobody (W55). */
export function notFound(id: string): JackfieldError {
  return new JackfieldError('application_not_found', `ID '${id}' does not exist, or you do not have access`);
}

/** A unit that holds only while the application is as the demand has seen it: no write comes in between. */
function demanded(
  demand: ChangeOptions['demand'],
  key: Key,
  stored: StoredApplication,
  unit: readonly Write[],
): readonly Write[] {
  return demand === undefined ? unit : [...requireUnchanged(key, stored), ...unit];
}

function tooManyRaces(): JackfieldError {
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
