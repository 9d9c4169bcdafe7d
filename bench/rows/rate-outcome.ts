/** What a row says of creates: rates of both sides, and their ratio in each pair. */

import type { Outcome } from '../experiment.ts';
import { medianOf } from '../figures.ts';
import type { LoadResult } from '../load/job.ts';
import type { Pairs } from '../pairs.ts';
import type { LoopResult } from '../stage.ts';
import { wallRate } from './read-outcome.ts';

/** The median of some rates, for people. */
export function describeRates(rates: readonly number[]): string {
  return `${Math.round(medianOf(rates)).toLocaleString('en')}/s`;
}

/** The outcome of creates against a bare loop that writes rows of so many bytes. */
export function presentRates({ pairs, notes }: Pairs<LoadResult, LoopResult>, rowBytes: number): Outcome {
  const oursRates = pairs.map(({ ours }) => wallRate(ours));
  const bareRates = pairs.map(({ bare }) => bare.count / bare.seconds);
  return {
    figures: oursRates.map((rate, at) => rate / (bareRates[at] ?? Number.NaN)),
    ours: describeRates(oursRates),
    bare: `${describeRates(bareRates)}, rows of ${rowBytes} bytes`,
    notes,
  };
}
