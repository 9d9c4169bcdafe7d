/** Alternating pairs: ours, bare, ours, bare …, each pair on an idle machine, so that drift hits both alike. */

import type { LoadResult } from './load/job.ts';
import { waitForIdleMachine } from './machine.ts';

/** A run of either side; `void` says what makes it count for nothing, `disturbed` that others were at work. */
export type Run<Result> =
  | { readonly result: Result; readonly disturbed: boolean }
  | { readonly void: string };

interface Pair<Ours, Bare> {
  readonly ours: Ours;
  readonly bare: Bare;
}

export interface Pairs<Ours, Bare> {
  readonly pairs: readonly Pair<Ours, Bare>[];
  readonly notes: readonly string[];
}

/** Share of a core that others may use during a run; beyond it the pair is measured again. */
const OTHERS_SHARE = 0.15;
/** How often, for each round, a disturbed pair is measured again before it is taken as it is. */
const REPEATS = 2;

/** A result is taken as it is. */
export function countsAlways<Result>(result: Result): Run<Result> {
  return { result, disturbed: false };
}

/** A run of the load generator counts only when every answer was the one expected. */
export function countsWithoutErrors(result: LoadResult): Run<LoadResult> {
  const bad = result.groups.find((group) => group.errors > 0 || group.answers === 0);
  if (bad !== undefined) {
    const first = bad.firstError ?? 'no answer at all';
    return { void: `${bad.name}: ${bad.errors} errors, the first: ${first}` };
  }
  return { result, disturbed: (result.othersBusy ?? 0) > OTHERS_SHARE };
}

/** Measures so many pairs; one of which either run is void is left out and told of. */
export async function measurePairs<Ours, Bare>(
  rounds: number,
  runOurs: () => Promise<Run<Ours>>,
  runBare: () => Promise<Run<Bare>>,
): Promise<Pairs<Ours, Bare>> {
  const pairs: Pair<Ours, Bare>[] = [];
  const notes: string[] = [];
  let repeatsLeft = rounds * REPEATS;
  let disturbed = 0;
  for (let round = 1; round <= rounds; ) {
    await waitForIdleMachine();
    const ours = await runOurs();
    const bare = await runBare();
    if ('void' in ours) notes.push(`round ${round} does not count: ${ours.void}`);
    else if ('void' in bare) notes.push(`round ${round} does not count: baseline: ${bare.void}`);
    else if ((ours.disturbed || bare.disturbed) && repeatsLeft-- > 0) continue;
    else {
      if (ours.disturbed || bare.disturbed) disturbed++;
      pairs.push({ ours: ours.result, bare: bare.result });
    }
    round++;
  }
  if (disturbed > 0) notes.push(`others kept the machine busy during ${disturbed} of ${rounds} rounds`);
  return { pairs, notes };
}
