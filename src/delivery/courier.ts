/** Stands for the engine before it is there: it is loaded when something is queued, so that a server without webhooks pays nothing. */

import type { KeyObject } from 'node:crypto';
import type { Chance, Clock, Ids, Timers } from '../clock.ts';
import { JackfieldError } from '../errors.ts';
import { onFirstUse } from '../first-use.ts';
import type { Database, MaybePromise } from '../storage/database.ts';
import { countQueued, findFirstDue, HURRIED, type Lane } from '../storage/delivery-lanes.ts';
import type { AcceptedEvent, KeptBodies } from './acceptance.ts';
import type { Bell } from './bell.ts';
import { Cleaner } from './cleaner.ts';
import type { Engine } from './engine.ts';
import { Figures, type QueueLevel } from './figures.ts';
import { DeliveryLog, type Logger } from './log.ts';
import { Pace } from './pace.ts';
import type { RoundResult } from './round.ts';
import type { Sender } from './send.ts';

/** Finds the key that calls of an account are signed with. */
type FindSignatureKey = (account: string) => MaybePromise<KeyObject>;

/** What delivering works with. */
export interface CourierOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: Ids;
  readonly chance: Chance;
  readonly bell: Bell;
  readonly logger: Logger;
  readonly bodies: KeptBodies;
  readonly retentionDays: number;
  readonly version: string;
  /** The claim `iss` of tokens. */
  readonly issuer: string;
  /** Loads what finds the newest signature secret of an account; undefined when there is no key to open any. */
  readonly openSigning: (() => Promise<FindSignatureKey>) | undefined;
  /** Loads what makes calls. */
  openSender(): Promise<Sender>;
}

/** How often it is looked whether anything is queued, until the engine looks for itself, in ms. */
const LOOK_EVERY_MS = 1000;

/** Somebody's question to `voice.answer_url`. */
export interface Question {
  readonly account: string;
  readonly application: string;
  readonly webhook: string;
  /** The id of its delivery. */
  readonly id: string;
  readonly event: AcceptedEvent;
}

/** Loads the engine when there is work, and ends it. */
export class Courier {
  readonly figures = new Figures();
  readonly pace = new Pace();
  readonly #options: CourierOptions;
  readonly #cleaner: Cleaner;
  readonly #log: DeliveryLog;
  readonly #openOnce = onFirstUse(() => this.#openEngine());
  #opening: Promise<unknown> | undefined;
  #engine: Engine | undefined;
  #cancelLook: () => void = () => undefined;
  #resting = false;
  #stopped = false;

  constructor(options: CourierOptions) {
    this.#options = options;
    this.#log = new DeliveryLog(options.logger);
    this.#cleaner = new Cleaner({ ...options, log: this.#log });
  }

  /** Begins to look for work, that of other processes and of earlier ones too. */
  start(): void {
    this.#cleaner.start();
    void this.#look();
  }

  /** Tells that a lane has something due. */
  wake(lane: Lane): void {
    if (this.#resting) return;
    this.pace.noteAccepted();
    this.#loadEngine().then(
      (engine) => engine.wake(lane),
      (error) => this.#log.tellTrouble(error, 'nothing can be delivered'),
    );
  }

  /**
   * Makes a round for somebody who waits for its answer.
   *
   * @throws `signing_impossible`, `overloaded` while the server ends.
   */
  async ask({
    account,
    application,
    webhook,
    id,
    event,
  }: Question): Promise<Pick<RoundResult, 'attempts' | 'ncco'> & { status: 'delivered' | 'failed' }> {
    this.assertSigning(event);
    const engine = await this.#loadEngine();
    const { step, attempts, ncco } = await engine.makeRound({
      account,
      applicationId: application,
      delivery: id,
      replayOf: undefined,
      name: webhook,
      webhook: event.webhook,
      application: event.application,
      payload: event.payload,
    });
    return { status: step === 'delivered' ? 'delivered' : 'failed', attempts, ncco };
  }

  /** @throws `signing_impossible` when an event has to be signed and nobody could (D11). */
  assertSigning({ webhook }: AcceptedEvent): void {
    if (!webhook.signed || this.#options.openSigning !== undefined) return;
    throw new JackfieldError('signing_impossible', 'Without a master key no callback can be signed', {
      fix: 'Set JACKFIELD_MASTER_KEY, or signed_callbacks to false in the capability.',
    });
  }

  /** Takes nothing of the queue any more; questions are still asked. */
  rest(): void {
    this.#resting = true;
    this.#cancelLook();
    this.#engine?.rest();
  }

  /** Ends what is under way within `graceMs`; what is left is taken up by the next process. */
  async stop(graceMs: number): Promise<void> {
    this.rest();
    this.#stopped = true;
    await this.#cleaner.stop();
    await this.#opening?.catch(() => undefined);
    await this.#engine?.stop(graceMs);
  }

  /** Reads how long the queue is. */
  async readQueue(): Promise<QueueLevel> {
    const { database, clock } = this.#options;
    const [depth, firstDue] = await Promise.all([countQueued(database), findFirstDue(database)]);
    const isDue = firstDue !== undefined && firstDue !== HURRIED;
    return { depth, ageMs: isDue ? Math.max(0, clock.now() - firstDue) : 0 };
  }

  async #look(): Promise<void> {
    const { database, timers } = this.#options;
    try {
      database.refresh();
      if ((await findFirstDue(database)) !== undefined) await this.#loadEngine();
    } catch (error) {
      this.#log.tellTrouble(error, 'what is queued cannot be read');
    }
    if (this.#engine !== undefined || this.#resting) return;
    this.#cancelLook = timers.after(LOOK_EVERY_MS, () => void this.#look());
  }

  #loadEngine(): Promise<Engine> {
    if (this.#stopped)
      return Promise.reject(new JackfieldError('overloaded', 'The server ends', { retryAfter: 1 }));
    const opening = this.#openOnce();
    this.#opening = opening;
    return opening;
  }

  async #openEngine(): Promise<Engine> {
    const { openSender, openSigning = async () => refuse } = this.#options;
    const [{ Engine }, findSignatureKey] = await Promise.all([import('./engine.ts'), openSigning()]);
    const engine = new Engine({
      ...this.#options,
      // Opened last: of what fails before it nothing is left that would have to be closed.
      sender: await openSender(),
      findSignatureKey,
      figures: this.figures,
      pace: this.pace,
      log: this.#log,
    });
    if (this.#resting) engine.rest();
    engine.start();
    this.#engine = engine;
    return engine;
  }
}

function refuse(): never {
  throw new JackfieldError('signing_impossible', 'Without a master key no callback can be signed');
}
