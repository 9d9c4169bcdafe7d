/** What was acknowledged to the clients of one account, and what may have been done without their hearing of it. */

import assert from 'node:assert/strict';
import type { Application } from '../wire/client.ts';
import { body } from '../wire/sample.ts';

/** The mark of the version of an application, which stands in several of its members; undefined when it is gone. */
type Mark = string | undefined;

/** What became of writes without an answer. */
export interface Doubts {
  readonly done: number;
  readonly undone: number;
}

/** In how many places of an application its mark stands. */
const PLACES = 4;

const addressOf = (mark: string) => `https://example.com/${mark}`;

/** A body in which a mark stands at its beginning, in the middle and at its end. */
export function markedBody(mark: string): Record<string, unknown> {
  const webhooks = (name: string) => ({
    webhooks: { [name]: { address: addressOf(mark), http_method: 'POST' } },
  });
  return body({
    name: mark,
    capabilities: {
      voice: webhooks('event_url'),
      rtc: webhooks('event_url'),
      verify: webhooks('status_url'),
    },
  });
}

/** An application without what differs from one to another; the items of a list have no link. */
function reduce({ _links, ...application }: Application): string {
  const text = JSON.stringify(application);
  return text.replaceAll(application.id, 'ID').replaceAll(application.name, 'MARK');
}

/** Keeps count of the applications of one account. */
export class Ledger {
  /** By id: every version that may be the stored one. */
  readonly #versions = new Map<string, Set<Mark>>();
  /** Marks of creates that were not answered. */
  readonly #created = new Set<string>();
  #template = '';
  #acknowledged = 0;
  #refused = 0;

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Answers that said that the database cannot be reached. */
  get refused(): number {
    return this.#refused;
  }

  noteRefusal(): void {
    this.#refused += 1;
  }

  /** Notes that a create was answered. */
  answerCreate(mark: string, application: Application): void {
    this.#created.delete(mark);
    assert.equal(application.name, mark);
    this.take(application);
  }

  /** Notes an application as it was answered. */
  take(application: Application): void {
    this.settle(application.id, this.#requireWhole(application));
  }

  /** Notes the version that is the stored one for certain. */
  settle(id: string, mark: Mark): void {
    this.#acknowledged += 1;
    this.#versions.set(id, new Set([mark]));
  }

  /** Notes a create that is sent; it is in doubt until it is answered. */
  doubtCreate(mark: string): void {
    this.#created.add(mark);
  }

  /** Notes an update, or a removal, that is sent; it is in doubt until it is answered. */
  doubt(id: string, mark: Mark): void {
    this.#versions.get(id)?.add(mark);
  }

  /** Asserts that a read of an application without doubts answered its version. */
  confirm(id: string, seen: Application): void {
    const versions = this.#versions.get(id);
    if (versions?.size === 1) assert.deepEqual([...versions], [this.#requireWhole(seen)]);
  }

  /** Asserts that what others may change meanwhile is whole at least. */
  assertWhole(seen: Application): void {
    this.#requireWhole(seen);
  }

  /**
   * Asserts that exactly what was acknowledged is there, and of the rest each write wholly or not at all; from then
   * on what is there counts.
   */
  reconcile(listed: readonly Application[]): Doubts {
    const seen = new Map(listed.map((each) => [each.id, this.#requireWhole(each)]));
    assert.equal(seen.size, listed.length, 'each application is listed once');
    const born = [...seen].filter(([id]) => !this.#versions.has(id));
    for (const [, mark] of born) assert.ok(this.#created.delete(mark), `nobody created ${mark}`);
    let done = born.length;
    let undone = this.#created.size;
    for (const [id, versions] of this.#versions) {
      const mark = seen.get(id);
      assert.ok(versions.has(mark), `${id} is ${mark}, and was left as ${[...versions].join(' or ')}`);
      const isLast = [...versions].at(-1) === mark;
      if (versions.size > 1 && isLast) done += 1;
      else if (versions.size > 1) undone += 1;
      this.#versions.set(id, new Set([mark]));
    }
    for (const [id, mark] of born) this.#versions.set(id, new Set([mark]));
    this.#created.clear();
    return { done, undone };
  }

  /** Applications that are there for certain. */
  live(): string[] {
    return [...this.#versions]
      .filter(([, versions]) => versions.size === 1 && !versions.has(undefined))
      .map(([id]) => id);
  }

  /** The mark of an application that is whole: everything but mark and id is as in every other. */
  #requireWhole(application: Application): string {
    const reduced = reduce(application);
    if (this.#template === '') this.#template = reduced;
    assert.equal(reduced, this.#template);
    assert.equal(reduced.split('MARK').length - 1, PLACES);
    return application.name;
  }
}
