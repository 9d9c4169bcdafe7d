/** Who is asking: Basic credentials, checked slowly once and remembered under a keyed hash. */

import { hash, randomBytes } from 'node:crypto';
import { JackfieldError } from '../errors.ts';
import { findAccount } from '../storage/accounts.ts';
import type { Database } from '../storage/database.ts';
import { findSecrets, isSecretValid } from '../storage/secrets.ts';
import { FailureLimit } from './failure-limit.ts';
import { HashQueue } from './hash-queue.ts';
import { createSalt, hashSecret, matchesHash } from './secret-hash.ts';

/** The API key and the secret that a request names. */
export interface NamedCredentials {
  readonly apiKey: string;
  readonly secret: string;
}

interface Remembered {
  readonly apiKey: string;
  readonly secretId: string;
  /** The revision of all credentials at which this one was last known to be right. */
  revision: number;
}

/** The credentials a connection was last used with. */
export class Recollection {
  header = '';
  entry: Remembered | undefined;
}

/** Verified credentials kept in memory, at most; the oldest is then checked anew. */
const MAX_REMEMBERED = 50_000;

/** Where the credentials are, and how many wrong ones a minute are taken for each key and address (0: any number). */
export interface CredentialsOptions {
  readonly database: Database;
  readonly failuresPerMinute: number;
}

/** The check of credentials. */
export class Credentials {
  readonly #database: Database;
  readonly #pepper = randomBytes(32).toString('base64');
  readonly #remembered = new Map<string, Remembered>();
  readonly #pending = new Map<string, Promise<string | undefined>>();
  readonly #queue = new HashQueue();
  readonly #failures: FailureLimit | undefined;
  readonly #nobodysSalt = createSalt();

  constructor({ database, failuresPerMinute }: CredentialsOptions) {
    this.#database = database;
    this.#failures = failuresPerMinute === 0 ? undefined : new FailureLimit(failuresPerMinute);
  }

  /**
   * Answers the API key of an `Authorization` header that was found right before and still is.
   *
   * The header is hashed with a key of this process (an HMAC takes 2 to 14 µs, this 1 to 6), so that no credential
   * stays in memory longer than the connection it came over: a connection that sends the same header again, as
   * clients do, is known by the header itself.
   *
   * @param connection what is remembered of the connection.
   */
  recall(header: string, connection: Recollection): string | undefined {
    const revision = this.#database.credentialRevision();
    const last = connection.entry;
    if (last !== undefined && last.revision === revision && connection.header === header) return last.apiKey;
    const mark = this.#mark(header);
    const entry = this.#remembered.get(mark);
    if (entry === undefined) return undefined;
    connection.header = header;
    connection.entry = entry;
    if (entry.revision === revision) return entry.apiKey;
    const valid = isSecretValid(this.#database, entry.apiKey, entry.secretId);
    return valid instanceof Promise ? undefined : this.#renew(mark, entry, revision, valid);
  }

  /**
   * Checks an `Authorization` header that `recall` does not know.
   *
   * @param named what the header says, or undefined when it says nothing that could be right.
   * @param address the client's address, for the limit on failures (W58).
   * @throws `unauthorized`; `too_many_failures` with `retryAfter`; `overloaded`.
   */
  async verify(header: string, named: NamedCredentials | undefined, address: string): Promise<string> {
    if (named === undefined) throw unauthorized();
    const known = await this.#recallSlowly(header);
    if (known !== undefined) return known;
    // Clients open many connections at once: the same credentials are checked, and counted, once for all of them.
    const mark = this.#mark(header);
    let pending = this.#pending.get(mark);
    if (pending === undefined) {
      pending = this.#checkCounted(mark, named, address).finally(() => this.#pending.delete(mark));
      this.#pending.set(mark, pending);
    }
    const apiKey = await pending;
    if (apiKey === undefined) throw unauthorized();
    return apiKey;
  }

  /** Counts a failure before it is known to be one, so that many at a time do not all slip through. */
  async #checkCounted(mark: string, named: NamedCredentials, address: string): Promise<string | undefined> {
    const bucket = nameFailures(named.apiKey, address);
    const taken = this.#failures?.take(bucket, address, performance.now());
    if (taken?.allowed === false) {
      throw new JackfieldError('too_many_failures', 'Too many wrong credentials', {
        retryAfter: taken.seconds,
      });
    }
    let wrong = false;
    try {
      const apiKey = await this.#check(mark, named, address);
      wrong = apiKey === undefined;
      return apiKey;
    } finally {
      // Also when nobody could find out.
      if (!wrong) this.#failures?.giveBack(bucket, address);
    }
  }

  async #recallSlowly(header: string): Promise<string | undefined> {
    const mark = this.#mark(header);
    const entry = this.#remembered.get(mark);
    if (entry === undefined) return undefined;
    const revision = this.#database.credentialRevision();
    return this.#renew(
      mark,
      entry,
      revision,
      await isSecretValid(this.#database, entry.apiKey, entry.secretId),
    );
  }

  #renew(mark: string, entry: Remembered, revision: number, valid: boolean): string | undefined {
    if (!valid) {
      this.#remembered.delete(mark);
      // Connections that know it by its header find that it never was of any revision.
      entry.revision = Number.NaN;
      return undefined;
    }
    entry.revision = revision;
    return entry.apiKey;
  }

  async #check(mark: string, named: NamedCredentials, address: string): Promise<string | undefined> {
    // Read before the account is: what changes in between makes this revision old, not the answer wrong.
    const revision = this.#database.credentialRevision();
    const right = await this.#queue.push(address, async () => {
      const secretId = await this.#findMatch(named);
      if (secretId === undefined) return false;
      this.#remember(mark, { apiKey: named.apiKey, secretId, revision });
      return true;
    });
    return right ? named.apiKey : undefined;
  }

  /** Takes as long for an unknown key, a disabled account and a wrong secret (W51). */
  async #findMatch({ apiKey, secret }: NamedCredentials): Promise<string | undefined> {
    const account = await findAccount(this.#database, apiKey);
    const stored = await findSecrets(this.#database, 'api', apiKey);
    // The queue may have come here from a timer.
    this.#database.refresh();
    const given = await hashSecret(secret, account?.secret_salt ?? this.#nobodysSalt);
    const match = stored.find((row) => matchesHash(given, row.content));
    return account?.enabled === 1 ? match?.id : undefined;
  }

  #remember(mark: string, entry: Remembered): void {
    if (this.#remembered.size >= MAX_REMEMBERED) {
      const oldest = this.#remembered.keys().next().value;
      if (oldest !== undefined) this.#remembered.delete(oldest);
    }
    this.#remembered.set(mark, entry);
  }

  #mark(header: string): string {
    return hash('sha256', this.#pepper + header, 'base64');
  }
}

/**
 * Reads the credentials of an `Authorization` header (RFC 7617; W51).
 *
 * @returns undefined when it is absent, of another scheme, no canonical base64 (RFC 4648 §4), no UTF-8, or has no colon.
 */
export function parseBasicCredentials(header: string | undefined): NamedCredentials | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') !== encoded) return undefined;
  const text = bytes.toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0 || !Buffer.from(text, 'utf8').equals(bytes)) return undefined;
  return { apiKey: text.slice(0, colon), secret: text.slice(colon + 1) };
}

/** The name under which wrong credentials are counted: always short, whatever a client names as its key. */
export function nameFailures(apiKey: string, address: string): string {
  return hash('sha256', `${address} ${apiKey}`, 'base64');
}

function unauthorized(): JackfieldError {
  return new JackfieldError('unauthorized', 'You did not provide correct credentials.');
}
