/** Keeps work of a lane in the order in which it was taken, however long each takes to get ready (D32). */

/** A place in the order. */
export interface Turn {
  /** Resolves when all that came before have begun. */
  readonly before: Promise<unknown>;
  /** Tells that this one has begun, or never will. */
  done(): void;
}

/** The order of each lane; nothing is kept of one in which all have begun. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  take(lane: string): Turn {
    const before = this.#last.get(lane) ?? Promise.resolve();
    const { promise: begun, resolve: done } = Promise.withResolvers<void>();
    const both = Promise.all([before, begun]);
    this.#last.set(lane, both);
    void both.then(() => {
      if (this.#last.get(lane) === both) this.#last.delete(lane);
    });
    return { before, done };
  }
}
