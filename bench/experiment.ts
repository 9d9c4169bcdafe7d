/** What a row of the table is, and what measuring it gives. */

import type { Stage } from './stage.ts';

/** The figure a row must reach. */
export type Target = { readonly atLeast: number } | { readonly atMost: number } | null;

/** A row before it is measured. */
export interface Row {
  /** What `--only` names it by. */
  readonly name: string;
  readonly title: string;
  readonly target: Target;
  readonly unit: 'ratio' | 'ms' | 'MB';
  readonly decidedBy: 'processor time' | 'wall clock' | 'memory';
}

/** What measuring a row gave. */
export interface Outcome {
  /** One figure for each pair that counts, in the row's unit. */
  readonly figures: readonly number[];
  /** The same by wall clock, where that does not decide. */
  readonly wall?: readonly number[];
  /** What stands behind the figure on either side, for people. */
  readonly ours: string;
  readonly bare: string;
  /** What a reader must know: runs that do not count, limits of this machine. */
  readonly notes: readonly string[];
}

/** One measurement, which gives an outcome for each of its rows, in their order. */
export interface Experiment {
  readonly rows: readonly Row[];
  readonly measure: (stage: Stage) => Promise<readonly Outcome[]>;
}

/** Whether a figure reaches its target. */
export function reaches(figure: number, target: Target): boolean {
  if (target === null) return true;
  return 'atLeast' in target ? figure >= target.atLeast : figure <= target.atMost;
}
