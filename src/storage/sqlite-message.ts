/**
 * What crosses between a thread that writes and the writer's: batches one way, what became of them the other.
 *
 * Copying costs by the object, so a batch is a few long lists, and each text of a statement crosses once. A delivery that is
 * claimed and settled (31 values and a row) takes 8.5 µs of both threads together, with a list for each write and an object
 * for each result it took 13.5.
 */

import { type BatchResult, type BoundWrite, HELD } from './sqlite-batch.ts';
import type { Scalar } from './statement.ts';

/** A batch: what there is to say of its writes, and apart from that their values. */
export interface BatchMessage {
  /** Texts of statements that were not known on the other side yet; they are numbered as they come. */
  readonly texts: string[];
  /**
   * For each unit how many writes it has, and behind it for each of these: the number of its statement, how many rows it has
   * to change or `ANY`, 1 when it returns rows, how many values it has.
   */
  readonly heads: number[];
  /** The values of all writes, one after another. */
  readonly values: Scalar[];
}

const ANY = -1;

/** What became of a batch: how many units it had, and those of them that did not just hold, by their place in it. */
export type ResultMessage =
  | number
  | {
      readonly units: number;
      readonly told: readonly (readonly [unit: number, result: BatchResult])[];
    };

/** Writes the batches for one thread. */
export class BatchEncoder {
  readonly #numbers = new Map<string, number>();

  encode(units: readonly (readonly BoundWrite[])[]): BatchMessage {
    const message: BatchMessage = { texts: [], heads: [], values: [] };
    for (const unit of units) {
      message.heads.push(unit.length);
      for (const { sql, values, changes, returns } of unit) {
        message.heads.push(
          this.#numberOf(sql, message.texts),
          changes ?? ANY,
          returns ? 1 : 0,
          values.length,
        );
        for (const value of values) message.values.push(isolate(value));
      }
    }
    return message;
  }

  /** @param texts gets the text when it is new. */
  #numberOf(sql: string, texts: string[]): number {
    let number = this.#numbers.get(sql);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(sql, number);
      texts.push(sql);
    }
    return number;
  }
}

/** Bytes that stand in a larger buffer would cross with the whole of it, and Node's own pool has 64 KiB. */
function isolate(value: Scalar): Scalar {
  const isPart = value instanceof Uint8Array && value.byteLength < value.buffer.byteLength;
  return isPart ? new Uint8Array(value) : value;
}

/** Reads them, in their order. */
export class BatchDecoder {
  readonly #texts: string[] = [];

  decode({ texts, heads, values }: BatchMessage): BoundWrite[][] {
    this.#texts.push(...texts);
    const units: BoundWrite[][] = [];
    let head = 0;
    let value = 0;
    const next = (): number => heads[head++] ?? 0;
    while (head < heads.length) {
      const unit: BoundWrite[] = [];
      for (let left = next(); left > 0; left -= 1) {
        const sql = this.#texts[next()];
        if (sql === undefined) throw new Error('a statement that was never sent');
        const changes = next();
        const returns = next() === 1;
        const from = value;
        value += next();
        unit.push({
          sql,
          values: values.slice(from, value),
          changes: changes === ANY ? undefined : changes,
          returns,
        });
      }
      units.push(unit);
    }
    return units;
  }
}

/** Nearly always there is nothing to tell, and then a number crosses: that alone is 3 of 60 µs of a batch of one unit. */
export function encodeResults(results: readonly BatchResult[]): ResultMessage {
  const told: [unit: number, result: BatchResult][] = [];
  for (const [unit, result] of results.entries()) if (result !== HELD) told.push([unit, result]);
  return told.length === 0 ? results.length : { units: results.length, told };
}

export function decodeResults(message: ResultMessage): BatchResult[] {
  const { units, told } = typeof message === 'number' ? { units: message, told: [] } : message;
  const results = new Array<BatchResult>(units).fill(HELD);
  for (const [unit, result] of told) results[unit] = result;
  return results;
}
