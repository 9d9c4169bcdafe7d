/** The bench against itself: the bare route on both sides, so the ratio shows what noise alone does. */

import type { BareAnswers } from '../baseline/bare-route.ts';
import type { Experiment } from '../experiment.ts';
import { measureReads } from './read-outcome.ts';

const route = '/v2/applications/:id';

export const selfCheck: Experiment = {
  rows: [
    {
      name: 'self-check',
      title: 'bare route against itself (noise of this run)',
      target: null,
      unit: 'ratio',
      decidedBy: 'processor time',
    },
  ],
  measure: async (stage) => {
    const answers: BareAnswers = {
      route,
      contentType: 'application/json; charset=utf-8',
      form: 'string',
      bodies: { all: stage.keyedBody },
    };
    await using ours = await stage.openBareRoute(answers);
    await using bare = await stage.openBareRoute(answers);
    const requests = [{ method: 'GET', path: route.replace(':id', 'one'), status: 200 }] as const;
    return [await measureReads(stage, { ours, bare }, requests)];
  },
};
