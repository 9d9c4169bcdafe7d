/** RSA key pairs, made ahead of need and off the main thread; private keys live in memory alone. */

import { generateKeyPair } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { JackfieldError } from '../errors.ts';

/** A generated pair: PKCS#8 and SPKI, both PEM. */
export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** The size of keys and of the pool, and how many may wait when it is empty. */
export interface KeyPoolOptions {
  readonly bits: number;
  readonly poolSize: number;
  readonly maxWaiting: number;
}

/**
 * How many pairs are made at a time on a machine with so many processors.
 *
 * Node has four threads for slow work, whatever the machine; two are left to hash secrets and to write the log.
 */
export function countAtOnce(processors: number): number {
  return Math.min(processors, 2);
}

type Waiter = PromiseWithResolvers<KeyPair>;

/** How often a busy server is asked again whether it is idle, in ms. */
const IDLE_CHECK_MS = 200;

/** The share of time the event loop may be busy while keys are made ahead of need. */
const IDLE_UTILIZATION = 0.3;

/** A pool of key pairs; `take` waits when it is empty. */
export class KeyPool {
  readonly #options: KeyPoolOptions;
  readonly #ready: KeyPair[] = [];
  readonly #waiting: Waiter[] = [];
  readonly #parallel = countAtOnce(availableParallelism());
  #making = 0;
  #idleCheck: NodeJS.Timeout | undefined;
  #utilization = performance.eventLoopUtilization();
  #closed = false;

  constructor(options: KeyPoolOptions) {
    this.#options = options;
  }

  /** Pairs ready to be taken. */
  get level(): number {
    return this.#ready.length;
  }

  /** Creates that wait for a pair. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Begins to fill the pool while the server is idle. */
  start(): void {
    this.#scheduleRefill();
  }

  /**
   * Takes a pair; nobody else gets it.
   *
   * @throws `overloaded` when more wait than may.
   */
  take(): Promise<KeyPair> {
    const pair = this.#ready.pop();
    this.#scheduleRefill();
    if (pair !== undefined) return Promise.resolve(pair);
    if (this.#closed || this.#waiting.length >= this.#options.maxWaiting) {
      return Promise.reject(
        new JackfieldError('overloaded', 'Too many creates wait for a key pair', { retryAfter: 1 }),
      );
    }
    const waiter = Promise.withResolvers<KeyPair>();
    this.#waiting.push(waiter);
    this.#makeForWaiters();
    return waiter.promise;
  }

  /** Forgets the pairs and turns away who waits. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#idleCheck);
    this.#ready.length = 0;
    for (const waiter of this.#waiting.splice(0)) {
      waiter.reject(new JackfieldError('overloaded', 'The server is shutting down', { retryAfter: 1 }));
    }
  }

  #makeForWaiters(): void {
    while (this.#making < Math.min(this.#parallel, this.#waiting.length)) this.#make();
  }

  #make(): void {
    this.#making += 1;
    generateKeyPair(
      'rsa',
      {
        modulusLength: this.#options.bits,
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      },
      (error, publicKey, privateKey) => {
        this.#making -= 1;
        this.#hand(error, { publicKey, privateKey });
      },
    );
  }

  #hand(error: Error | null, pair: KeyPair): void {
    if (this.#closed) return;
    const waiter = this.#waiting.shift();
    if (error !== null) waiter?.reject(error);
    else if (waiter !== undefined) waiter.resolve(pair);
    else this.#ready.push(pair);
    this.#makeForWaiters();
    this.#scheduleRefill(0);
  }

  #scheduleRefill(delay = IDLE_CHECK_MS): void {
    if (this.#closed || this.#idleCheck !== undefined || this.#ready.length >= this.#options.poolSize) return;
    this.#idleCheck = setTimeout(() => this.#refill(), delay);
    this.#idleCheck.unref();
  }

  /** One pair at a time, and only while the event loop has time to spare. */
  #refill(): void {
    this.#idleCheck = undefined;
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#utilization);
    this.#utilization = now;
    if (this.#making === 0 && utilization < IDLE_UTILIZATION) this.#make();
    else this.#scheduleRefill();
  }
}
