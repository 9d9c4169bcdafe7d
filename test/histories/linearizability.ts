/**
 * Whether a history of one application could have come about one operation after another.
 *
 * The search is that of Wing and Gong (1993): of the operations that may come next, each is tried, and a state that
 * led nowhere is not tried twice. It is exponential in what went on at a time, so histories have to be small.
 */

/** When an operation was asked for and when it was answered, by one clock; `Infinity` when it never was. */
interface Span {
  readonly begun: number;
  readonly ended: number;
}

/** One operation on one application. A mark names a version of it; what was never answered has no `found`. */
export type Operation = Span &
  (
    | { readonly kind: 'create'; readonly mark: string }
    | { readonly kind: 'update'; readonly mark: string; readonly found: boolean | undefined }
    | { readonly kind: 'remove'; readonly found: boolean | undefined }
    | { readonly kind: 'read'; readonly mark: string | undefined }
  );

/** The mark of the stored version; undefined while there is none. */
type State = string | undefined;

const IMPOSSIBLE = Symbol('impossible');

/** The state behind an operation, or that its answer cannot be had in this state. */
function apply(operation: Operation, state: State): State | typeof IMPOSSIBLE {
  switch (operation.kind) {
    case 'create':
      return state === undefined ? operation.mark : IMPOSSIBLE;
    case 'read':
      return operation.mark === state ? state : IMPOSSIBLE;
    case 'update':
    case 'remove': {
      const isThere = state !== undefined;
      if (operation.found !== undefined && operation.found !== isThere) return IMPOSSIBLE;
      if (!isThere) return undefined;
      return operation.kind === 'update' ? operation.mark : undefined;
    }
  }
}

/**
 * Whether there is an order in which each answer is right, and in which nothing that was answered comes behind what
 * was asked for later. What was never answered may come at any time after it was asked for, or not at all.
 *
 * @param history the operations on one application, in any order.
 */
export function isLinearizable(history: readonly Operation[]): boolean {
  const failed = new Set<string>();
  const numbers = new Map(history.map((operation, number) => [operation, number]));
  const search = (left: readonly Operation[], state: State): boolean => {
    if (left.every(({ ended }) => ended === Number.POSITIVE_INFINITY)) return true;
    const place = `${left.map((operation) => numbers.get(operation)).join()} ${state}`;
    if (failed.has(place)) return false;
    const firstEnd = Math.min(...left.map(({ ended }) => ended));
    const found = left.some((operation) => {
      if (operation.begun > firstEnd) return false;
      const next = apply(operation, state);
      if (next === IMPOSSIBLE) return false;
      return search(
        left.filter((other) => other !== operation),
        next,
      );
    });
    if (!found) failed.add(place);
    return found;
  };
  return search(
    history.toSorted((a, b) => a.begun - b.begun),
    undefined,
  );
}
