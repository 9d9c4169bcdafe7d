/** A mixed load of one connection on applications of its own, until the server goes. */

import assert from 'node:assert/strict';
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
}

/** Applications of a line, about; a line that has more removes them. */
const ENOUGH = 12;

/** Thrown when the server was gone before the answer. */
class Unanswered extends Error {}

/** An answer, or the news that there was none. */
async function answerOf(sent: Promise<Answer>): Promise<Answer> {
  try {
    return await sent;
  } catch (cause) {
    throw new Unanswered('no answer', { cause });
  }
}

/**
 * Asks for one thing after another until an answer stays away.
 *
 * @throws when an answer is not what it must be while the server is there.
 */
export async function runLine(line: Line): Promise<void> {
  try {
    for (let number = 0; ; number += 1) await takeStep(line, `${line.name}-${number}.`);
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
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

async function create({ client, ledger, own }: Line, mark: string): Promise<void> {
  ledger.doubtCreate(mark);
  const created = application(await answerOf(client.create(markedBody(mark))), 201);
  ledger.answerCreate(mark, created);
  own.add(created.id);
}

async function update({ client, ledger, own }: Line, id: string, mark: string): Promise<void> {
  own.delete(id);
  ledger.doubt(id, mark);
  ledger.take(application(await answerOf(client.update(id, markedBody(mark)))));
  own.add(id);
}

async function remove({ client, ledger, own }: Line, id: string): Promise<void> {
  own.delete(id);
  ledger.doubt(id, undefined);
  const { status, text } = await answerOf(client.remove(id));
  assert.equal(status, 204, text);
  ledger.settle(id, undefined);
}

async function read({ client, ledger }: Line, id: string): Promise<void> {
  ledger.confirm(id, application(await answerOf(client.read(id))));
}

/** Lines of the same account write meanwhile: whatever is in it is whole. */
async function list({ client, ledger }: Line): Promise<void> {
  const { _embedded, total_items } = page(await answerOf(client.list('?page_size=20&page=2')));
  assert.ok(_embedded.applications.length <= total_items);
  for (const each of _embedded.applications) ledger.assertWhole(each);
}
