/** Writes down what several clients of one account ask for and are answered, as a history for each application. */

import assert from 'node:assert/strict';
import { type Answer, application, type Client, page } from '../wire/client.ts';
import { body } from '../wire/sample.ts';
import type { Operation } from './linearizability.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** An answer with the time it took; no answer when there was none, or one that does not say what was done. */
interface Timed {
  readonly begun: number;
  readonly ended: number;
  readonly answer: Answer | undefined;
}

async function time(sent: () => Promise<Answer>): Promise<Timed> {
  const begun = performance.now();
  const answer = await sent().catch(() => undefined);
  const isKnown = answer !== undefined && answer.status !== 503;
  return { begun, ended: isKnown ? performance.now() : NEVER, answer: isKnown ? answer : undefined };
}

/** A list that showed all applications of the account at one moment. */
interface Listing extends Pick<Timed, 'begun' | 'ended'> {
  readonly marks: ReadonlyMap<string, string>;
}

/** The histories of the applications of one account. */
export class Recording {
  /** Applications that somebody may ask for; removed ones are asked for for a while. */
  readonly ids: string[] = [];
  readonly #operations = new Map<string, Operation[]>();
  readonly #lostCreates = new Map<string, Operation>();
  readonly #listings: Listing[] = [];

  async create(client: Client, mark: string): Promise<boolean> {
    const { begun, ended, answer } = await time(() => client.create(body({ name: mark })));
    const operation: Operation = { kind: 'create', mark, begun, ended };
    if (answer === undefined) {
      this.#lostCreates.set(mark, operation);
      return false;
    }
    const { id } = application(answer, 201);
    this.#operations.set(id, [operation]);
    this.ids.push(id);
    return true;
  }

  async update(client: Client, id: string, mark: string): Promise<boolean> {
    const { begun, ended, answer } = await time(() => client.update(id, body({ name: mark })));
    const found = answer && wasFound(answer, 200);
    if (found) assert.equal(application(answer).name, mark);
    return this.#note(id, { kind: 'update', mark, found, begun, ended });
  }

  async remove(client: Client, id: string): Promise<boolean> {
    const { begun, ended, answer } = await time(() => client.remove(id));
    return this.#note(id, { kind: 'remove', found: answer && wasFound(answer, 204), begun, ended });
  }

  async read(client: Client, id: string): Promise<boolean> {
    const { begun, ended, answer } = await time(() => client.read(id));
    if (answer === undefined) return false;
    const mark = wasFound(answer, 200) ? application(answer).name : undefined;
    return this.#note(id, { kind: 'read', mark, begun, ended });
  }

  /** Reads all applications of the account at once. */
  async list(client: Client): Promise<boolean> {
    const { begun, ended, answer } = await time(() => client.list('?page_size=100'));
    if (answer === undefined) return false;
    const { _embedded, total_items } = page(answer);
    assert.equal(_embedded.applications.length, total_items);
    const marks = new Map(_embedded.applications.map(({ id, name }) => [id, name]));
    this.#listings.push({ begun, ended, marks });
    return true;
  }

  /** The history of each application, with what lists showed of it. */
  histories(): Map<string, Operation[]> {
    const histories = new Map(this.#operations);
    for (const { marks } of this.#listings) {
      for (const [id, mark] of marks) {
        if (!histories.has(id)) histories.set(id, [this.#findLostCreate(id, mark)]);
      }
    }
    for (const [id, operations] of histories) {
      const reads = this.#listings.map(
        ({ marks, begun, ended }): Operation => ({ kind: 'read', mark: marks.get(id), begun, ended }),
      );
      histories.set(id, [...operations, ...reads]);
    }
    return histories;
  }

  /** Nobody ever knew the id of an application whose create was lost, so it is as it was created. */
  #findLostCreate(id: string, mark: string): Operation {
    const create = this.#lostCreates.get(mark);
    assert.ok(create !== undefined, `nobody created ${id}, ${mark}`);
    this.#lostCreates.delete(mark);
    return create;
  }

  /** @returns whether there was an answer. */
  #note(id: string, operation: Operation): boolean {
    this.#operations.get(id)?.push(operation);
    return operation.ended !== NEVER;
  }
}

function wasFound({ status, text }: Answer, done: number): boolean {
  assert.ok(status === done || status === 404, `${status}: ${text}`);
  return status === done;
}
