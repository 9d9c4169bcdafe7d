/** Who is next: the deliveries taken of each lane, and how many of a lane may be under way beside all others (D33). */

import type { Lane } from '../storage/delivery-lanes.ts';

/** A delivery that waits here; its payload, where that was taken along. */
interface Waiting {
  readonly row: { readonly payload_bytes: number; readonly payload: string | Uint8Array | null };
}

/** Calls under way, of all lanes. */
const MAX_UNDER_WAY = 1024;

/** Calls under way of one lane. */
const MAX_OF_LANE = 32;

/** Of what is still free a lane gets this part, so that a hundred hung endpoints leave room for one more. */
const SHARE = 32;

/**
 * Deliveries of a lane that are taken ahead of need; only one that goes quickly takes that many. It bounds the rows that
 * one claim adds to a batch of the writer, which all others in that batch wait for.
 */
const MAX_AHEAD = 64;

/**
 * Payloads that wait or are being taken, of all lanes: of 2 KiB at most each, 16 MiB. A claim holds a place for each
 * delivery that it may find until it has found them, so this is enough for 256 lanes that are begun at once.
 */
const MAX_PAYLOADS = 8192;

/** Bytes of payloads under way. */
const MAX_BYTES = 32 * 1024 * 1024;

/** The deliveries of a lane that were taken. */
export class LaneQueue<T> {
  readonly lane: Lane;
  readonly key: string;
  /** Added to by `LaneQueues.add` alone, which counts. */
  readonly waiting: T[] = [];
  underWay = 0;
  /** Something is being taken of it. */
  claiming = false;
  /** There may be more to take. */
  more = false;
  /** Deliveries that ended since something was last taken: how quickly it goes. */
  finished = 0;
  isReady = false;

  constructor(lane: Lane, key: string) {
    this.lane = lane;
    this.key = key;
  }
}

/** The lanes somebody works on; the others are in the database alone. */
export class LaneQueues<T extends Waiting> {
  readonly #queues = new Map<string, LaneQueue<T>>();
  readonly #ready: LaneQueue<T>[] = [];
  underWay = 0;
  #bytes = 0;
  #payloads = 0;

  of(lane: Lane): LaneQueue<T> {
    const { account, application, webhook, repeated } = lane;
    const key = `${account}/${application}/${webhook}/${repeated}`;
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = new LaneQueue<T>(lane, key);
      this.#queues.set(key, queue);
    }
    return queue;
  }

  /** Whether any call can be begun. */
  hasRoom(): boolean {
    return this.underWay < MAX_UNDER_WAY;
  }

  /** How many deliveries of a lane may be taken now. */
  roomOf(queue: LaneQueue<T>): number {
    const free = this.#allowanceOf(queue) - queue.underWay;
    return Math.max(0, free) + aheadOf(queue) - queue.waiting.length;
  }

  /** Whether a lane will soon have nothing to do. */
  isLow(queue: LaneQueue<T>): boolean {
    return queue.waiting.length <= aheadOf(queue) / 2;
  }

  /**
   * Sets places aside for the payloads of deliveries that are about to be taken: for all or for none, and none is taken
   * along then. That costs each a read, but holds up no lane, whatever those with the places do. Answers how many to give back.
   */
  setAside(count: number): number {
    if (this.#payloads + count > MAX_PAYLOADS) return 0;
    this.#payloads += count;
    return count;
  }

  /** Gives places back. */
  giveBack(count: number): void {
    this.#payloads -= count;
  }

  /** Lets a delivery wait that was taken. */
  add(queue: LaneQueue<T>, delivery: T): void {
    queue.waiting.push(delivery);
    this.#payloads += placesOf(delivery);
  }

  /** Puts a lane behind all that have something to start. */
  ready(queue: LaneQueue<T>): void {
    if (queue.isReady || queue.waiting.length === 0) return;
    queue.isReady = true;
    this.#ready.push(queue);
  }

  /** The next delivery to be started, counted as under way; undefined when there is none or no room. */
  next(): [LaneQueue<T>, T] | undefined {
    while (this.hasRoom()) {
      const queue = this.#ready.shift();
      if (queue === undefined) return undefined;
      queue.isReady = false;
      const [first] = queue.waiting;
      if (first === undefined || queue.underWay >= this.#allowanceOf(queue)) continue;
      if (this.underWay > 0 && this.#bytes + first.row.payload_bytes > MAX_BYTES) {
        queue.isReady = true;
        this.#ready.unshift(queue);
        return undefined;
      }
      queue.waiting.shift();
      this.#payloads -= placesOf(first);
      queue.underWay += 1;
      this.underWay += 1;
      this.#bytes += first.row.payload_bytes;
      this.ready(queue);
      return [queue, first];
    }
    return undefined;
  }

  /** Counts a delivery as ended. */
  finish(queue: LaneQueue<T>, { row }: T): void {
    queue.underWay -= 1;
    queue.finished += 1;
    this.underWay -= 1;
    this.#bytes -= row.payload_bytes;
    this.ready(queue);
  }

  /** Keeps nothing of a lane that has nothing to do. */
  forget(queue: LaneQueue<T>): void {
    const isBusy = queue.underWay > 0 || queue.waiting.length > 0 || queue.claiming || queue.more;
    if (!isBusy) this.#queues.delete(queue.key);
  }

  /** Takes out all that was not started. */
  clear(): T[] {
    this.#ready.length = 0;
    const cleared = [...this.#queues.values()].flatMap((queue) => {
      queue.isReady = false;
      return queue.waiting.splice(0);
    });
    for (const delivery of cleared) this.#payloads -= placesOf(delivery);
    return cleared;
  }

  #allowanceOf(queue: LaneQueue<T>): number {
    const free = MAX_UNDER_WAY - this.underWay + queue.underWay;
    return Math.max(1, Math.min(MAX_OF_LANE, Math.ceil(free / SHARE)));
  }
}

function placesOf({ row }: Waiting): number {
  return row.payload === null ? 0 : 1;
}

function aheadOf(queue: LaneQueue<unknown>): number {
  return Math.min(MAX_AHEAD, queue.finished * 2);
}
