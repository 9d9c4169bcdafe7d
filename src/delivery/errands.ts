/** Works on deliveries that were taken: finds what is to be sent, makes the round, and lets go of the delivery. */

import type { Chance } from '../clock.ts';
import type { DeliveryStatus } from '../domain/delivery.ts';
import { recallPayload } from '../domain/payload.ts';
import { LIFETIME_MS, timeOfRepeat } from '../domain/retry.ts';
import { findWebhook, type Webhook, type WebhookName } from '../domain/webhook.ts';
import { JackfieldError } from '../errors.ts';
import { chain, type Database, type MaybePromise, type Write } from '../storage/database.ts';
import { findPayload } from '../storage/deliveries.ts';
import type { AttemptRow } from '../storage/delivery-attempts.ts';
import { type Lane, settleLane } from '../storage/delivery-lanes.ts';
import { type ClaimedRow, settleDelivery } from '../storage/delivery-queue.ts';
import { dropSome } from '../storage/delivery-retention.ts';
import { isGone, noteGone } from '../storage/gone-addresses.ts';
import { type KeptBodies, keepsBody } from './acceptance.ts';
import { Holders, type StoredHolder } from './applications.ts';
import type { AttemptTools } from './attempt.ts';
import { type Bell, nameWaited } from './bell.ts';
import type { DeliveryLog } from './log.ts';
import { type Errand, makeRound, type RoundResult } from './round.ts';
import { type Turn, Turns } from './turns.ts';

/** A delivery that was taken, and under which name. */
export interface Held {
  readonly lane: Lane;
  readonly row: ClaimedRow;
  readonly claim: string;
}

/** What the work needs. */
export interface ErrandTools extends AttemptTools {
  readonly database: Database;
  readonly chance: Chance;
  readonly bodies: KeptBodies;
  readonly bell: Bell;
  readonly log: DeliveryLog;
}

/** How a delivery is let go of. */
interface Ending {
  readonly status: DeliveryStatus;
  readonly dueAt: number | null;
  readonly attempts: readonly AttemptRow[];
  readonly ncco?: Buffer | undefined;
  readonly keeps: boolean;
  readonly repeated: boolean;
  readonly rounds: number;
  readonly besides?: readonly Write[];
}

/** Deliveries of an application that is gone, dropped in one transaction at most. */
const DROPPED_AT_ONCE = 500;

/** Lanes whose state is kept, at most. */
const MAX_LANES = 1000;

/** What the deliveries of a lane have in common. */
interface LaneState {
  readonly application: StoredHolder | undefined;
  readonly webhook: Webhook | undefined;
  /** Its address has answered 410. */
  readonly isKnownGone: boolean;
}

/** Works on deliveries, one at a time or many. */
export class Errands {
  readonly #tools: ErrandTools;
  readonly #holders: Holders;
  readonly #turns: Turns | undefined;
  readonly #lanes = new Map<string, { readonly version: number; readonly state: LaneState }>();

  constructor(tools: ErrandTools) {
    this.#tools = tools;
    // Where rows are there at once, whoever asks first has them first.
    this.#turns = tools.database.paysRoundTrips ? new Turns() : undefined;
    this.#holders = new Holders(tools.database);
  }

  /**
   * Does the work on a delivery and records it; what is cut off in between is taken up when the lease has ended.
   *
   * @param isCut says whether the work was given up while it was done.
   * @param onCalled told when no call is under way any more; what is left is to write down what came of it.
   * @throws `storage_unavailable`.
   */
  async run(held: Held, isCut: () => boolean, onCalled: () => void): Promise<void> {
    const { account, application, webhook, repeated } = held.lane;
    const turn = this.#turns?.take(`${account}/${application}/${webhook}/${repeated}`);
    try {
      await this.#runInTurn(held, isCut, onCalled, turn);
    } finally {
      turn?.done();
    }
  }

  async #runInTurn(
    held: Held,
    isCut: () => boolean,
    onCalled: () => void,
    turn: Turn | undefined,
  ): Promise<void> {
    const { lane, row } = held;
    const { clock } = this.#tools;
    const { application, webhook, isKnownGone } = await this.#readLane(lane);
    if (application === undefined) return this.#drop(held);
    const keeps = keepsBody(this.#tools.bodies, application);
    const end = (status: DeliveryStatus) =>
      this.#settle(held, { ...ENDED, keeps, status, rounds: row.rounds });
    if (clock.now() >= row.created_at + LIFETIME_MS) return end('dropped');
    if (webhook === undefined) return end('dropped');
    if (isKnownGone) return end('gone');
    const payload = await this.#findPayload(held);
    if (payload === undefined) return end('dropped');
    const errand: Errand = {
      account: lane.account,
      applicationId: lane.application,
      delivery: row.id,
      replayOf: row.replay_of ?? undefined,
      name: lane.webhook,
      webhook,
      application,
      // Signed unchecked: bytes and hash were written in one unit, when the event was accepted, and neither is written again.
      payload: recallPayload(payload, row.payload_sha256),
    };
    if (turn !== undefined) await turn.before;
    const round = this.#makeRound(errand);
    turn?.done();
    const result = await round;
    onCalled();
    if (isCut()) return;
    await this.#settle(held, this.#conclude(held, application, errand, result, keeps));
  }

  /** Drops what waits in a lane whose application was removed, whatever is under way of it. */
  async dropAbandoned(lane: Lane): Promise<void> {
    const application = await this.#holders.find(lane.account, lane.application);
    if (application === undefined) await this.#dropAll(lane);
    await this.#tools.database.write(settleLane(lane));
  }

  /** Gives a delivery back that nobody has begun to send. */
  async release({ lane, row, claim }: Held): Promise<void> {
    const { clock, database, bell } = this.#tools;
    const at = clock.now();
    await database.write(
      settleDelivery({
        lane,
        id: row.id,
        claim,
        status: row.rounds === 0 ? 'queued' : 'waiting',
        at,
        dueAt: at,
        repeated: lane.repeated,
        rounds: row.rounds,
        attemptsBefore: row.attempts,
        attempts: [],
        keepsBody: true,
        ncco: undefined,
      }),
    );
    bell.ring(lane.account);
  }

  #findPayload({ lane, row }: Held): MaybePromise<Buffer | undefined> {
    const { payload } = row;
    if (payload !== null)
      return typeof payload === 'string' ? Buffer.from(payload, 'utf8') : Buffer.from(payload);
    const found = findPayload(this.#tools.database, { account: lane.account, id: row.id });
    return chain(found, (bytes) => bytes && Buffer.from(bytes));
  }

  /** What the deliveries of a lane have in common; read again once anything but deliveries was committed. */
  #readLane(lane: Lane): MaybePromise<LaneState> {
    const { database } = this.#tools;
    const { account, application, webhook } = lane;
    const key = `${account}/${application}/${webhook}`;
    const version = database.version();
    const known = this.#lanes.get(key);
    if (known?.version === version) return known.state;
    const state = chain(this.#holders.find(account, application), (stored) =>
      this.#judgeLane(lane, stored),
    ) as MaybePromise<LaneState>;
    if (state instanceof Promise) return state;
    if (this.#lanes.size >= MAX_LANES) this.#lanes.clear();
    this.#lanes.set(key, { version, state });
    return state;
  }

  #judgeLane(lane: Lane, application: StoredHolder | undefined): MaybePromise<LaneState> {
    const webhook = application && findWebhook(application.holder, lane.webhook as WebhookName);
    const known = { application, webhook, isKnownGone: false };
    if (webhook === undefined || lane.webhook.startsWith('voice.')) return known;
    return chain(isGone(this.#tools.database, lane, webhook.address), (isKnownGone) => ({
      ...known,
      isKnownGone,
    }));
  }

  /** Nothing is sent unsigned because signing failed (D11): the delivery waits until it can be signed. */
  async #makeRound(errand: Errand): Promise<RoundResult> {
    try {
      return await makeRound(errand, this.#tools);
    } catch (error) {
      if (!(error instanceof JackfieldError) || error.code === 'storage_unavailable') throw error;
      this.#tools.log.tellUnsigned(errand, error);
      return { step: 'later', attempts: [], ncco: undefined, retryAfter: undefined };
    }
  }

  #conclude(
    { lane, row }: Held,
    application: StoredHolder,
    errand: Errand,
    { step, attempts, ncco, retryAfter }: RoundResult,
    keeps: boolean,
  ): Ending {
    const { clock, chance } = this.#tools;
    const rounds = row.rounds + 1;
    if (step !== 'later') {
      const status = step === 'gone' ? 'failed' : step;
      const besides = step === 'gone' ? [noteGone(lane, errand.webhook.address, application.version)] : [];
      return { ...ENDED, status, attempts, ncco, keeps, rounds, besides };
    }
    const failure = { acceptedAt: row.created_at, now: clock.now(), rounds, retryAfter };
    const dueAt = timeOfRepeat({ ...failure, fraction: chance.fraction() });
    return { status: 'waiting', dueAt, attempts, keeps, repeated: true, rounds };
  }

  async #settle(held: Held, ending: Ending): Promise<void> {
    const { database, clock, bell, figures, log } = this.#tools;
    const { lane, row, claim } = held;
    const { ok } = await database.write([
      ...settleDelivery({
        lane,
        id: row.id,
        claim,
        status: ending.status,
        at: clock.now(),
        dueAt: ending.dueAt,
        repeated: ending.repeated || lane.repeated,
        rounds: ending.rounds,
        attemptsBefore: row.attempts,
        attempts: ending.attempts,
        keepsBody: ending.keeps,
        ncco: ending.ncco,
      }),
      ...(ending.besides ?? []),
    ]);
    if (!ok) return log.tellLost(lane, row.id);
    if (ending.dueAt === null) figures.countEnd(ending.status);
    log.tellSettled(lane, row.id, ending);
    bell.ring(lane.account);
    bell.ring(nameWaited(lane.account, row.id));
  }

  /** Of an application that is gone nothing is sent any more (D35). */
  async #drop(held: Held): Promise<void> {
    await this.release(held);
    await this.#dropAll(held.lane);
  }

  async #dropAll({ account, application }: Lane): Promise<void> {
    const { database, clock, bell } = this.#tools;
    let dropped: number;
    do {
      dropped = await dropSome(database, { account, application, now: clock.now(), limit: DROPPED_AT_ONCE });
      bell.ring(account);
    } while (dropped === DROPPED_AT_ONCE);
  }
}

const ENDED = { dueAt: null, attempts: [], repeated: false } as const;
