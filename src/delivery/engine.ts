/** The engine: takes what is due lane by lane, works on it within bounds, keeps its leases, and ends in order. */

import type { Timers } from '../clock.ts';
import { type DueLane, findDueLanes, HURRIED, type Lane } from '../storage/delivery-lanes.ts';
import { claimDeliveries, extendLease } from '../storage/delivery-queue.ts';
import { Errands, type ErrandTools, type Held } from './errands.ts';
import { type LaneQueue, LaneQueues } from './lane-queues.ts';
import type { Pace } from './pace.ts';
import { type Errand, makeRound, type RoundResult } from './round.ts';

/** What the engine works with. */
export interface EngineOptions extends ErrandTools {
  readonly timers: Timers;
  readonly pace: Pace;
}

/** A delivery that was taken, and until when. */
interface Leased extends Held {
  leaseUntil: number;
}

/** How often the list of lanes is looked at, for what has become due and what other processes accept, in ms. */
const LOOK_EVERY_MS = 1000;

/** How long nobody else takes what was taken, in ms; shorter than the time after which work is taken up (D31). */
const LEASE_MS = 20_000;

/** How often leases are made longer, in ms. */
const RENEW_EVERY_MS = 5000;

/** Leases made longer in one transaction. */
const RENEWED_AT_ONCE = 100;

/** Deliveries begun and not written down yet; beyond it calls wait for the disk. */
const MAX_UNSETTLED = 256;

/** Lanes read at a time. */
const LANES_AT_A_TIME = 100;

/** Works on what is queued, together with the engines of other processes. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #errands: Errands;
  readonly #queues = new LaneQueues<Leased>();
  readonly #held = new Map<string, Leased>();
  readonly #name: string;
  #endLooks: () => void = () => undefined;
  #endRenewals: () => void = () => undefined;
  #released: Promise<void> | undefined;
  #claims = 0;
  #looking = false;
  #lookAgain = false;
  #stopping = false;
  #cut = false;
  #idle: PromiseWithResolvers<void> | undefined;
  #claiming = 0;
  #unsettled = 0;
  /** Calls that may still be begun in this turn of the event loop; undefined while none has been. */
  #left: number | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#errands = new Errands(options);
    // The part of it that is random: short, since each row that is taken grows by it.
    this.#name = options.ids.uuid().slice(-12);
  }

  /** Begins to take what is due. */
  start(): void {
    this.#endRenewals = this.#every(RENEW_EVERY_MS, () => this.#renew());
    if (this.#stopping) return;
    this.#endLooks = this.#every(LOOK_EVERY_MS, () => this.#look());
    void this.#look();
  }

  /** Tells that a lane has something due; it is taken at once, if there is room. */
  wake(lane: Lane): void {
    this.#feed(this.#queues.of(lane));
  }

  /** Makes a round for somebody who waits for its answer. */
  makeRound(errand: Errand): Promise<RoundResult> {
    return makeRound(errand, this.#options);
  }

  /** Takes nothing any more, and gives back what nobody has begun to send; who waits for an answer still gets it. */
  rest(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#endLooks();
    this.#released = this.#releaseAll(this.#queues.clear());
  }

  /** Rests, waits for the calls under way, `graceMs` at the most, and gives back what is left. */
  async stop(graceMs: number): Promise<void> {
    if (this.#idle !== undefined) return;
    this.rest();
    this.#idle = Promise.withResolvers();
    this.#settleIdle();
    const cancel = this.#options.timers.after(graceMs, () => this.#idle?.resolve());
    await Promise.all([this.#released, this.#idle.promise]);
    cancel();
    this.#endRenewals();
    this.#cut = true;
    await this.#releaseAll([...this.#held.values()]);
    await this.#options.sender.close();
  }

  /** Runs something again and again; answers how to end that. */
  #every(ms: number, run: () => Promise<void>): () => void {
    let cancel: () => void;
    const again = () => {
      cancel = this.#options.timers.after(ms, () => {
        again();
        void run();
      });
    };
    again();
    return () => cancel();
  }

  /** Looks at all lanes that are due, in pages; those behind a lane with nothing to do are not kept waiting. */
  async #look(): Promise<void> {
    this.#lookAgain = true;
    if (this.#looking) return;
    this.#looking = true;
    try {
      while (this.#lookAgain && !this.#stopping) {
        this.#lookAgain = false;
        await this.#lookAtLanes();
      }
    } catch (error) {
      this.#options.log.tellTrouble(error, 'what is due cannot be read');
    } finally {
      this.#looking = false;
    }
  }

  async #lookAtLanes(): Promise<void> {
    const { database, clock } = this.#options;
    database.refresh();
    let after: DueLane | undefined;
    do {
      const lanes = await findDueLanes(database, { now: clock.now(), after, limit: LANES_AT_A_TIME });
      for (const lane of lanes) {
        if (lane.dueAt === HURRIED) await this.#errands.dropAbandoned(lane);
        else if (this.#queues.hasRoom()) this.#feed(this.#queues.of(lane));
      }
      after = lanes.length === LANES_AT_A_TIME ? lanes.at(-1) : undefined;
    } while (after !== undefined && this.#queues.hasRoom() && !this.#stopping);
  }

  /** Takes as much of a lane as it has room for. */
  #feed(queue: LaneQueue<Leased>): void {
    const room = this.#stopping ? 0 : this.#queues.roomOf(queue);
    queue.more = true;
    if (queue.claiming || room <= 0) return;
    queue.claiming = true;
    queue.more = false;
    queue.finished = 0;
    this.#claiming += 1;
    void this.#claim(queue, room, this.#queues.setAside(room));
  }

  async #claim(queue: LaneQueue<Leased>, limit: number, places: number): Promise<void> {
    const { database, clock, log } = this.#options;
    const { lane } = queue;
    const now = clock.now();
    this.#claims += 1;
    const claim = `${this.#name}/${this.#claims}`;
    const leaseUntil = now + LEASE_MS;
    let failed = false;
    try {
      const taking = { lane, claim, now, leaseUntil, limit, takesPayloads: places > 0 };
      const rows = await claimDeliveries(database, taking);
      if (rows.length === limit) queue.more = true;
      for (const row of rows) {
        const held = { lane, row, claim, leaseUntil };
        this.#held.set(row.id, held);
        this.#queues.add(queue, held);
      }
    } catch (error) {
      failed = true;
      log.tellTrouble(error, 'nothing can be taken of the queue');
    }
    this.#queues.giveBack(places);
    queue.claiming = false;
    this.#claiming -= 1;
    if (this.#stopping) await this.#releaseAll(this.#queues.clear());
    this.#settleIdle();
    this.#queues.ready(queue);
    this.#advance();
    // What cannot be taken now is looked at again with the list of lanes.
    if (!failed) this.#goOn(queue);
  }

  /** Starts what there is room for, one of each lane in turn; what is too much for this turn comes in the next. */
  #advance(): void {
    while (this.#left !== 0) {
      const next = this.#queues.next();
      if (next === undefined) return;
      this.#left = (this.#left ?? this.#openTurn()) - 1;
      const [queue, held] = next;
      this.#options.figures.underWay += 1;
      void this.#work(queue, held);
    }
  }

  /** Answers how many calls may be begun in this turn, and goes on in the next. */
  #openTurn(): number {
    setImmediate(() => {
      this.#left = undefined;
      this.#advance();
    });
    return this.#options.pace.next();
  }

  /**
   * A lane's place is free again when its call has ended, not when that is on disk: each call would wait for a commit
   * otherwise, and a commit would hold no more deliveries than a lane has places.
   */
  async #work(queue: LaneQueue<Leased>, held: Leased): Promise<void> {
    const { log, figures } = this.#options;
    let isUnderWay = true;
    const finish = () => {
      if (!isUnderWay) return;
      isUnderWay = false;
      this.#queues.finish(queue, held);
      this.#advance();
      this.#goOn(queue);
    };
    this.#unsettled += 1;
    try {
      await this.#errands.run(
        held,
        () => this.#cut,
        () => this.#unsettled < MAX_UNSETTLED && finish(),
      );
    } catch (error) {
      log.tellTrouble(error, 'a delivery cannot be worked on; it is taken up again');
    }
    if (!this.#cut) this.#held.delete(held.row.id);
    figures.underWay -= 1;
    this.#unsettled -= 1;
    finish();
    this.#settleIdle();
  }

  #goOn(queue: LaneQueue<Leased>): void {
    if (queue.more && this.#queues.isLow(queue)) this.#feed(queue);
    this.#queues.forget(queue);
  }

  async #renew(): Promise<void> {
    const { database, clock, log } = this.#options;
    const now = clock.now();
    const due = [...this.#held.values()].filter(
      ({ leaseUntil }) => leaseUntil < now + LEASE_MS - RENEW_EVERY_MS,
    );
    try {
      for (let at = 0; at < due.length; at += RENEWED_AT_ONCE) {
        const some = due.slice(at, at + RENEWED_AT_ONCE);
        const leaseUntil = clock.now() + LEASE_MS;
        await database.write(
          some.map(({ lane, row, claim }) =>
            extendLease({ account: lane.account, id: row.id }, claim, leaseUntil),
          ),
        );
        for (const held of some) held.leaseUntil = leaseUntil;
      }
    } catch (error) {
      log.tellTrouble(error, 'leases cannot be made longer');
    }
  }

  async #releaseAll(held: readonly Held[]): Promise<void> {
    const { log } = this.#options;
    const released = held.map((one) => this.#errands.release(one));
    for (const result of await Promise.allSettled(released)) {
      if (result.status === 'rejected') log.tellTrouble(result.reason, 'a delivery cannot be given back');
    }
    for (const { row } of held) this.#held.delete(row.id);
  }

  #settleIdle(): void {
    if (this.#unsettled === 0 && this.#claiming === 0) this.#idle?.resolve();
  }
}
