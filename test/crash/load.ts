/** A mixed load of one connection on applications of its own, until the server goes. */

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, application, type Client, page } from '../wire/client.ts';
import { type Ledger, markedBody } from './ledger.ts';
import { drawOne, type Lot } from './lot.ts';

/** What one connection works with; nobody else touches the applications it makes. */
export interface Line {
  readonly client: Client;
  readonly ledger: Ledger;
  readonly lot: Lot;
  /** Begins the marks of this line; no other's begin with it. */
  readonly name: string;
  /** The ids of its applications. */
  readonly own: Set<string>;
  /** Whether to go on where there was no answer; a line without it ends there. */
  readonly goesOn?: () => boolean;
}

/** Applications of a line, about; a line that has more removes them. */
const ENOUGH = 12;

/** How long a line rests before it asks again, in ms. */
const REST_MS = 20;

/** Thrown when the server was gone before the answer. */
class Unanswered extends Error {}

/** Thrown when the answer was a 503, which says nothing of what was done. */
class Refused extends Unanswered {}

/** An answer that says what was done, or the news that there was none. */
async function answerOf({ ledger }: Line, sent: Promise<Answer>): Promise<Answer> {
  let answer: Answer;
  try {
    answer = await sent;
  } catch (cause) {
    throw new Unanswered('no answer', { cause });
  }
  if (answer.status !== 503) return answer;
  ledger.noteRefusal();
  assert.match(answer.headers['retry-after'] ?? '', /^[1-9]\d*$/);
  throw new Refused(answer.text);
}

/**
 * Asks for one thing after another until an answer stays away. A 503 is a write in doubt, and no fault: on a machine
 * that is busy with other things even a connection to the database can take too long.
 *
 * @throws when an answer is not what it must be while the server is there.
 */
export async function runLine(line: Line): Promise<void> {
  for (let number = 0; ; number += 1) {
    try {
      await takeStep(line, `${line.name}-${number}.`);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      if (line.goesOn === undefined && !(error instanceof Refused)) return;
      await pause(REST_MS);
    }
    if (line.goesOn?.() === false) return;
  }
}

function takeStep(line: Line, mark: string): Promise<void> {
  const { lot, own } = line;
  const id = drawOne(lot, [...own]);
  const chance = lot();
  if (id === undefined || chance < 0.3) return create(line, mark);
  if (chance < 0.55) return update(line, id, mark);
  if (chance < (own.size > ENOUGH ? 0.85 : 0.7)) return remove(line, id);
  return chance < 0.95 ? read(line, id) : list(line);
}

async function create(line: Line, mark: string): Promise<void> {
  const { client, ledger, own } = line;
  ledger.doubtCreate(mark);
  const created = application(await answerOf(line, client.create(markedBody(mark))), 201);
  ledger.answerCreate(mark, created);
  own.add(created.id);
}

async function update(line: Line, id: string, mark: string): Promise<void> {
  const { client, ledger, own } = line;
  own.delete(id);
  ledger.doubt(id, mark);
  ledger.take(application(await answerOf(line, client.update(id, markedBody(mark)))));
  own.add(id);
}

async function remove(line: Line, id: string): Promise<void> {
  const { client, ledger, own } = line;
  own.delete(id);
  ledger.doubt(id, undefined);
  const { status, text } = await answerOf(line, client.remove(id));
  assert.equal(status, 204, text);
  ledger.settle(id, undefined);
}

async function read(line: Line, id: string): Promise<void> {
  const { client, ledger } = line;
  ledger.confirm(id, application(await answerOf(line, client.read(id))));
}

/** Lines of the same account write meanwhile: whatever is in it is whole. */
async function list(line: Line): Promise<void> {
  const { client, ledger } = line;
  const { _embedded, total_items } = page(await answerOf(line, client.list('?page_size=20&page=2')));
  assert.ok(_embedded.applications.length <= total_items);
  for (const each of _embedded.applications) ledger.assertWhole(each);
}
